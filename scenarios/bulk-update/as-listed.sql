-- Add a point to each customer, in the order of the list. Nothing is lost, but two lists in
-- opposite order end in a deadlock.
-- withstands: race
begin;
update customer set points = points + 1 where id = :first;
update customer set points = points + 1 where id = :second;
commit;
