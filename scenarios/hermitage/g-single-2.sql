-- G-single, read skew: T2 reads both rows, and changes both.
-- withstands: race from repeatable-read
select min(value) as low, max(value) as high from test where id in (1, 2) \gset
update test set value = 12 where id = 1;
update test set value = 18 where id = 2;
