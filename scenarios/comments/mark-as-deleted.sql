-- Mark the comment; it keeps its place, and so do the replies to it. Marking twice is marking
-- once.
-- withstands: race, repeat
update comment set deleted = true where id = :comment;
