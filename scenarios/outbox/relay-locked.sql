-- Pick a message and lock it until it is marked; another relay passes over it. A relay that
-- dies after sending leaves the message unmarked, and it is sent again. READ COMMITTED on
-- purpose: a server that refuses the mark with 40001 cannot take the message back.
-- withstands: race
-- reply: buyer
begin isolation level read committed;
\set buyer -1
select buyer from outbox where not sent order by buyer limit 1 for update skip locked \aset
\if :buyer >= 0
  insert into broker.message (buyer) values (:buyer);
  update outbox set sent = true where buyer = :buyer;
\endif
commit;
