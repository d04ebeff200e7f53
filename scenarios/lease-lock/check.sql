-- Every write that was told ok is in the note.
select (select value from note) = (select coalesce(sum(wrote), 0) from racelab.answer);
