create table customer (id integer primary key, name text not null);
create table item (id integer primary key, stock integer not null);
create table purchase (
  customer integer references customer (id),
  item integer not null,
  primary key (customer, item)
);
create table review (
  customer integer references customer (id),
  stars integer not null,
  primary key (customer)
);
insert into customer values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e'), (6, 'f'), (7, 'g'),
  (8, 'h');
insert into item values (1, 5), (2, 5), (3, 5), (4, 5), (5, 5), (6, 5), (7, 5);
