-- Lock the row with the SELECT that loads it: who waited gets the values of whoever was first.
-- withstands: race
begin;
select price, stock, version from product where id = 1 for update \gset
\if :part = 1
  \set price :price + 10
\else
  \set stock :stock - 1
\endif
update product set price = :price, stock = :stock, version = :version + 1 where id = 1;
commit;
