-- The number of comments of each post is the number of its comments.
select not exists (select 1 from post
  where comments <> (select count(*) from comment c where c.post = post.id and c.parent is null));
-- No reply has lost the comment that it replies to.
select not exists (select 1 from comment r where r.parent is not null
  and not exists (select 1 from comment c where c.id = r.parent));
