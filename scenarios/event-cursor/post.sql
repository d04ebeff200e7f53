-- Post an event. Its number is drawn now; it is seen when the transaction commits.
-- reply: event
begin;
insert into event (author) values (:client_id) returning id as event \gset
commit;
