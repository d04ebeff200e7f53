-- Add up all accounts in one statement: it sees one moment, at every level.
-- withstands: race
-- reply: total
select sum(balance) as total from account \gset
