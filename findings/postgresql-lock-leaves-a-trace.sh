#!/usr/bin/env bash
# PostgreSQL 15.20: an order for a customer fails or not, by whether whoever changed the customer's name had locked the row first.
#
# A row that references another one minds only that the key of that one stays: whoever changes another column is not in its way. So
# at REPEATABLE READ, too, a child may be inserted though a column of its parent was changed since the snapshot. But if the one who
# changed it had said SELECT … FOR UPDATE before, the INSERT fails with 40001, long after that transaction and its lock are gone:
# the row keeps that it was changed under such a lock, not which columns were.
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
create table customer (id int primary key, name text);
create table bill (customer int references customer);
insert into customer values (1, 'a'), (2, 'b');
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

second "begin isolation level repeatable read; select count(*) from customer;"
first "update customer set name = 'c' where id = 1;"
first "begin; select name from customer where id = 2 for update;"
first "update customer set name = 'd' where id = 2; commit;"
second "insert into bill values (1);"
second "insert into bill values (2);"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
second: begin isolation level repeatable read; select count(*) from customer;
second:   BEGIN
second:   2
first: update customer set name = 'c' where id = 1;
first:   UPDATE 1
first: begin; select name from customer where id = 2 for update;
first:   BEGIN
first:   b
first: update customer set name = 'd' where id = 2; commit;
first:   UPDATE 1
first:   COMMIT
second: insert into bill values (1);
second:   INSERT 0 1
second: insert into bill values (2);
second:   ERROR:  could not serialize access due to concurrent update
second:   CONTEXT:  SQL statement "SELECT 1 FROM ONLY "public"."customer" x WHERE "id" OPERATOR(pg_catalog.=) $1 FOR KEY SHARE OF x"
EXPECTED
echo "as described: the same change lets one bill pass and fails the other, by a lock that is long gone"
