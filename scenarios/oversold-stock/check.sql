-- The stock is never below zero.
select not exists (select 1 from item where stock < 0);
-- What was sold and what is left make the one that was there.
select (select count(*) from sale) + (select sum(stock) from item) = 1;
