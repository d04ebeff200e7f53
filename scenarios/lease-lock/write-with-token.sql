-- The note takes the write only with the newest token that it has seen. A holder that was
-- paused is told 423; no clock is asked.
-- withstands: race
-- refusal: 423
-- reply: wrote
\set next :seen + 1
\set wrote 0
update note set value = :next where id = 1 and token = :token and :token > 0
  returning 1 as wrote \aset
\if :wrote = 0
  \set status 423
\endif
