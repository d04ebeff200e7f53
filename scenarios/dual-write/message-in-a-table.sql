-- Write the message into a table beside the purchase. Both are committed at once, or not at
-- all.
-- withstands: race, crash
begin;
\set left -1
update item set stock = stock - 1 where id = 1 and stock >= 1 returning stock as left \aset
\if :left < 0
  \set status 409
  rollback;
\else
  insert into purchase (buyer) values (:client_id);
  insert into message (buyer) values (:client_id);
  commit;
\endif
