create table product (
  id integer primary key,
  price integer not null,
  stock integer not null,
  version integer not null
);
insert into product values (1, 100, 5, 1);
