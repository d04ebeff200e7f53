-- G1b, intermediate read: T1 writes one row twice.
-- withstands: race
update test set value = 101 where id = 1;
update test set value = 11 where id = 1;
