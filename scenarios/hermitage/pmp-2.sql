-- PMP, predicate-many-preceders: T2 inserts.
-- withstands: race from repeatable-read
insert into test (id, value) values (3, 30);
