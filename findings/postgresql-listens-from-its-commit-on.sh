#!/usr/bin/env bash
# PostgreSQL 15.20: a worker that listens first and looks then, in one transaction, misses a job that comes after both.
#
# LISTEN, then look for what is there already, so that nothing falls between: the order that one is taught. One would guess
# that whoever has called LISTEN hears of what is committed from then on. It counts from the COMMIT of the listener: a job that is
# committed after the LISTEN, and after the look, but before that COMMIT is neither seen nor told, and waits until
# something else wakes the worker. A library or framework that opens a transaction around each piece of work makes two right
# statements wrong. What helps: LISTEN in a transaction of its own, committed before the look, as the second worker here.
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

psql -Xq -c 'create table job (id int primary key)'
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

first "\\set VERBOSITY terse"
first "begin; listen job; select count(*) from job;"
second "begin; insert into job values (1); notify job, 'one'; commit;"
first "commit;"
first "select 'is anything there?';"
first "unlisten *;"
first "delete from job;"
first "begin; listen job; commit; begin; select count(*) from job;"
second "begin; insert into job values (2); notify job, 'two'; commit;"
first "commit;"
first "select 'is anything there?';"
exec 3>&- 4>&-
wait "${sessions[@]}"
sed -i 's/ received from server process with PID .*/ received/' seen.txt
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: \set VERBOSITY terse
first: begin; listen job; select count(*) from job;
first:   BEGIN
first:   LISTEN
first:   0
second: begin; insert into job values (1); notify job, 'one'; commit;
second:   BEGIN
second:   INSERT 0 1
second:   NOTIFY
second:   COMMIT
first: commit;
first:   COMMIT
first: select 'is anything there?';
first:   is anything there?
first: unlisten *;
first:   UNLISTEN
first: delete from job;
first:   DELETE 1
first: begin; listen job; commit; begin; select count(*) from job;
first:   BEGIN
first:   LISTEN
first:   COMMIT
first:   BEGIN
first:   0
second: begin; insert into job values (2); notify job, 'two'; commit;
second:   BEGIN
second:   INSERT 0 1
second:   NOTIFY
second:   COMMIT
first: commit;
first:   COMMIT
first:   Asynchronous notification "job" with payload "two" received
first: select 'is anything there?';
first:   is anything there?
EXPECTED
echo "as described: job 1 was neither seen nor told"
