-- Save only if the version is still the one that was loaded; otherwise nothing was done, and who
-- asked may ask again.
-- withstands: race
-- refusal: 409
begin;
select price, stock, version from product where id = 1 \gset
\if :part = 1
  \set price :price + 10
\else
  \set stock :stock - 1
\endif
\set saved 0
update product set price = :price, stock = :stock, version = :version + 1
  where id = 1 and version = :version returning 1 as saved \aset
\if :saved = 0
  \set status 409
  rollback;
\else
  commit;
\endif
