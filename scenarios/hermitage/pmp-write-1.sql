-- PMP for writes: T1 moves every value on by 10.
-- withstands: race from repeatable-read
update test set value = value + 10;
