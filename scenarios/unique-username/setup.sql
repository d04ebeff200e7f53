create table account (
  id serial primary key,
  name text not null,
  owner integer not null
);
create table member (
  id serial primary key,
  name text not null unique,
  owner integer not null,
  request text
);
