#!/usr/bin/env bash
# Sequelize 6.37.8 on PostgreSQL 15.20: destroying a row that somebody else has changed succeeds, and deletes nothing.
#
# A model with `version: true` is guarded against stale objects: save() of one fails with OptimisticLockError. One would guess that
# destroy() does so as well, or that it deletes. It says DELETE … WHERE id = 1 AND version = 0, which finds no row any more, and
# nobody looks at the count: the promise resolves, the caller tells the customer that the order is cancelled, and it is not.
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
npm install --silent --no-audit --no-fund --prefix "$work" sequelize@6.37.8 pg@8.23.1 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PGHOST=$work/data PGUSER=postgres PGDATABASE=postgres
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

cat >cancel.mjs <<'JS'
import { DataTypes, Sequelize } from 'sequelize';
const sequelize = new Sequelize('postgres', 'postgres', '', { host: process.env.PGHOST, dialect: 'postgres', logging: false });
const Order = sequelize.define('order', { articles: DataTypes.INTEGER }, { version: true, timestamps: false });
await Order.sync();
const cancel = { save: (order) => order.update({ articles: 0 }), destroy: (order) => order.destroy() };
for (const [name, act] of Object.entries(cancel)) {
  const { id } = await Order.create({ articles: 1 });
  const [mine, theirs] = [await Order.findByPk(id), await Order.findByPk(id)];
  await theirs.update({ articles: 2 });
  const outcome = await act(mine).then(() => 'resolved', (error) => error.name);
  console.log(`${name} of a stale object: ${outcome}; articles in the table: ${(await Order.findByPk(id))?.articles ?? 'deleted'}`);
}
await sequelize.close();
JS
npm ls --prefix "$work" --depth 0 sequelize | grep -o 'sequelize@.*'
node cancel.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
save of a stale object: SequelizeOptimisticLockError; articles in the table: 2
destroy of a stale object: resolved; articles in the table: 2
EXPECTED
echo "as described: an order that was reported as deleted is there"
