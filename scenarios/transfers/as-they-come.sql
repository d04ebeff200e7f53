-- Take here, give there, with the condition inside the UPDATE. No money is lost. But each
-- transfer holds the row that the other wants next, and the server has to end one: 40P01,
-- deadlock.
-- withstands: race
begin;
\set left -1
update account set balance = balance - :amount where id = :from and balance >= :amount
  returning balance as left \aset
\if :left < 0
  \set status 409
  rollback;
\else
  update account set balance = balance + :amount where id = :to;
  commit;
\endif
