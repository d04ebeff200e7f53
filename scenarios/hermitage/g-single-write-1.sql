-- G-single by a write: T1 reads one row, and deletes the other by its value.
-- withstands: race from repeatable-read
-- reply: seen, gone
select value as seen from test where id = 1 \gset
with gone as (delete from test where value = 20 returning id)
select count(*) as gone from gone \gset
