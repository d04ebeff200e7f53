-- Look, credit, and record in one transaction: the key refuses the second record, and with it the
-- second credit is rolled back. The event is known by then, and that is what is answered.
-- withstands: race, crash
begin;
select count(*) as seen from seen_event where id = :event \gset
\if :seen = 0
  update account set credit = credit + 10 where id = :account;
  -- catch: 23505 as seen
  insert into seen_event values (:event);
\endif
\if :seen = 1
  rollback;
\else
  commit;
\endif
