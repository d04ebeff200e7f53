create table account (
  id integer primary key,
  balance integer not null
);
create table payment (
  receipt serial primary key,
  key text unique,
  amount integer not null
);
insert into account values (1, 100);
