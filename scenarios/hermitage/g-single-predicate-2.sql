-- G-single by a predicate: T2 changes 10 to 12.
-- withstands: race from repeatable-read
update test set value = 12 where value = 10;
