-- Look whether the event was seen, credit the payment, and record the event afterwards. Two
-- deliveries both look before either records; and a handler that dies in between records nothing.
select count(*) as seen from seen_event where id = :event \gset
\if :seen = 0
  begin;
  update account set credit = credit + 10 where id = :account;
  commit;
  insert into seen_event values (:event) on conflict do nothing;
\endif
