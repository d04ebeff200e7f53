-- G-single, read skew: T1 reads one row, then the other.
-- withstands: race from repeatable-read
-- reply: one, two
select value as one from test where id = 1 \gset
select value as two from test where id = 2 \gset
