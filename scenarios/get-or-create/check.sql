-- No name has two labels.
select not exists (select 1 from label a join label b on a.name = b.name and a.id < b.id);
