-- PMP, predicate-many-preceders: T1 looks twice for what T2 inserts.
-- withstands: race from repeatable-read
-- reply: before, after
select count(*) as before from test where value = 30 \gset
select count(*) as after from test where value % 3 = 0 \gset
