#!/usr/bin/env bash
# PostgreSQL 15.20: a writer that waits for a row is passed by every reader that comes later; with a table it is not.
#
# Readers lock a row FOR SHARE, three seconds each, one a second; a writer wants to change it. One would guess that there is a
# queue, as there is for tables: who comes after the writer waits for it. A row has none that a reader would stand in: while some
# share it, each new one gets in at once, whoever waits, and the writer has to find a moment with none at all. With enough readers
# there is no such moment, and it sees its lock_timeout, where the table's readers would have made room. So it is with FOR KEY SHARE,
# which each check of a foreign key takes, and the deletion of a much-used parent. What helps: pg_advisory_xact_lock_shared() before
# the row's lock, since that one has a queue.
set -euo pipefail
work=$(mktemp -d)
# The server refuses to be run by root.
as_server() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}
stop() {
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

psql -Xq -c 'create table rate (id int primary key, n int)' -c 'insert into rate values (1, 100)'
# Five readers, one a second, for three seconds each, and a writer after the first of them.
run() { # NAME READ WRITE
  local ids=() number
  : >order.txt
  for number in 1 2 3 4 5; do
    psql -XqAt -c "begin; $2" -c "\\! echo reader >>order.txt" -c 'select pg_sleep(3)' -c commit >/dev/null &
    ids+=($!)
    sleep 0.5
    if [ "$number" = 1 ]; then
      psql -XqAt -c "begin; $3" -c "\\! echo writer >>order.txt" -c commit >/dev/null &
      ids+=($!)
    fi
    sleep 0.5
  done
  wait "${ids[@]}"
  echo "$1: the writer came second, and got in as number $(grep -n writer order.txt | cut -d: -f1) of $(grep -c . order.txt)"
}
{
  run 'a row' 'select from rate for share' 'update rate set n = n + 1'
  run 'a table' 'lock table rate in share mode' 'lock table rate in exclusive mode'
  run 'an advisory lock' 'select pg_advisory_xact_lock_shared(1)' 'select pg_advisory_xact_lock(1)'
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
a row: the writer came second, and got in as number 6 of 6
a table: the writer came second, and got in as number 2 of 6
an advisory lock: the writer came second, and got in as number 2 of 6
EXPECTED
echo "as described: four readers that came later have passed the writer"
