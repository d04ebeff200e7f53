-- P4, lost update: both read the row, then write it.
-- withstands: race from repeatable-read
-- reply: seen
select value as seen from test where id = 1 \gset
update test set value = 11 where id = 1;
