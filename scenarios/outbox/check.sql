-- No message was given to the broker twice.
select not exists (select 1 from purchase where
  (select count(*) from broker.message m where m.buyer = purchase.buyer) > 1);
-- What is marked as sent was given to the broker.
select not exists (select 1 from outbox where sent
  and not exists (select 1 from broker.message m where m.buyer = outbox.buyer)
  and not exists (select 1 from broker.inbox i where i.buyer = outbox.buyer));
