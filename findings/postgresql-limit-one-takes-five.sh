#!/usr/bin/env bash
# PostgreSQL 15.20: a worker that takes one job, LIMIT 1 FOR UPDATE SKIP LOCKED, takes all five, by what the planner last saw.
#
# UPDATE … WHERE id IN (SELECT … LIMIT 1 FOR UPDATE SKIP LOCKED) is a usual way to take one job. One would guess that LIMIT 1
# holds, whatever the plan. If the statistics date from when the queue was nearly empty, as a queue is most of the time, the
# planner joins by a loop and runs the inner SELECT once for each row of the table. Each time the job taken before is passed over,
# being changed already, and the next one is taken. The same statement takes one job on statistics of a longer queue, and with
# `id = (SELECT …)` in place of IN, where the SELECT runs once.
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

take() { # OPERATOR: between the id and the job that was selected
  psql -XqAt <<SQL
with taken as (
  update job set state = 'running'
  where id $1 (select id from job where state = 'ready' order by id limit 1 for update skip locked)
  returning id)
select 'taken: ' || string_agg(id::text, ' ' order by id) from taken;
update job set state = 'ready' where id > 0;
SQL
}
psql -Xq <<'SQL'
create table job (id int primary key, state text not null) with (autovacuum_enabled = false);
insert into job values (0, 'done');
analyze job;
insert into job select id, 'ready' from generate_series(1, 5) as id;
SQL
{
  echo "statistics of one row, id in (…): $(take in)"
  echo "statistics of one row, id = (…): $(take =)"
  psql -Xq -c 'analyze job'
  echo "statistics of six rows, id in (…): $(take in)"
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
statistics of one row, id in (…): taken: 1 2 3 4 5
statistics of one row, id = (…): taken: 1
statistics of six rows, id in (…): taken: 1
EXPECTED
echo "as described: LIMIT 1 took five jobs"
