#!/usr/bin/env bash
# PostgreSQL 15.20 from Node: five libraries of seven report a transaction as done of which nothing was stored.
#
# The handler stores an order, then a tag; the tag is there already, which is no reason to fail, so the error is caught and the
# handler returns. PostgreSQL has given the transaction up at the error. One would guess that the COMMIT fails. It succeeds, with
# "ROLLBACK" as its answer, and Drizzle, Knex, Sequelize, TypeORM and pg-promise do not read that: the caller is told that the
# order was stored. Kysely reads it, and postgres.js remembers the error.
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
npm install --silent --no-audit --no-fund --prefix "$work" pg@8.23.1 drizzle-orm@0.45.4 knex@3.3.0 \
  sequelize@6.37.8 typeorm@1.1.1 pg-promise@12.7.1 kysely@0.28.19 postgres@3.4.9 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PGHOST=$work/data PGUSER=postgres PGDATABASE=postgres
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

psql -Xq -c 'create table orders (library text)' -c 'create table tag (name text primary key)' -c "insert into tag values ('new')"
cat >commit.mjs <<'JS'
import 'reflect-metadata';
import pg from 'pg';
import knex from 'knex';
import pgPromise from 'pg-promise';
import postgres from 'postgres';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Sequelize } from 'sequelize';
import typeorm from 'typeorm';
const host = process.env.PGHOST;
const pool = new pg.Pool();
const drizzlePool = drizzle({ client: pool });
const knexPool = knex({ client: 'pg', connection: {} });
const sequelize = new Sequelize('postgres', 'postgres', '', { host, dialect: 'postgres', logging: false });
const typeOrm = await new typeorm.DataSource({ type: 'postgres', host, username: 'postgres', database: 'postgres' }).initialize();
const promise = pgPromise()({});
const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
const postgresJs = postgres({ host });
const libraries = { // name: [begins a transaction, runs a statement in it]
  'drizzle': [(work) => drizzlePool.transaction(work), (tx, text) => tx.execute(text)],
  'knex': [(work) => knexPool.transaction(work), (tx, text) => tx.raw(text)],
  'sequelize': [(work) => sequelize.transaction(work), (transaction, text) => sequelize.query(text, { transaction })],
  'typeorm': [(work) => typeOrm.transaction(work), (tx, text) => tx.query(text)],
  'pg-promise': [(work) => promise.tx(work), (tx, text) => tx.none(text)],
  'kysely': [(work) => kysely.transaction().execute(work), (tx, text) => sql.raw(text).execute(tx)],
  'postgres.js': [(work) => postgresJs.begin(work), (tx, text) => tx.unsafe(text)],
};
for (const [name, [transaction, execute]] of Object.entries(libraries)) {
  const outcome = await transaction(async (tx) => {
    await execute(tx, `insert into orders values ('${name}')`);
    try {
      await execute(tx, "insert into tag values ('new')");
    } catch { /* somebody else was first: just as well */ }
  }).then(() => 'resolved', () => 'rejected');
  const { rowCount } = await pool.query('select from orders where library = $1', [name]);
  console.log(`${name}: ${outcome}, orders stored: ${rowCount}`);
}
await Promise.all([pool.end(), knexPool.destroy(), sequelize.close(), typeOrm.destroy(), promise.$pool.end(), postgresJs.end()]);
JS
node commit.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
drizzle: resolved, orders stored: 0
knex: resolved, orders stored: 0
sequelize: resolved, orders stored: 0
typeorm: resolved, orders stored: 0
pg-promise: resolved, orders stored: 0
kysely: rejected, orders stored: 0
postgres.js: rejected, orders stored: 0
EXPECTED
echo "as described: five libraries reported an order as stored that was not"
