-- Together the accounts hold 100.
select (select sum(balance) from account) = 100;
