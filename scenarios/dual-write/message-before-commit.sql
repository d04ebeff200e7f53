-- Send the message as late as possible, right before the COMMIT. The gap is smaller, and still
-- there.
-- withstands: race
begin;
\set left -1
update item set stock = stock - 1 where id = 1 and stock >= 1 returning stock as left \aset
\if :left < 0
  \set status 409
  rollback;
\else
  insert into purchase (buyer) values (:client_id);
  insert into broker.message (buyer) values (:client_id);
  commit;
\endif
