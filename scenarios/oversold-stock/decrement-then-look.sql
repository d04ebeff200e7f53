-- Take one first, look at what is left afterwards, and give it back if it was not there. The
-- row stays locked from the UPDATE on, so nobody decides on a number that is about to change.
-- withstands: race
-- reply: sale
begin;
update item set stock = stock - 1 where id = :item returning stock as left \gset
\if :left < 0
  \set status 409
  rollback;
\else
  insert into sale (item, buyer) values (:item, :client_id) returning id as sale \gset
  commit;
\endif
