-- One UPDATE for the whole list. It locks in the order in which the rows are stored, whatever
-- the order of the list.
-- withstands: race
update customer set points = points + 1 where id in (:first, :second);
