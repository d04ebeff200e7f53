-- Mark the message, commit, then send it. It is never sent twice; a relay that dies in between
-- never sends it at all.
-- withstands: race
-- reply: buyer
begin isolation level read committed;
\set buyer -1
select buyer from outbox where not sent order by buyer limit 1 for update skip locked \aset
\if :buyer >= 0
  update outbox set sent = true where buyer = :buyer;
\endif
commit;
\if :buyer >= 0
  insert into broker.message (buyer) values (:buyer);
\endif
