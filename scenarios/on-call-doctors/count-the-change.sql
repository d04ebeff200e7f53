-- Change the row of the shift instead of only locking it. At READ COMMITTED the second waits
-- and counts afterwards; at REPEATABLE READ it fails with 40001, and can be tried again.
-- withstands: race
begin;
update shift set changes = changes + 1 where id = 1;
select count(*) as others from doctor where on_call and name <> :doctor \gset
\if :others < 1
  \set status 409
  rollback;
\else
  update doctor set on_call = false where name = :doctor;
  commit;
\endif
