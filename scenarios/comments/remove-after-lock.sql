-- Lock the comment first, then look for replies with a statement of its own, at READ COMMITTED:
-- it sees what was committed during the wait. Those who reply must lock the comment as well.
-- withstands: race
begin isolation level read committed;
\set gone 0
select id from comment where id = :comment for update;
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
