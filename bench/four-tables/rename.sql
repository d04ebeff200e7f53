-- A customer gives another name.
update customer set name = 'z' where id = :customer;
