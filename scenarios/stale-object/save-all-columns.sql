-- Load the object, change one of its columns, save them all.
-- withstands: race from repeatable-read
begin;
select price, stock, version from product where id = 1 \gset
\if :part = 1
  \set price :price + 10
\else
  \set stock :stock - 1
\endif
update product set price = :price, stock = :stock, version = :version + 1 where id = 1;
commit;
