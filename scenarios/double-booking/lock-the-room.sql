-- Lock the row of the room, then look. It asks for READ COMMITTED, where each statement looks
-- anew: whoever waited for the lock sees what was booked meanwhile.
-- withstands: race
-- reply: booking
begin isolation level read committed;
select id as locked from room where id = :room for update \gset
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
