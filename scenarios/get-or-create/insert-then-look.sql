-- Insert unless it is there, then look: a statement of its own, so at READ COMMITTED it sees
-- what the other has committed meanwhile. At REPEATABLE READ the insert fails with 40001 after
-- the wait.
-- withstands: race
-- reply: tag
begin;
insert into tag (name) values (:name) on conflict (name) do nothing;
select id as tag from tag where name = :name \gset
commit;
