-- Look for a booking that overlaps, and insert if there is none. Two requests look at the same
-- time, and neither sees the other's row.
-- withstands: race from serializable
-- reply: booking
begin;
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
