-- The same read-then-write, but in a SERIALIZABLE transaction of its own, started again when
-- the server refuses it: the second try reads 0 and answers 409. Nothing else has to be
-- changed.
-- withstands: race
-- retry: 40001, 40P01
-- reply: sale
begin isolation level serializable;
select stock from item where id = :item \gset
\if :stock < 1
  \set status 409
  rollback;
\else
  update item set stock = :stock - 1 where id = :item;
  insert into sale (item, buyer) values (:item, :client_id) returning id as sale \gset
  commit;
\endif
