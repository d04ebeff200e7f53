-- Insert whatever comes, count by reading and writing, return everything, say 200. Two comments
-- are counted as one; asked again, it comments again; of a wrong token or post it says nothing.
-- withstands: race from repeatable-read
begin;
\set author 0
\set n 0
select person as author from session where token = :token \aset
insert into comment (post, author, body) values (:post, :author, :body);
select comments as n from post where id = :post \aset
\set n :n + 1
update post set comments = :n where id = :post;
-- rows: comments
select id, author, body from comment where post = :post order by id;
commit;
