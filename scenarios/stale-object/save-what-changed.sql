-- Change the column that is meant, by what it is to be changed by.
-- withstands: race
begin;
\if :part = 1
  update product set price = price + 10 where id = 1;
\else
  update product set stock = stock - 1 where id = 1;
\endif
commit;
