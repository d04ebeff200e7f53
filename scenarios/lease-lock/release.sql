-- Give the lease back, whoever has it by now.
-- refusal: 423
\if :token = 0
  \set status 423
\else
  update lease set holder = null, expires = null where id = 1;
\endif
