-- G2-item, write skew: both read both rows, and T2 writes the second.
-- withstands: race from serializable
-- reply: low, high
select min(value) as low, max(value) as high from test where id in (1, 2) \gset
update test set value = 21 where id = 2;
