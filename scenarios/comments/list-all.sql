-- Every comment of the post, however many. Right, and slower every day.
-- withstands: race, repeat
-- rows: comments
select c.id, p.name, c.body from comment c join person p on p.id = c.author
  where c.post = :post order by c.id;
