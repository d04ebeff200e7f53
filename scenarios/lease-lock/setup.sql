create table lease (
  id integer primary key,
  holder integer,
  token integer not null,
  expires timestamptz
);
create table note (
  id integer primary key,
  value integer not null,
  token integer not null
);
insert into lease values (1, null, 0, null);
insert into note values (1, 0, 0);
