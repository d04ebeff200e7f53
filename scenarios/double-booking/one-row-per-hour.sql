-- One row for each hour, with a unique key. The second insert of an hour waits for the first,
-- then fails with 23505, which the client hears as 409. It holds at every level.
-- withstands: race
insert into room_hour (room, hour, guest)
  values (:room, :starts, :client_id), (:room, :starts + 1, :client_id);
