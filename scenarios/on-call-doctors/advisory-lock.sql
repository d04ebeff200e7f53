-- A lock with a number that the application chose, taken before the first look. It needs READ
-- COMMITTED as well: at REPEATABLE READ the statement that waits for the lock has taken the
-- snapshot before it waits.
-- withstands: race
begin isolation level read committed;
select pg_advisory_xact_lock(1);
select count(*) as others from doctor where on_call and name <> :doctor \gset
\if :others < 1
  \set status 409
  rollback;
\else
  update doctor set on_call = false where name = :doctor;
  commit;
\endif
