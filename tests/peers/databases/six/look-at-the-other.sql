begin;
select count(*) as others from doctor where on_call and id <> 1 + :client_id \gset
\if :others > 0
update doctor set on_call = false where id = 1 + :client_id;
\endif
commit;
