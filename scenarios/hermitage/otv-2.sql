-- OTV, observed transaction vanishes: T2 writes both rows, too.
-- withstands: race
update test set value = 12 where id = 1;
update test set value = 18 where id = 2;
