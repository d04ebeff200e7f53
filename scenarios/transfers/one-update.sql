-- Both changes in one UPDATE; the CHECK of the table refuses a balance below zero, as 422. It
-- visits both rows in the order in which they are stored: the same for everybody, though
-- nothing in SQL promises it.
-- withstands: race
update account
  set balance = case when id = :from then balance - :amount else balance + :amount end
  where id in (:from, :to);
