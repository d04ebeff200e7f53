begin;
update counter set n = n + 1 where id = 1;
update counter set n = n + 1 where id = 2;
commit;
