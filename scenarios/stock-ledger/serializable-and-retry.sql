-- Let the server find out: one of the two is refused with 40001, and tried again.
-- withstands: race
-- retry: 40001
begin isolation level serializable;
select coalesce(sum(amount), 0) as stock from adjustment where product = :product \gset
\if :stock < 1
  \set status 409
  rollback;
\else
  insert into adjustment (product, amount) values (:product, -1);
  commit;
\endif
