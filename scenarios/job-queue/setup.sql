create table job (
  id integer primary key,
  taken_by integer,
  done boolean not null default false
);
create schema if not exists mailer;
create table mailer.letter (
  job integer not null
);
create table mailer.known_letter (
  job integer primary key
);
insert into job (id) values (1), (2);
