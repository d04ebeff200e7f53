#!/usr/bin/env bash
# PostgreSQL 15.20: SELECT … ORDER BY priority FOR UPDATE gives rows in another order than that of the priorities that it gives.
#
# One would guess that ORDER BY holds for what comes back. At READ COMMITTED rows are sorted first and locked after: a row that had to
# be waited for comes with its new values in its old place. The urgent job that was put back to the end of the queue comes first,
# and with LIMIT 1 it is the only one that comes. Sorting around the locking SELECT, in an outer one, gives rows in order.
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
export PGHOST=$work/data PGUSER=postgres PGDATABASE=postgres
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

psql -Xq <<'SQL'
create table job (id int primary key, priority int not null);
insert into job values (1, 1), (2, 2), (3, 3);
SQL
# While somebody puts job 1 back to priority 9, and then again to 1: what the other one gets, who has to wait for it.
ask() { # QUERY
  mkfifo other
  psql -XqAt <other >/dev/null &
  exec 3>other
  echo "begin; update job set priority = 9 where id = 1; select pg_notify('held', '');" >&3
  while [ "$(psql -XAtc "select count(*) from pg_locks where locktype = 'relation' and mode = 'RowExclusiveLock' and relation = 'job'::regclass")" = 0 ]; do
    sleep 0.05
  done
  psql -XqAt -c "$1" >got.txt &
  asking=$!
  while [ "$(psql -XAtc 'select count(*) from pg_locks where not granted')" = 0 ]; do sleep 0.05; done
  echo 'commit;' >&3
  exec 3>&-
  wait "$asking"
  tr '\n' ' ' <got.txt
  rm other
  psql -Xq -c 'update job set priority = 1 where id = 1'
}
{
  echo "order by priority for update:         $(ask 'select id, priority from job order by priority for update')"
  echo "order by priority limit 1 for update: $(ask 'select id, priority from job order by priority limit 1 for update')"
  echo "sorted around it:                     $(ask 'with locked as (select id, priority from job for update) select * from locked order by priority')"
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
order by priority for update:         1|9 2|2 3|3 
order by priority limit 1 for update: 1|9 
sorted around it:                     2|2 3|3 1|9 
EXPECTED
echo "as described: 9 before 2 before 3"
