-- Look first to be polite, and leave the decision to the unique key. The look is only a
-- courtesy: the second insert waits for the first, and gets 23505, so 409 as well.
-- withstands: race
-- reply: member
begin;
select count(*) as taken from member where name = :name \gset
\if :taken > 0
  \set status 409
  rollback;
\else
  insert into member (name, owner) values (:name, :client_id) returning id as member \gset
  commit;
\endif
