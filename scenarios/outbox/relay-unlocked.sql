-- Pick a message, send it, mark it. Nothing keeps another relay from picking it as well.
-- reply: buyer
begin;
\set buyer -1
select buyer from outbox where not sent order by buyer limit 1 \aset
\if :buyer >= 0
  insert into broker.message (buyer) values (:buyer);
  update outbox set sent = true where buyer = :buyer;
\endif
commit;
