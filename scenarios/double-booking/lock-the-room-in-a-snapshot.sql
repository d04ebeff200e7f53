-- The same lock at REPEATABLE READ: the snapshot is taken before the wait, the room itself was
-- not changed, so nothing fails, and the second request looks at the calendar of before.
-- reply: booking
begin isolation level repeatable read;
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
