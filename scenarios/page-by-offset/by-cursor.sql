-- The page after the last post that was seen, whatever was added or removed above it.
-- withstands: race
-- reply: post
select id as post from post where id < :post order by id desc limit 1 \gset
