-- Read the stock, decide in the application, write it back: two buyers can both see the last
-- one, and both write 0. The stock looks right afterwards; there are two sales of one item.
-- withstands: race from repeatable-read
-- reply: sale
begin;
select stock from item where id = :item \gset
\if :stock < 1
  \set status 409
  rollback;
\else
  update item set stock = :stock - 1 where id = :item;
  insert into sale (item, buyer) values (:item, :client_id) returning id as sale \gset
  commit;
\endif
