begin;
select count(*) as taken from account where name = 'ann' \gset
\if :taken = 0
insert into account values (1 + :client_id, 'ann');
\else
\set status 409
\endif
commit;
