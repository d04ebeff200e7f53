create table item (
  id integer primary key,
  stock integer not null
);
create table sale (
  id serial primary key,
  item integer not null references item,
  buyer integer not null
);
insert into item values (1, 1);
