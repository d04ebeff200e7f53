-- Write, and trust that the lease is still ours because it was a moment ago.
-- refusal: 423
-- reply: wrote
\if :token = 0
  \set status 423
\else
  \set next :seen + 1
  update note set value = :next where id = 1;
  \set wrote 1
\endif
