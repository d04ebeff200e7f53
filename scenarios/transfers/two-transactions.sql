-- Take in one transaction, give in the next. In between the money is nowhere: whoever looks
-- then misses it, and if the server dies then, nobody ever gets it.
begin;
\set left -1
update account set balance = balance - :amount where id = :from and balance >= :amount
  returning balance as left \aset
\if :left < 0
  \set status 409
\endif
commit;
\if :left >= 0
  begin;
  update account set balance = balance + :amount where id = :to;
  commit;
\endif
