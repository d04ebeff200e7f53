create table customer (
  id integer primary key,
  points integer not null
);
insert into customer values (1, 9), (2, 10);
