create table account (
  id integer primary key,
  balance integer not null check (balance >= 0)
);
insert into account values (1, 50), (2, 50);
