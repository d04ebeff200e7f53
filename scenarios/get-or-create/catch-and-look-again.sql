-- Try to insert inside a savepoint. If the key is taken, go back to the savepoint and look: at
-- READ COMMITTED the other's tag is visible now. At REPEATABLE READ it is not: the insert says
-- that the tag is there, the look says that it is not, and the request fails without having
-- done anything.
-- withstands: race
-- reply: tag
begin;
\set tag 0
select id as tag from tag where name = :name \aset
\if :tag = 0
  savepoint before_insert;
  -- catch: 23505 as taken
  insert into tag (name) values (:name) returning id as tag \gset
  \if :taken = 1
    rollback to before_insert;
    select id as tag from tag where name = :name \gset
  \endif
\endif
commit;
