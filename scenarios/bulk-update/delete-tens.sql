-- Delete whoever has exactly 10 points. At READ COMMITTED it finds its rows before it waits,
-- and looks again only at those.
-- withstands: race from repeatable-read
begin;
delete from customer where points = 10;
commit;
