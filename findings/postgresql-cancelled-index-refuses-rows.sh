#!/usr/bin/env bash
# PostgreSQL 15.20: a unique index whose creation was given up refuses rows all the same, and no ON CONFLICT can name it.
#
# CREATE UNIQUE INDEX CONCURRENTLY waits for whoever has an older snapshot, here a report, and the migration's lock_timeout ends
# it: "canceling statement". The index stays, marked INVALID, and no query uses it. One would guess that it does nothing, until
# somebody drops it. It refuses every duplicate from now on, with an error that names the index of the migration that failed; and
# INSERT … ON CONFLICT (email) is told that there is no such unique index. Tried again with IF NOT EXISTS, the migration succeeds
# and changes nothing. What helps: DROP INDEX before each new try, and a look at pg_index.indisvalid after it.
set -euo pipefail
work=$(mktemp -d)
# The server refuses to be run by root.
as_server() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}
stop() {
  exec 3>&-
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

sql() { echo "$1;"; { psql -XqAt -v VERBOSITY=terse -c "$1" 2>&1 || true; } | sed 's/^/  /'; }
psql -Xq -c 'create table account (id int primary key, email text)' -c "insert into account values (1, 'ann@example.org')"
mkfifo report
psql -XAt <report >report.txt 2>&1 &
session=$!
exec 3>report
echo 'begin isolation level repeatable read; select count(*) from account;' >&3
for _ in $(seq 50); do
  grep -q '^1$' report.txt && break
  sleep 0.1
done
export PGOPTIONS='-c lock_timeout=2s'
{
  sql "create unique index concurrently email on account (email)"
  sql "select indisvalid from pg_index where indexrelid = 'email'::regclass"
  echo "the report ends"
  echo 'commit;' >&3
  exec 3>&-
  wait "$session"
  sql "insert into account values (2, 'ann@example.org')"
  sql "insert into account values (3, 'bob@example.org')"
  sql "update account set email = 'bob@example.org' where id = 1"
  sql "insert into account values (4, 'bob@example.org') on conflict (email) do nothing"
  sql "create unique index concurrently if not exists email on account (email)"
  sql "select indisvalid from pg_index where indexrelid = 'email'::regclass"
} >seen.txt
cat seen.txt

diff - seen.txt <<'EXPECTED'
create unique index concurrently email on account (email);
  ERROR:  canceling statement due to lock timeout
select indisvalid from pg_index where indexrelid = 'email'::regclass;
  f
the report ends
insert into account values (2, 'ann@example.org');
  ERROR:  duplicate key value violates unique constraint "email"
insert into account values (3, 'bob@example.org');
update account set email = 'bob@example.org' where id = 1;
  ERROR:  duplicate key value violates unique constraint "email"
insert into account values (4, 'bob@example.org') on conflict (email) do nothing;
  ERROR:  there is no unique or exclusion constraint matching the ON CONFLICT specification
create unique index concurrently if not exists email on account (email);
  NOTICE:  relation "email" already exists, skipping
select indisvalid from pg_index where indexrelid = 'email'::regclass;
  f
EXPECTED
echo "as described: the index that was given up refuses rows"
