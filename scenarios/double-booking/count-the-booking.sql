-- Change the row of the room, not only lock it. At READ COMMITTED the second request waits,
-- then looks; at REPEATABLE READ it fails with 40001 instead of looking at an old calendar.
-- withstands: race
-- reply: booking
begin;
update room set bookings = bookings + 1 where id = :room;
select count(*) as taken from booking
  where room = :room and starts < :ends and ends > :starts \gset
\if :taken > 0
  \set status 409
  rollback;
\else
  insert into booking (room, starts, ends, guest) values (:room, :starts, :ends, :client_id)
    returning id as booking \gset
  commit;
\endif
