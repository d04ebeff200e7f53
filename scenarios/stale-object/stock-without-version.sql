-- One that writes without raising the version: whoever compares it sees no change.
-- withstands: race from repeatable-read
update product set stock = stock - 1 where id = 1;
