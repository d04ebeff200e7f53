#!/usr/bin/env bash
# PostgreSQL 15.20: changes read from a replication slot in a transaction that is rolled back are gone, and after a crash all of
# them come again, those too whose reading was committed.
#
# An outbox without a table: a worker calls pg_logical_slot_get_changes() and ships what it gets, and a slot is known to keep all
# that was not read. It is called in SQL, within a transaction, so that one would guess: if shipping fails, ROLLBACK, and the
# changes are there again, as with DELETE … RETURNING; and what was read and committed is read. The slot's place is not part of the
# transaction. It moves on at once: a rollback, an error later in the same statement or a LIMIT that leaves most of them unread
# lose changes. And it is written to the disk at the next checkpoint only: after a crash the slot is where it was long ago. What
# helps: pg_logical_slot_peek_changes(), ship, then pg_replication_slot_advance(), and a receiver that knows duplicates by lsn.
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
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off -c wal_level=logical" start
psql -XAtc 'show server_version'

sql() { psql -XqAt "$@"; }
get="pg_logical_slot_get_changes('outbox', null, null) where data like 'table%'"
left() { sql -c "select count(*) from pg_logical_slot_peek_changes('outbox', null, null) where data like 'table%'"; }
{
  sql -c 'create table orders (n int)' -c "select from pg_create_logical_replication_slot('outbox', 'test_decoding')" -c checkpoint
  for n in 1 2; do sql -c "insert into orders values ($n)"; done
  echo "orders 1 and 2 are committed; in the slot: $(left)"
  echo "read in a transaction: $(sql -c begin -c "select count(*) from $get" -c rollback), which is rolled back; in the slot: $(left)"
  for n in 3 4 5; do sql -c "insert into orders values ($n)"; done
  echo "orders 3 to 5 are committed; in the slot: $(left)"
  echo "read with LIMIT 1: $(sql -c "select data from $get limit 1"); in the slot: $(left)"
  sql -c "insert into orders values (6)"
  echo "order 6 is committed; in the slot: $(left)"
  echo "read by a statement that fails: $(sql -c "select 1 / (count(*) - 1) from $get" 2>&1); in the slot: $(left)"
  sql -c "insert into orders values (7)"
  echo "order 7 is committed; read in autocommit: $(sql -c "select data from $get"); in the slot: $(left)"
  as_server pg_ctl -s -w -D data -m immediate -l data/log.txt restart
  echo "the server was killed and has started again; in the slot: $(left)"
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
orders 1 and 2 are committed; in the slot: 2
read in a transaction: 2, which is rolled back; in the slot: 0
orders 3 to 5 are committed; in the slot: 3
read with LIMIT 1: table public.orders: INSERT: n[integer]:3; in the slot: 0
order 6 is committed; in the slot: 1
read by a statement that fails: ERROR:  division by zero; in the slot: 0
order 7 is committed; read in autocommit: table public.orders: INSERT: n[integer]:7; in the slot: 0
the server was killed and has started again; in the slot: 7
EXPECTED
echo "as described: the rollback gave nothing back, and the crash gave back everything"
