#!/usr/bin/env bash
# PostgreSQL 15.20: a lock that is taken in a WITH is not taken, if nothing reads from it.
#
# WITH lock AS (SELECT pg_advisory_xact_lock(7)) INSERT …: one statement that waits for its turn and then writes; or a row that is
# locked FOR UPDATE first, in the same way. An INSERT or UPDATE in a WITH is always carried out, and one would guess that so is a
# SELECT that locks. It is left out of the plan when the statement does not read it, with its lock, without a word.
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

psql -Xq -c 'create table account (id int primary key, balance int)' -c 'insert into account values (1, 100), (2, 0)' \
  -c 'create table payment (amount int)'
cat >stranger.sql <<'SQL'
select '  a stranger gets lock 7: ' || pg_try_advisory_xact_lock(7) || ', accounts: ' || count(*) || ' of 2'
from (select from account for update skip locked) as free;
SQL
run() { # PREFIX: of a payment; says what a stranger gets before the COMMIT
  echo "$1 insert …"
  psql -XqAt <<SQL
begin;
$1 insert into payment values (10);
\\! psql -XAtf stranger.sql
commit;
SQL
}
{
  run "with lock as (select pg_advisory_xact_lock(7))"
  run "with lock as (select from account where id = 1 for update)"
  run "with lock as (update account set balance = balance - 10 where id = 1)"
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
with lock as (select pg_advisory_xact_lock(7)) insert …
  a stranger gets lock 7: true, accounts: 2 of 2
with lock as (select from account where id = 1 for update) insert …
  a stranger gets lock 7: true, accounts: 2 of 2
with lock as (update account set balance = balance - 10 where id = 1) insert …
  a stranger gets lock 7: true, accounts: 1 of 2
EXPECTED
echo "as described: of three statements in WITH the two that lock were left out"
