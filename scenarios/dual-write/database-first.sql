-- Change the database, commit, then send the message. A handler that dies in between never
-- sends it.
-- withstands: race
begin;
\set left -1
update item set stock = stock - 1 where id = 1 and stock >= 1 returning stock as left \aset
\if :left < 0
  \set status 409
  rollback;
\else
  insert into purchase (buyer) values (:client_id);
  commit;
  insert into broker.message (buyer) values (:client_id);
\endif
