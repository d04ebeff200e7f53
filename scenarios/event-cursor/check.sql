-- No cursor has passed an event that its reader was not given.
select not exists (
  select 1 from event where
    exists (select 1 from racelab.answer a where a.cursor > event.id)
    and not exists (select 1 from racelab.answer a where a.cursor = event.id));
