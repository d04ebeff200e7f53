-- Lock the job while choosing it. The second worker waits for the first, sees that the job is
-- taken, and goes on to the next one.
-- withstands: race, crash
-- reply: job
begin;
\set job 0
update job set taken_by = :client_id
  where id = (select id from job where taken_by is null order by id limit 1 for update)
  returning id as job \aset
commit;
