-- Two requests that come with one key by mistake: the first is done, the other, which says
-- something else, is told 409. Both see the same key, so the second waits for the first.
-- withstands: race, repeat
-- reply: comment
begin;
\set comment 0
insert into comment (post, author, body, request) values (:post, 1, :body, 'one-key')
  on conflict (request) do nothing returning id as comment \aset
\if :comment > 0
  update post set comments = comments + 1 where id = :post;
  \set status 201
\else
  select id as comment, case when body = :body then 201 else 409 end as status
    from comment where request = 'one-key' \gset
\endif
commit;
