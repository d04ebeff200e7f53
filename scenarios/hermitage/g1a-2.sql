-- G1a, aborted read: T2 reads twice.
-- withstands: race
-- reply: seen, again
select value as seen from test where id = 1 \gset
select value as again from test where id = 1 \gset
