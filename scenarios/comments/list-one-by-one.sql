-- Read one comment after the other, and for each its author: N comments, 2 N statements. At
-- READ COMMITTED each sees a moment of its own: one author under two names.
-- withstands: race from repeatable-read, repeat
-- reply: comment1, deleted1, name1, comment2, deleted2, name2, comment3, deleted3, name3
begin;
select id as comment1, deleted as deleted1, author as a1 from comment
  where post = :post and id > :after order by id limit 1 \gset
select name as name1 from person where id = :a1 \gset
select id as comment2, deleted as deleted2, author as a2 from comment
  where post = :post and id > :comment1 order by id limit 1 \gset
select name as name2 from person where id = :a2 \gset
select id as comment3, deleted as deleted3, author as a3 from comment
  where post = :post and id > :comment2 order by id limit 1 \gset
select name as name3 from person where id = :a3 \gset
commit;
