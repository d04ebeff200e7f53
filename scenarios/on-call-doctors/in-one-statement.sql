-- One UPDATE with the condition inside: shorter, and just as wrong. The condition reads other
-- rows than the one that is changed, and those are neither locked nor looked at again.
-- withstands: race from serializable
begin;
\set left 0
update doctor set on_call = false
  where name = :doctor
    and exists (select 1 from doctor other where other.on_call and other.name <> :doctor)
  returning 1 as left \aset
commit;
\if :left = 0
  \set status 409
\endif
