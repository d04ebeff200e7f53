-- The UPDATE itself asks whether one is left. The second buyer waits for the first, then the
-- condition is looked at again: no row fits, nothing is sold.
-- withstands: race
-- reply: sale
begin;
\set left -1
update item set stock = stock - 1 where id = :item and stock >= 1 returning stock as left \aset
\if :left < 0
  \set status 409
  rollback;
\else
  insert into sale (item, buyer) values (:item, :client_id) returning id as sale \gset
  commit;
\endif
