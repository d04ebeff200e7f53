-- G2-item, write skew: both read both rows, and T1 writes the first.
-- withstands: race from serializable
-- reply: low, high
select min(value) as low, max(value) as high from test where id in (1, 2) \gset
update test set value = 11 where id = 1;
