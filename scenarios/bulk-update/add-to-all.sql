-- Add a point to everybody.
-- withstands: race
begin;
update customer set points = points + 1;
commit;
