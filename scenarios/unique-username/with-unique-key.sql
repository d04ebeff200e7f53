-- Just insert; the unique key decides, and 23505 becomes 409. No two people get the name. But
-- who asks again after a lost reply is told that the name is taken: by himself.
-- withstands: race
-- reply: member
insert into member (name, owner) values (:name, :client_id) returning id as member \gset
