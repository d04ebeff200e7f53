-- The subtraction is left to the database, so no decrement is lost. But the decision was made
-- on what was read before: the stock ends at -1.
-- withstands: race from repeatable-read
-- reply: sale
begin;
select stock from item where id = :item \gset
\if :stock < 1
  \set status 409
  rollback;
\else
  update item set stock = stock - 1 where id = :item;
  insert into sale (item, buyer) values (:item, :client_id) returning id as sale \gset
  commit;
\endif
