-- Read the stock, write it back with one less, and note who bought.
select stock from item where id = :item \gset
update item set stock = :stock - 1 where id = :item;
insert into purchase values (:customer, :item);
