-- Take the lease if nobody has it, or if it has run out; read the note under it. READ COMMITTED
-- on purpose: the note is read after the wait for the lease.
-- withstands: race
-- refusal: 423
-- reply: token, seen
begin isolation level read committed;
\set token 0
update lease set holder = :client_id, token = token + 1, expires = now() + interval '30 seconds'
  where id = 1 and (holder is null or expires < now()) returning token \aset
\if :token = 0
  \set status 423
  rollback;
\else
  select value as seen from note where id = 1 \gset
  commit;
\endif
