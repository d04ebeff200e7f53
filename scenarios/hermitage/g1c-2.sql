-- G1c, circular information flow: T2 writes one row and reads the other.
-- withstands: race
-- reply: seen
update test set value = 22 where id = 2;
select value as seen from test where id = 1 \gset
