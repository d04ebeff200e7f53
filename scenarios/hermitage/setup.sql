create table test (id int primary key, value int not null);
insert into test values (1, 10), (2, 20);
