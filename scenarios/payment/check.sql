-- What was paid and what is left make the 100 that were there.
select (select sum(balance) from account) + (select coalesce(sum(amount), 0) from payment) = 100;
