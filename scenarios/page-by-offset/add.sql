-- Somebody adds a post at the top.
-- withstands: race
insert into post (id) values (:new);
