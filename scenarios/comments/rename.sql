-- A person takes another name.
-- withstands: race, repeat
begin;
update person set name = 'anna' where id = 1;
commit;
