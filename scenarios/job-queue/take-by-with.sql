-- Find the next job that nobody is about to take, and take it, in one statement of two parts.
-- withstands: race, crash
-- reply: job
\set job 0
with next as (
  select id from job where taken_by is null order by id limit 1 for update skip locked
)
update job set taken_by = :client_id from next where job.id = next.id
  returning job.id as job \aset
