create table product (
  id integer primary key,
  name text not null
);
create table adjustment (
  id serial primary key,
  product integer not null references product,
  amount integer not null
);
insert into product values (1, 'lamp');
insert into adjustment (product, amount) values (1, 3), (1, -2);
