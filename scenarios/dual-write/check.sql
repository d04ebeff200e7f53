-- There is a message for every purchase.
select not exists (select 1 from purchase where
  not exists (select 1 from broker.message m where m.buyer = purchase.buyer)
  and not exists (select 1 from message m where m.buyer = purchase.buyer));
-- There is a purchase for every message.
select not exists (select 1 from broker.message m where
  not exists (select 1 from purchase p where p.buyer = m.buyer));
