-- Record the event first, in a transaction of its own, then credit the payment. No payment is
-- credited twice; but who dies in between has recorded a payment that nobody will ever credit.
-- withstands: race
\set first 0
insert into seen_event values (:event) on conflict do nothing returning 1 as first \aset
\if :first = 1
  begin;
  update account set credit = credit + 10 where id = :account;
  commit;
\endif
