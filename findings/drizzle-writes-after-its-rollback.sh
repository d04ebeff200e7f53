#!/usr/bin/env bash
# Drizzle 0.45.4 and postgres.js 3.4.9 on PostgreSQL 15.20: a transaction that was rolled back goes on writing, for good.
#
# Two things are done in one transaction with Promise.all. One fails, so the transaction is rolled back and the caller told; the
# other is still on its way and writes a moment later, with the same transaction object. One would guess that the object is dead
# by then. With Knex 3.3.0 and Kysely 0.28.19 it is, and the write fails. Drizzle on node-postgres, and postgres.js itself, send
# it on the connection that has gone back to the pool: it is committed by itself, or falls into somebody else's transaction.
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
npm install --silent --no-audit --no-fund --prefix "$work" pg@8.23.1 drizzle-orm@0.45.4 postgres@3.4.9 knex@3.3.0 kysely@0.28.19 \
  >npm.txt 2>&1 || { cat npm.txt; exit 2; }
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PGHOST=$work/data PGUSER=postgres PGDATABASE=postgres
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

psql -Xq -c 'create table shipment (library text)'
cat >late.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import postgres from 'postgres';
import knex from 'knex';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Kysely, PostgresDialect, sql } from 'kysely';
const pool = new pg.Pool();
const postgresJs = postgres({ host: process.env.PGHOST });
const knexPool = knex({ client: 'pg', connection: {} });
const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
const drizzlePool = drizzle({ client: pool });
const libraries = { // name: [begins a transaction, runs a statement in it]
  'drizzle': [(work) => drizzlePool.transaction(work), (tx, text) => tx.execute(text)],
  'postgres.js': [(work) => postgresJs.begin(work), (tx, text) => tx.unsafe(text)],
  'knex': [(work) => knexPool.transaction(work), (tx, text) => tx.raw(text)],
  'kysely': [(work) => kysely.transaction().execute(work), (tx, text) => sql.raw(text).execute(tx)],
};
for (const [name, [transaction, execute]] of Object.entries(libraries)) {
  let late;
  const ship = async (tx) => {
    await sleep(300); // asks a carrier, say
    late = await execute(tx, `insert into shipment values ('${name}')`).then(() => 'written', () => 'refused');
  };
  const charge = async () => {
    await sleep(100);
    throw new Error('card declined');
  };
  const outcome = await transaction((tx) => Promise.all([ship(tx), charge()])).catch((error) => error.message);
  await sleep(500);
  const { rowCount } = await pool.query('select from shipment where library = $1', [name]);
  console.log(`${name}: rolled back, "${outcome}"; then ${late}; rows in the table: ${rowCount}`);
}
await Promise.all([pool.end(), postgresJs.end(), knexPool.destroy()]);
JS
node late.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
drizzle: rolled back, "card declined"; then written; rows in the table: 1
postgres.js: rolled back, "card declined"; then written; rows in the table: 1
knex: rolled back, "card declined"; then refused; rows in the table: 0
kysely: rolled back, "card declined"; then refused; rows in the table: 0
EXPECTED
echo "as described: a shipment was stored in a transaction that was rolled back before"
