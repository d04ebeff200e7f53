-- OTV, observed transaction vanishes: T3 reads them, there and back.
-- withstands: race
-- reply: one, two, two_again, one_again
select value as one from test where id = 1 \gset
select value as two from test where id = 2 \gset
select value as two_again from test where id = 2 \gset
select value as one_again from test where id = 1 \gset
