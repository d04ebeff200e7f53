-- Remove a comment that nobody has replied to. Whether there are replies is looked up before
-- the wait for a lock, and not again after it.
-- withstands: race from serializable
begin;
\set gone 0
delete from comment where id = :comment
  and not exists (select 1 from comment r where r.parent = :comment)
  returning 1 as gone \aset
\if :gone = 0
  \set status 409
  rollback;
\else
  update post set comments = comments - 1 where id = :post;
  commit;
\endif
