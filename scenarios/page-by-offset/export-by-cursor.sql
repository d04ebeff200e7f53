-- Two pages in one request, by cursor: what is added or removed at the top is not in the way.
-- withstands: race
-- reply: first, second
begin;
select id as first from post order by id desc limit 1 \gset
select id as second from post where id < :first order by id desc limit 1 \gset
commit;
