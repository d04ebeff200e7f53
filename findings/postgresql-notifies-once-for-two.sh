#!/usr/bin/env bash
# PostgreSQL 15.20: three NOTIFY 'order paid' of one transaction arrive as one; of three transactions, as three.
#
# One would guess that a notification is a message: sent three times, it comes three times, also if the payloads are alike. Within a
# transaction those that are alike are folded into one, wherever they come from: a trigger that tells of every row tells of one row
# only, if the payload is the table's name or the amount. Nothing warns, and NOTIFY answers NOTIFY each time. Whoever counts them
# counts less when rows are written together than when they are written one by one.
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
create table payment (id int generated always as identity, amount int);
create function tell() returns trigger language plpgsql as
  $$ begin perform pg_notify('paid', new.amount::text); return new; end $$;
create trigger tell after insert on payment for each row execute function tell();
SQL
heard() { # STATEMENTS
  printf '%s' "$1" | psql -XqAt -c 'listen paid' -f - | grep -c '^Asynchronous notification "paid"' || true
}
{
  echo "three payments of 30 in one statement: $(heard 'insert into payment (amount) values (30), (30), (30);') heard"
  echo "of 30, 31, 32 in one statement: $(heard 'insert into payment (amount) values (30), (31), (32);') heard"
  echo "of 30 in three statements: $(heard 'insert into payment (amount) values (30);
insert into payment (amount) values (30);
insert into payment (amount) values (30);') heard"
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
three payments of 30 in one statement: 1 heard
of 30, 31, 32 in one statement: 3 heard
of 30 in three statements: 3 heard
EXPECTED
echo "as described: three payments, one notification"
