-- The same in a transaction that asks for one moment for all its statements.
-- withstands: race
-- reply: first, second
begin isolation level repeatable read;
select id as first from post order by id desc limit 1 offset 0 \gset
select id as second from post order by id desc limit 1 offset 1 \gset
commit;
