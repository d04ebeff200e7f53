#!/usr/bin/env bash
# PostgreSQL 15.20: at READ COMMITTED an UPDATE fails with 40001, because the row that it waited for went to another partition.
#
# READ COMMITTED is the level where an UPDATE that waited goes on with the new version of its row, and 40001 is what the levels
# above it answer: applications there retry, those here do not. In a table that is partitioned by state, a change of the state
# moves the row, and whoever waited for it gets 40001 ("already moved to another partition"), even for SELECT … FOR UPDATE.
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
create table job (id int, state text, tries int default 0) partition by list (state);
create table job_waiting partition of job for values in ('waiting');
create table job_done partition of job for values in ('done');
insert into job values (1, 'waiting');
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

first "begin; update job set state = 'done' where id = 1;"
second "\\set VERBOSITY sqlstate"
second "show transaction_isolation; update job set tries = tries + 1 where id = 1;"
first "commit;"
first "begin; update job set state = 'waiting' where id = 1;"
second "select tries from job where id = 1 for update;"
first "commit;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: begin; update job set state = 'done' where id = 1;
first:   BEGIN
first:   UPDATE 1
second: \set VERBOSITY sqlstate
second: show transaction_isolation; update job set tries = tries + 1 where id = 1;
second:   read committed
first: commit;
first:   COMMIT
second:   ERROR:  40001
first: begin; update job set state = 'waiting' where id = 1;
first:   BEGIN
first:   UPDATE 1
second: select tries from job where id = 1 for update;
first: commit;
first:   COMMIT
second:   ERROR:  40001
EXPECTED
echo "as described: a serialization failure at READ COMMITTED"
