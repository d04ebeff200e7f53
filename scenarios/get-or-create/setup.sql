create table label (
  id serial primary key,
  name text not null
);
create table tag (
  id serial primary key,
  name text not null unique,
  uses integer not null default 0
);
