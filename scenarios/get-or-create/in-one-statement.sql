-- Insert unless it is there, and look, in one statement. It looks fine, and answers one row in
-- every test; but all of it has one snapshot: who waited for the other's insert neither inserts
-- nor sees it, and gets no row at all.
-- withstands: race from repeatable-read
-- reply: tag
with made as (
  insert into tag (name) values (:name) on conflict (name) do nothing returning id
)
select id as tag from made union all select id from tag where name = :name \aset
