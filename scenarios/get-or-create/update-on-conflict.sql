-- One statement: when the tag is there it is changed a little, and so its number comes back.
-- withstands: race
-- reply: tag
insert into tag (name) values (:name)
  on conflict (name) do update set name = excluded.name
  returning id as tag \gset
