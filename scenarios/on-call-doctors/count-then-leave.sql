-- Count the others who are on call, and leave if there is one. Two doctors count each other.
-- withstands: race from serializable
begin;
select count(*) as others from doctor where on_call and name <> :doctor \gset
\if :others < 1
  \set status 409
  rollback;
\else
  update doctor set on_call = false where name = :doctor;
  commit;
\endif
