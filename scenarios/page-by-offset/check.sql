-- No post was shown to the reader twice.
select not exists (
  select 1 from racelab.answer a join racelab.answer b
    on a.client = b.client and a.operation < b.operation
  where a.post = b.post);
-- No post that is still there was left out between two that were shown.
select not exists (
  select 1 from post where
    exists (select 1 from racelab.answer a where a.post > post.id)
    and exists (select 1 from racelab.answer a where a.post < post.id)
    and not exists (select 1 from racelab.answer a where a.post = post.id));
