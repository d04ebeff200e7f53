-- G2, anti-dependency cycle by a predicate: both look for threes, and both insert one.
-- withstands: race from serializable
-- reply: threes
select count(*) as threes from test where value % 3 = 0 \gset
insert into test (id, value) values (4, 42);
