-- The purchase and its message, in one transaction. Asked again, it does nothing.
-- withstands: race, crash
begin;
insert into purchase (buyer) values (:client_id) on conflict (buyer) do nothing;
insert into outbox (buyer) values (:client_id) on conflict (buyer) do nothing;
commit;
