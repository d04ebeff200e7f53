-- Lock both rows first, the one with the lower number before the other. Whoever gets the first
-- lock gets the second as well: there is no circle.
-- withstands: race
begin;
select id from account where id in (:from, :to) order by id for update;
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
