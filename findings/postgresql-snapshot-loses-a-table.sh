#!/usr/bin/env bash
# PostgreSQL 15.20: a REPEATABLE READ export finds a table empty because a migration widened one of its columns.
#
# The export has its snapshot; then a migration changes int to bigint and commits. One would guess that the export still sees the
# rows as they were, or waits, or fails. It reads 0 rows, and nobody is told. Changing the type rewrites the table, and the new
# rows count as written by the migration, after the snapshot. SERIALIZABLE is no different. (Documented under "Caveats".)
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
create table invoice (id int primary key, amount int);
insert into invoice values (1, 10), (2, 20), (3, 30);
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

first "begin isolation level repeatable read; select count(*) from customer;"
second "alter table invoice alter amount type bigint;"
first "select count(*) from invoice; commit;"
first "begin isolation level serializable; select count(*) from customer;"
second "alter table invoice alter amount type numeric;"
first "select count(*) from invoice; commit;"
first "select count(*) from invoice;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: begin isolation level repeatable read; select count(*) from customer;
first:   BEGIN
first:   0
second: alter table invoice alter amount type bigint;
second:   ALTER TABLE
first: select count(*) from invoice; commit;
first:   0
first:   COMMIT
first: begin isolation level serializable; select count(*) from customer;
first:   BEGIN
first:   0
second: alter table invoice alter amount type numeric;
second:   ALTER TABLE
first: select count(*) from invoice; commit;
first:   0
first:   COMMIT
first: select count(*) from invoice;
first:   3
EXPECTED
echo "as described: a transaction with a snapshot of three rows read none, twice"
