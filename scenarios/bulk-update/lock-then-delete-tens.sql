-- Lock everybody first. The DELETE is then a statement of its own: it finds its rows after the
-- wait.
-- withstands: race
begin;
select id from customer order by id for update;
delete from customer where points = 10;
commit;
