create table counter (id int primary key, n int not null);
insert into counter values (1, 0), (2, 0);
create table doctor (id int primary key, on_call boolean not null);
insert into doctor values (1, true), (2, true);
create table account (id int primary key, name varchar(20) not null unique);
