-- Load the object, then lock its row: the lock is held, and the object has the values from before.
-- withstands: race from repeatable-read
begin;
select price, stock, version from product where id = 1 \gset
select id from product where id = 1 for update;
\if :part = 1
  \set price :price + 10
\else
  \set stock :stock - 1
\endif
update product set price = :price, stock = :stock, version = :version + 1 where id = 1;
commit;
