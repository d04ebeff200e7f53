-- Read the points of each customer of the list, add one in the application, write them back.
-- withstands: race from repeatable-read
begin;
select points as a from customer where id = :first \gset
select points as b from customer where id = :second \gset
\set a :a + 1
\set b :b + 1
update customer set points = :a where id = :first;
update customer set points = :b where id = :second;
commit;
