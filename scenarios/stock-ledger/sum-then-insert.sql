-- Read the sum, decide in the application, insert the sale. Two customers can both see the last one.
-- withstands: race from serializable
begin;
select coalesce(sum(amount), 0) as stock from adjustment where product = :product \gset
\if :stock < 1
  \set status 409
  rollback;
\else
  insert into adjustment (product, amount) values (:product, -1);
  commit;
\endif
