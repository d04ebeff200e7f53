-- Look, and insert if it is not there, without a unique key: two labels of one name.
-- withstands: race from serializable
-- reply: label
begin;
\set label 0
select id as label from label where name = :name \aset
\if :label = 0
  insert into label (name) values (:name) returning id as label \gset
\endif
commit;
