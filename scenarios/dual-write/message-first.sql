-- Send the message, then change the database. By then somebody else may have bought the last
-- one: the buyer hears 409, and the message is out.
begin;
select stock from item where id = 1 \gset
\set left -1
\if :stock >= 1
  insert into broker.message (buyer) values (:client_id);
  update item set stock = stock - 1 where id = 1 and stock >= 1 returning stock as left \aset
\endif
\if :left < 0
  \set status 409
  rollback;
\else
  insert into purchase (buyer) values (:client_id);
  commit;
\endif
