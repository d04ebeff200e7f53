-- G1a, aborted read: T1 writes, and takes it back.
-- withstands: race
update test set value = 101 where id = 1;
\set status 409
