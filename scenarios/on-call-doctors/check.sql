-- At least one doctor is on call.
select exists (select 1 from doctor where on_call);
