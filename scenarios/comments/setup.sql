create table person (
  id integer primary key,
  name text not null,
  blocked boolean not null
);
create table session (
  token text primary key,
  person integer not null references person
);
create table post (
  id integer primary key,
  deleted boolean not null,
  comments integer not null
);
create table comment (
  id bigserial primary key,
  post integer not null,
  author integer not null,
  parent bigint,
  body text not null,
  deleted boolean not null default false,
  request text unique
);
insert into person values (1, 'ann', false), (2, 'bob', false), (3, 'eve', true);
insert into session values ('token-of-ann', 1), ('token-of-bob', 2), ('token-of-eve', 3);
insert into post values (1, false, 3), (2, true, 0);
insert into comment (post, author, body) values (1, 1, 'first'), (1, 2, 'second'), (1, 1, 'third');
