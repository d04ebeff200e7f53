-- Read both balances, compute in the application, write both: the other transfer is
-- overwritten, in one account or in both.
-- withstands: race from repeatable-read
begin;
select balance as mine from account where id = :from \gset
select balance as theirs from account where id = :to \gset
\if :mine < :amount
  \set status 409
  rollback;
\else
  \set mine :mine - :amount
  \set theirs :theirs + :amount
  update account set balance = :mine where id = :from;
  update account set balance = :theirs where id = :to;
  commit;
\endif
