-- PMP for writes: T2 deletes what is 20, and looks whether anything is.
-- withstands: race from repeatable-read
-- reply: left_over
delete from test where value = 20;
select count(*) as left_over from test where value = 20 \gset
