-- Reply to a comment, and lock it meanwhile, so that it cannot be removed before the reply is
-- there.
-- withstands: race
begin;
\set there 0
select 1 as there from comment where id = :comment and not deleted for key share \aset
\if :there = 0
  \set status 404
  rollback;
\else
  insert into comment (post, author, parent, body) values (:post, 1, :comment, :body);
  commit;
\endif
