-- No two bookings of one room overlap.
select not exists (
  select 1 from booking a join booking b on a.room = b.room and a.id < b.id
  where a.starts < b.ends and b.starts < a.ends);
