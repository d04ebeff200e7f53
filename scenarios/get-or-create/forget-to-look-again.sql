-- Look, then insert if nobody else did. When somebody else did, nothing comes back, and there
-- is no second look: the answer is 0, the number of no tag.
-- withstands: race from repeatable-read
-- reply: tag
begin;
\set tag 0
select id as tag from tag where name = :name \aset
\if :tag = 0
  insert into tag (name) values (:name) on conflict (name) do nothing returning id as tag \aset
\endif
commit;
