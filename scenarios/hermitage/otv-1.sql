-- OTV, observed transaction vanishes: T1 writes both rows.
-- withstands: race
update test set value = 11 where id = 1;
update test set value = 19 where id = 2;
