-- The same lock at REPEATABLE READ: the lock is waited for, but the count is taken from the
-- snapshot of before the wait; and as nobody changed the row of the shift, nothing fails. Both
-- leave.
begin isolation level repeatable read;
select id as locked from shift where id = 1 for update \gset
select count(*) as others from doctor where on_call and name <> :doctor \gset
\if :others < 1
  \set status 409
  rollback;
\else
  update doctor set on_call = false where name = :doctor;
  commit;
\endif
