-- Lock the customers of the list in the order of their numbers, then change them in any order.
-- withstands: race
begin;
select id from customer where id in (:first, :second) order by id for update;
update customer set points = points + 1 where id = :first;
update customer set points = points + 1 where id = :second;
commit;
