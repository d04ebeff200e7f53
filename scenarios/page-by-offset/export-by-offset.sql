-- Two pages in one request, by offset. Each statement at READ COMMITTED counts from the top of
-- its own moment.
-- withstands: race from repeatable-read
-- reply: first, second
begin;
select id as first from post order by id desc limit 1 offset 0 \gset
select id as second from post order by id desc limit 1 offset 1 \gset
commit;
