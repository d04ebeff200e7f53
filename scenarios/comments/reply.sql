-- Reply to a comment if it is there. It can be removed between the look and the insert.
-- withstands: race
begin;
select count(*) as there from comment where id = :comment and not deleted \gset
\if :there = 0
  \set status 404
  rollback;
\else
  insert into comment (post, author, parent, body) values (:post, 1, :comment, :body);
  commit;
\endif
