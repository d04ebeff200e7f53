-- Give the lease back if it is still ours. If it is not, there is nothing to do.
-- withstands: race
update lease set holder = null, expires = null
  where id = 1 and holder = :client_id and token = :token;
