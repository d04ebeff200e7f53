create table account (
  id integer primary key,
  credit integer not null
);
create table seen_event (
  id integer primary key
);
insert into account values (1, 0);
