-- Record the event first, and credit the payment in the same transaction. The second delivery
-- waits for the first one's record; who dies has recorded nothing and credited nothing.
-- withstands: race, crash
begin;
\set first 0
insert into seen_event values (:event) on conflict do nothing returning 1 as first \aset
\if :first = 1
  update account set credit = credit + 10 where id = :account;
\endif
commit;
