-- Lock one row that stands for the whole shift, then count. It asks for READ COMMITTED, where
-- each statement looks anew: whoever waited for the lock counts afterwards.
-- withstands: race
begin isolation level read committed;
select id as locked from shift where id = 1 for update \gset
select count(*) as others from doctor where on_call and name <> :doctor \gset
\if :others < 1
  \set status 409
  rollback;
\else
  update doctor set on_call = false where name = :doctor;
  commit;
\endif
