-- Lock every row that the decision rests on, in one order, and only then count. The second
-- doctor waits, and counts what is true by then.
-- withstands: race
begin;
select name from doctor where on_call order by name for update;
select count(*) as others from doctor where on_call and name <> :doctor \gset
\if :others < 1
  \set status 409
  rollback;
\else
  update doctor set on_call = false where name = :doctor;
  commit;
\endif
