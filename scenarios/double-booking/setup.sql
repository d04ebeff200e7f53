create table room (
  id integer primary key,
  bookings integer not null
);
create table booking (
  id serial primary key,
  room integer not null references room,
  starts integer not null,
  ends integer not null check (starts < ends),
  guest integer not null
);
create table room_hour (
  room integer not null,
  hour integer not null,
  guest integer not null,
  primary key (room, hour)
);
insert into room values (1, 0);
