-- Choose the first free job in a sub-select and mark it. The second worker chose the same one
-- before it waited; when the wait is over the row still has the number it asked for, and is
-- taken again.
-- withstands: race from repeatable-read, crash
-- reply: job
begin;
\set job 0
update job set taken_by = :client_id
  where id = (select id from job where taken_by is null order by id limit 1)
  returning id as job \aset
commit;
