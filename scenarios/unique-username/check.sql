-- No name is given to two people.
select not exists (select 1 from account a join account b on a.name = b.name and a.id < b.id);
