#!/usr/bin/env bash
# PostgreSQL 15.20: SELECT … FOR KEY SHARE NOWAIT waits, and so does SKIP LOCKED, for a transaction that changed the row and then
# deleted it.
#
# NOWAIT promises an error instead of a wait, SKIP LOCKED to pass over what others hold; and for a row that was deleted only, both
# keep their word. FOR KEY SHARE does not mind that the version it sees was replaced without its key; it goes on to lock the next
# version, and for that one it waits, whatever it was told. A worker that must never wait waits for as long as the other takes.
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
create table account (id int primary key, n int);
insert into account values (1, 0), (2, 0);
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

first "begin; delete from account where id = 1;"
second "select n from account where id = 1 for key share nowait;"
first "rollback;"
first "begin; update account set n = 1 where id = 2; delete from account where id = 2;"
second "select n from account where id = 2 for key share nowait;"
first "rollback;"
first "begin; update account set n = 1 where id = 2; delete from account where id = 2;"
second "select n from account where id = 2 for key share skip locked;"
first "rollback;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: begin; delete from account where id = 1;
first:   BEGIN
first:   DELETE 1
second: select n from account where id = 1 for key share nowait;
second:   ERROR:  could not obtain lock on row in relation "account"
first: rollback;
first:   ROLLBACK
first: begin; update account set n = 1 where id = 2; delete from account where id = 2;
first:   BEGIN
first:   UPDATE 1
first:   DELETE 1
second: select n from account where id = 2 for key share nowait;
first: rollback;
first:   ROLLBACK
second:   0
first: begin; update account set n = 1 where id = 2; delete from account where id = 2;
first:   BEGIN
first:   UPDATE 1
first:   DELETE 1
second: select n from account where id = 2 for key share skip locked;
first: rollback;
first:   ROLLBACK
second:   0
EXPECTED
echo "as described: NOWAIT and SKIP LOCKED waited until the other transaction ended"
