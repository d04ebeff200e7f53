begin;
select n from counter where id = 1 for update \gset
update counter set n = :n + 1 where id = 1;
commit;
