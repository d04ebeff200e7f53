-- The next event above the cursor, and the new cursor. What is not committed yet is passed
-- over, and will be below the cursor by the time it is.
-- withstands: race
-- reply: cursor, author
\set author -1
select id as cursor, author from event where id > :cursor order by id limit 1 \aset
