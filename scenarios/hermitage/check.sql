-- G0: the rows are not written last by different transactions.
select not exists (select 1 from racelab.answer where endpoint = 'g0-1')
  or (select max(value) - min(value) from test) = 10;
-- G1a: nobody reads what was taken back.
select not exists (select 1 from racelab.answer
  where endpoint = 'g1a-2' and status = 200 and (seen = 101 or again = 101));
-- G1b: nobody reads what was not the last word.
select not exists (select 1 from racelab.answer
  where endpoint = 'g1b-2' and status = 200 and (seen = 101 or again = 101));
-- G1c: two transactions do not each read what the other wrote.
select not exists (select 1 from racelab.answer a join racelab.answer b on b.client <> a.client
  where a.endpoint = 'g1c-1' and a.status = 200 and a.seen = 22
    and b.endpoint = 'g1c-2' and b.status = 200 and b.seen = 11);
-- OTV: whose writes were seen, they do not vanish again.
select not exists (select 1 from (
    select case a.one when 10 then 0 when t.value then 2 else 1 end as first,
      case a.two when 20 then 0 when 30 - t.value then 2 else 1 end as second,
      case a.two_again when 20 then 0 when 30 - t.value then 2 else 1 end as third,
      case a.one_again when 10 then 0 when t.value then 2 else 1 end as fourth
    from racelab.answer a join test t on t.id = 1
    where a.endpoint = 'otv-3' and a.status = 200) seen
  where second < first or third < second or fourth < third);
-- PMP: a row that was not there is not there when it is looked for in another way.
select not exists (select 1 from racelab.answer
  where endpoint = 'pmp-1' and status = 200 and before <> after);
-- PMP for writes: what was just deleted is not there.
select not exists (select 1 from racelab.answer
  where endpoint = 'pmp-write-2' and status = 200 and left_over > 0);
-- P4: two transactions do not write over the same value that they read.
select count(*) <= 1 from racelab.answer where endpoint = 'p4' and status = 200 and seen = 10;
-- G-single: nobody reads one row as it was before, and the other as it was after.
select not exists (select 1 from racelab.answer
  where endpoint = 'g-single-1' and status = 200 and one + two <> 30);
-- G-single by a predicate: nobody counts by a condition before, and by another after.
select not exists (select 1 from racelab.answer
  where endpoint = 'g-single-predicate-1' and status = 200 and fives + threes <> 2);
-- G-single by a write: nobody reads one row as it was before, and misses the other as it was.
select not exists (select 1 from racelab.answer
  where endpoint = 'g-single-write-1' and status = 200 and seen = 10 and gone = 0);
-- G2-item: two transactions do not both read everything before, and write a part each.
select count(*) <= 1 from racelab.answer
  where endpoint in ('g2-item-1', 'g2-item-2') and status = 200 and low = 10 and high = 20;
-- G2: two transactions do not both find nothing, and insert it.
select count(*) <= 1 from racelab.answer
  where endpoint in ('g2-1', 'g2-2') and status = 200 and threes = 0;
