create table event (
  id bigserial primary key,
  author integer not null
);
create table last_number (
  id integer primary key,
  n bigint not null
);
insert into last_number values (1, 0);
