-- Ask with a lock: nobody can take the lease over before the write is committed. It needs the
-- lease and the note in one database; and the next holder must read the note after it waited
-- (see acquire).
-- withstands: race
-- refusal: 423
-- reply: wrote
begin isolation level read committed;
\set valid 0
select 1 as valid from lease
  where id = 1 and token = :token and holder = :client_id for update \aset
\if :valid = 0
  \set status 423
  rollback;
\else
  \set next :seen + 1
  update note set value = :next where id = 1;
  commit;
  \set wrote 1
\endif
