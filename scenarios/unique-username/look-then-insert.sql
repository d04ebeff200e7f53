-- Look whether the name is free, then insert it, into a table that has no unique key on the
-- name. Both find it free.
-- withstands: race from serializable
-- reply: account
begin;
select count(*) as taken from account where name = :name \gset
\if :taken > 0
  \set status 409
  rollback;
\else
  insert into account (name, owner) values (:name, :client_id) returning id as account \gset
  commit;
\endif
