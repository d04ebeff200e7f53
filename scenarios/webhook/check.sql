-- The payment is credited once.
select credit <= 10 from account where id = 1;
