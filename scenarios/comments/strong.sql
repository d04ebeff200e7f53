-- Decide the status in one look, insert under the key of the request, count in the database. A
-- key that was there before answers with its comment, or 409 if it came with another request.
-- withstands: race, repeat
-- reply: comment
begin;
\set comment 0
select case when not exists (select 1 from session where token = :token) then 401
    when exists (select 1 from session s join person p on p.id = s.person
                 where s.token = :token and p.blocked) then 403
    when not exists (select 1 from post where id = :post and not deleted) then 404
    when :body = '' then 400 else 201 end as status \gset
\if :status = 201
  insert into comment (post, author, body, request)
    values (:post, (select person from session where token = :token), :body, :key)
    on conflict (request) do nothing returning id as comment \aset
  \if :comment > 0
    update post set comments = comments + 1 where id = :post;
  \else
    select id as comment, case when post = :post and body = :body then 201 else 409 end
      as status from comment where request = :key \gset
  \endif
\endif
commit;
