create table post (
  id integer primary key
);
insert into post values (1), (2), (3), (4);
