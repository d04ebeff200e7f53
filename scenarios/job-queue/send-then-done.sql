-- Send the letter, then mark the job as done, with the job locked all the time. When the worker
-- dies in between, the job is free again, and the letter is sent once more: at least once.
-- withstands: race
-- reply: job
begin;
\set job 0
select id as job from job where not done order by id limit 1 for update skip locked \aset
\if :job > 0
  insert into mailer.letter (job) values (:job);
  update job set done = true where id = :job;
\endif
commit;
