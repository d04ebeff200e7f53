-- Lock the item, then put ten more there.
begin;
select stock from item where id = :item for update \gset
update item set stock = :stock + 10 where id = :item;
commit;
