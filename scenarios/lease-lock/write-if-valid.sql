-- Ask whether the lease is still ours and valid, then write. It can run out in between.
-- refusal: 423
-- reply: wrote
begin;
select count(*) as valid from lease
  where id = 1 and token = :token and holder = :client_id and expires > now() \gset
\if :valid = 0
  \set status 423
  rollback;
\else
  \set next :seen + 1
  update note set value = :next where id = 1;
  commit;
  \set wrote 1
\endif
