-- Read the stock with a lock: the second buyer reads only after the first has bought, and sees
-- 0.
-- withstands: race
-- reply: sale
begin;
select stock from item where id = :item for update \gset
\if :stock < 1
  \set status 409
  rollback;
\else
  update item set stock = :stock - 1 where id = :item;
  insert into sale (item, buyer) values (:item, :client_id) returning id as sale \gset
  commit;
\endif
