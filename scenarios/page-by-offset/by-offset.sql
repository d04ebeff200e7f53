-- The page after as many posts as were seen so far, counted from the newest.
-- reply: post, seen
select id as post from post order by id desc limit 1 offset :seen \gset
\set seen :seen + 1
