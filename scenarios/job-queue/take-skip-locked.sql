-- Pass over the jobs that somebody else is about to take. Nobody waits.
-- withstands: race, crash
-- reply: job
begin;
\set job 0
update job set taken_by = :client_id
  where id = (select id from job where taken_by is null order by id limit 1
    for update skip locked)
  returning id as job \aset
commit;
