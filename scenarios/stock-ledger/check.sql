-- No product is sold that is not there.
select not exists (
  select product from adjustment group by product having sum(amount) < 0
);
