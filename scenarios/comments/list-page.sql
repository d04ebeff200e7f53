-- Three comments after the cursor, with their authors, in one statement.
-- withstands: race, repeat
-- rows: page
select c.id, p.name, c.deleted, c.body from comment c join person p on p.id = c.author
  where c.post = :post and c.id > :after order by c.id limit 3;
