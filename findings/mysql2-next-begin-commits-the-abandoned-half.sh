#!/usr/bin/env bash
# mysql2 3.24.6 on MariaDB 10.11.19: a handler that died half-way is committed by the next one, which dies as well.
#
# The handler throws between BEGIN and COMMIT, and gives its connection back to the pool in a `finally`. One would guess that what
# it wrote is rolled back, by the pool or with the connection. mysql2's pool hands the open transaction on, and the BEGIN of
# the next request commits it, as every BEGIN does on this database. (The connector named mariadb 3.5.4 rolls back on return;
# node-postgres hands it on too, but there BEGIN is only a warning.)
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

version=1:10.11.19-0+deb12u1
apt-get download -qq mariadb-server-core=$version mariadb-client-core=$version libmariadb3=$version \
  libaio1 liburing2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
npm install --silent --no-audit --no-fund --prefix "$work" mysql2@3.24.6 mariadb@3.5.4 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
client() { tree/usr/bin/mariadb --no-defaults --socket="$work/socket" "$@"; }
mkdir data
# It knows no accounts: its socket stands in this folder, which is ours alone.
tree/usr/sbin/mariadbd --no-defaults --user="$(id -un)" --skip-networking --skip-grant-tables --datadir="$work/data" \
  --socket="$work/socket" --lc-messages-dir="$work/tree/usr/share/mysql" >server.txt 2>&1 &
server=$!
for _ in $(seq 100); do
  client -e 'select 1' >ping.txt 2>&1 && break
  sleep 0.2
done
client -Ne 'select version()'
client -e 'create database test'

cat >pool.mjs <<'JS'
import mysql2 from 'mysql2/promise';
import mariadb from 'mariadb';
const options = { socketPath: process.argv[2], user: 'root', database: 'test' };
const observer = await mysql2.createConnection(options);
for (const [name, library] of Object.entries({ mysql2, mariadb })) {
  const pool = library.createPool({ ...options, connectionLimit: 1 });
  const handle = async (who) => {
    const connection = await pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.query('insert into transfer values (?)', [who]);
      throw new Error('died half-way');
    } finally {
      connection.release();
    }
  };
  await observer.query('create or replace table transfer (who text) engine = innodb');
  for (const who of ['first', 'second']) {
    await handle(who).catch((error) => console.log(`${name}: ${who} ${error.message}`));
    const [rows] = await observer.query('select who from transfer');
    console.log(`${name}: committed: ${rows.map((row) => row.who).join() || 'nothing'}`);
  }
  await pool.end();
}
await observer.end();
JS
node pool.mjs "$work/socket" | tee seen.txt

diff - seen.txt <<'EXPECTED'
mysql2: first died half-way
mysql2: committed: nothing
mysql2: second died half-way
mysql2: committed: first
mariadb: first died half-way
mariadb: committed: nothing
mariadb: second died half-way
mariadb: committed: nothing
EXPECTED
echo "as described: with mysql2 the half of the first request was committed by the second"
