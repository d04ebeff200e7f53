-- Ask once more whether the job is free. No job is handed out twice, but the second worker is
-- told that there is no work, while a job is waiting.
-- withstands: race from repeatable-read, crash
-- reply: job
begin;
\set job 0
update job set taken_by = :client_id
  where id = (select id from job where taken_by is null order by id limit 1)
    and taken_by is null
  returning id as job \aset
commit;
