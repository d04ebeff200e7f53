-- G-single by a predicate: T1 counts twice, what T2 changes from one to the other.
-- withstands: race from repeatable-read
-- reply: fives, threes
select count(*) as fives from test where value % 5 = 0 \gset
select count(*) as threes from test where value % 3 = 0 \gset
