-- Take the lease, and put its token on the note while reading it: from here on nobody with an
-- older token can write.
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
  update note set token = :token where id = 1 returning value as seen \gset
  commit;
\endif
