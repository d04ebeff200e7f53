create table item (
  id integer primary key,
  stock integer not null
);
create table purchase (
  buyer integer primary key
);
create table message (
  buyer integer not null
);
create schema if not exists broker;
create table broker.message (
  buyer integer not null
);
insert into item values (1, 1);
