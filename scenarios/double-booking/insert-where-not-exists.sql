-- The same in one statement. It is still a look and then an insert: a row that another
-- transaction has not committed is not seen, and nothing makes the statement wait.
-- withstands: race from serializable
-- reply: booking
begin;
\set booking 0
insert into booking (room, starts, ends, guest)
  select :room, :starts, :ends, :client_id
  where not exists (
    select 1 from booking where room = :room and starts < :ends and ends > :starts)
  returning id as booking \aset
commit;
\if :booking = 0
  \set status 409
\endif
