create table shift (
  id integer primary key,
  changes integer not null
);
create table doctor (
  name text primary key,
  shift integer not null,
  on_call boolean not null
);
insert into shift values (1, 0);
insert into doctor values ('alice', 1, true), ('bob', 1, true);
