-- No job was given to two workers.
select not exists (
  select 1 from racelab.answer a join racelab.answer b on a.job = b.job and a.client < b.client
  where a.job > 0);
-- No letter was sent twice.
select (select count(*) from mailer.letter where job = 1) <= 1
   and (select count(*) from mailer.letter where job = 2) <= 1;
