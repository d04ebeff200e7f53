-- The locked relay, to a receiver that keeps the number of each message, and does nothing when
-- it gets one again. It waits for the lock: a relay that skipped what a dead one still holds
-- would answer "nothing to do" while a message is out that nobody has marked.
-- withstands: race, crash
-- reply: buyer
begin isolation level read committed;
\set buyer -1
select buyer from outbox where not sent order by buyer limit 1 for update \aset
\if :buyer >= 0
  insert into broker.inbox (buyer) values (:buyer) on conflict (buyer) do nothing;
  update outbox set sent = true where buyer = :buyer;
\endif
commit;
