-- The same, but the mailer knows the number of the job, and does not send a letter that it has
-- sent before. At least once, with a receiver that recognises repeats, is what people call
-- exactly once. READ COMMITTED on purpose, and waiting for the lock: a refusal, or a job that
-- is skipped, would leave a letter sent and its job not done.
-- withstands: race, crash
-- reply: job
begin isolation level read committed;
\set job 0
select id as job from job where not done order by id limit 1 for update \aset
\if :job > 0
  insert into mailer.known_letter (job) values (:job) on conflict (job) do nothing;
  update job set done = true where id = :job;
\endif
commit;
