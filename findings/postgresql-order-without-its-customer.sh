#!/usr/bin/env bash
# PostgreSQL 15.20: at SERIALIZABLE an order is refused for want of a customer that is committed; if the customers are partitioned,
# it is taken, and the transaction sees the order without its customer.
#
# The transaction has its snapshot when somebody else commits a new customer, of whom it hears by a message. One would guess that a
# foreign key looks at what is committed, as a unique key does; or that the snapshot's rule is kept, and the transaction is told
# to try again, 40001. With an ordinary table the INSERT fails with 23503, which nobody tries again, and the next transaction can do
# it. With a partitioned one, of the same columns and rows, it goes through, in a transaction that goes on seeing no such
# customer: its join loses the order, and its COMMIT succeeds. What helps: 23503 counts as "try again" after a snapshot was taken.
set -euo pipefail
work=$(mktemp -d)
# The server refuses to be run by root.
as_server() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}
stop() {
  exec 3>&- 4>&-
  [ ! -f data/postmaster.pid ] || as_server pg_ctl -s -D data -m immediate stop || true
  rm -rf "$work"
}
trap stop EXIT
chmod 711 "$work"
cd "$work"

version=15.20-0+deb12u1
apt-get download -qq postgresql-15=$version postgresql-client-15=$version libpq5=$version >apt.txt 2>&1 ||
  { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PGHOST=$work/data PGUSER=postgres
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

psql -Xq <<'SQL'
create table customer (id int primary key);
create table customer_parts (id int primary key) partition by range (id);
create table customer_part partition of customer_parts for values from (1) to (100);
create table purchase (customer int references customer);
create table purchase_parts (customer int references customer_parts);
SQL
mkfifo first second
sessions=()
for session in first second; do
  psql -XAt <$session 2>&1 | sed -u "s/^/$session:   /" >>now.txt &
  sessions+=($!)
done
exec 3>first 4>second
# Says a line to a session, and notes what was answered by then, the first session's answers first.
tell() { # SESSION DESCRIPTOR SECONDS LINE
  echo "$1: $4" >>seen.txt
  echo "$4" >&"$2"
  sleep "$3"
  sort -s -k1,1 now.txt >>seen.txt
  : >now.txt
}
first() { tell first 3 1 "$1"; }
second() { tell second 4 1 "$1"; }

first "\\set VERBOSITY sqlstate"
for parts in '' _parts; do
  first "begin isolation level serializable; select count(*) from customer$parts;"
  second "insert into customer$parts values (7);"
  first "insert into purchase$parts values (7);"
  if [ "$parts" ]; then
    first "select count(*) from purchase_parts;"
    first "select count(*) from purchase_parts join customer_parts on id = customer;"
  fi
  first "commit;"
done
first "begin isolation level serializable; insert into purchase values (7); commit;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: \set VERBOSITY sqlstate
first: begin isolation level serializable; select count(*) from customer;
first:   BEGIN
first:   0
second: insert into customer values (7);
second:   INSERT 0 1
first: insert into purchase values (7);
first:   ERROR:  23503
first: commit;
first:   ROLLBACK
first: begin isolation level serializable; select count(*) from customer_parts;
first:   BEGIN
first:   0
second: insert into customer_parts values (7);
second:   INSERT 0 1
first: insert into purchase_parts values (7);
first:   INSERT 0 1
first: select count(*) from purchase_parts;
first:   1
first: select count(*) from purchase_parts join customer_parts on id = customer;
first:   0
first: commit;
first:   COMMIT
first: begin isolation level serializable; insert into purchase values (7); commit;
first:   BEGIN
first:   INSERT 0 1
first:   COMMIT
EXPECTED
echo "as described: the one was refused for want of a customer that was there, the other was taken without one in sight"
