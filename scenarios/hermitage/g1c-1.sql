-- G1c, circular information flow: T1 writes one row and reads the other.
-- withstands: race
-- reply: seen
update test set value = 11 where id = 1;
select value as seen from test where id = 2 \gset
