-- The same with a unique key: there is one tag only, but the second request waits, gets 23505,
-- and its client hears 409 for something that can always be answered: the tag is there.
-- withstands: race from serializable
-- reply: tag
begin;
\set tag 0
select id as tag from tag where name = :name \aset
\if :tag = 0
  insert into tag (name) values (:name) returning id as tag \gset
\endif
commit;
