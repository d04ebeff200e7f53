-- Read one account, then the other. At READ COMMITTED each statement sees a moment of its own,
-- and a transfer in between is counted half. REPEATABLE READ shows both as of one moment.
-- withstands: race from repeatable-read
-- reply: total
begin;
select balance as first from account where id = 1 \gset
select balance as second from account where id = 2 \gset
\set total :first + :second
commit;
