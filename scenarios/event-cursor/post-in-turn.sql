-- Take a lock that all posts share before the number is drawn. Whoever has a higher number has
-- committed later. The lock is given back by the COMMIT.
-- withstands: race
-- reply: event
begin;
select pg_advisory_xact_lock(1);
insert into event (author) values (:client_id) returning id as event \gset
commit;
