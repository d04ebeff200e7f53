-- The locked relay, to a receiver that keeps the number of each message, and does nothing when
-- it gets one again.
-- withstands: race, crash
-- reply: buyer
begin isolation level read committed;
\set buyer -1
select buyer from outbox where not sent order by buyer limit 1 for update skip locked \aset
\if :buyer >= 0
  insert into broker.inbox (buyer) values (:buyer) on conflict (buyer) do nothing;
  update outbox set sent = true where buyer = :buyer;
\endif
commit;
