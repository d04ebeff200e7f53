-- Mark the job as done, commit, then send the letter. A worker that dies in between has done
-- nothing, and nobody will ever know: at most once.
-- withstands: race
-- reply: job
begin;
\set job 0
select id as job from job where not done order by id limit 1 for update skip locked \aset
\if :job > 0
  update job set done = true where id = :job;
\endif
commit;
\if :job > 0
  insert into mailer.letter (job) values (:job);
\endif
