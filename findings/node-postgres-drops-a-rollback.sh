#!/usr/bin/env bash
# node-postgres 8.23.1 on PostgreSQL 15.20: an INSERT that reported one row is gone, since a stranger's ROLLBACK was never sent.
#
# A request waits for a lock until its query_timeout, then rolls back and gives its connection back to the pool. The ROLLBACK has
# to wait behind the statement that was given up but still runs, and has the same time limit; when it is over, the ROLLBACK is
# struck off the list before it was sent. One would guess that a connection whose ROLLBACK failed is thrown away, or that the
# ROLLBACK goes out late. The connection goes to the next request in the midst of a transaction: what that one writes is
# reported as done, and undone when the connection closes.
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
npm install --silent --no-audit --no-fund --prefix "$work" pg@8.23.1 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PGHOST=$work/data PGUSER=postgres PGDATABASE=postgres
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

psql -Xq -c 'create table account (id int primary key, balance int)' -c 'insert into account values (1, 100)' \
  -c 'create table payment (who text)'
cat >pool.mjs <<'JS'
import pg from 'pg';
const observer = new pg.Client();
await observer.connect();
const stored = async () => (await observer.query('select who from payment')).rows.map((row) => row.who).join() || 'none';
await observer.query('begin; select * from account where id = 1 for update');

const pool = new pg.Pool({ max: 1, query_timeout: 500 });
async function first() {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('update account set balance = balance - 10 where id = 1');
    await client.query('commit');
  } catch (error) {
    console.log(`first: UPDATE: ${error.message}`);
    await client.query('rollback');
  } finally {
    client.release();
  }
}
await first().catch((error) => console.log(`first: ROLLBACK: ${error.message}`));
await observer.query('rollback');
const answer = await pool.query("insert into payment values ('second')");
console.log(`second: INSERT: ${answer.rowCount} row; others see: ${await stored()}`);
await pool.end();
console.log(`when the pool has ended: ${await stored()}`);
await observer.end();
JS
node -p '"pg " + require("pg/package.json").version'
node pool.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
first: UPDATE: Query read timeout
first: ROLLBACK: Query read timeout
second: INSERT: 1 row; others see: none
when the pool has ended: none
EXPECTED
echo "as described: the second request was told that its row was inserted, and it is nowhere"
