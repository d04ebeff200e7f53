-- Lock the product, then read the sum: the second customer reads it when the first is done. At READ
-- COMMITTED, whatever the session's level is: a snapshot that is older than the lock would show the
-- old sum.
-- withstands: race
begin isolation level read committed;
select id from product where id = :product for update;
select coalesce(sum(amount), 0) as stock from adjustment where product = :product \gset
\if :stock < 1
  \set status 409
  rollback;
\else
  insert into adjustment (product, amount) values (:product, -1);
  commit;
\endif
