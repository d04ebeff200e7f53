-- G0, dirty write: T1 and T2 write both rows.
-- withstands: race
update test set value = 12 where id = 1;
update test set value = 22 where id = 2;
