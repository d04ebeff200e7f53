-- Somebody removes the newest post.
-- withstands: race
delete from post where id = (select max(id) from post);
