-- Store with the name the key of the request that asked for it. If the name is taken, look by
-- whom: the same request gets the same answer again, any other gets 409.
-- withstands: race, repeat
-- reply: member
begin;
\set member 0
insert into member (name, owner, request) values (:name, :client_id, :key)
  on conflict (name) do nothing returning id as member \aset
\if :member = 0
  select id as member from member where name = :name and request = :key \aset
\endif
\if :member = 0
  \set status 409
\endif
commit;
