-- One statement, and yet two: its sub-select reads what was committed when it began.
-- withstands: race from serializable
\set sold 0
insert into adjustment (product, amount)
  select :product, -1
  where (select coalesce(sum(amount), 0) from adjustment where product = :product) >= 1
  returning 1 as sold \aset
\if :sold = 0
  \set status 409
\endif
