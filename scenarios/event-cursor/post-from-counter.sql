-- Draw the number from a row instead of a sequence. The row stays locked until the COMMIT, so
-- numbers and commits have one order, without gaps. At REPEATABLE READ the second post fails
-- with 40001.
-- withstands: race
-- reply: event
begin;
update last_number set n = n + 1 where id = 1 returning n as event \gset
insert into event (id, author) values (:event, :client_id);
commit;
