#!/usr/bin/env bash
# MariaDB 10.11.19: a handler that survives a deadlock writes outside of its transaction, and its ROLLBACK undoes nothing.
#
# The handler guards a step that may fail by a savepoint, so that the rest can be kept. The step ends in a deadlock. One would
# guess that it is undone to the savepoint, or that the transaction is dead and refuses all but ROLLBACK. All of it is undone, the
# savepoint with it, and the session is in no transaction at all: each further statement commits by itself. Of what was to be all
# or nothing the first half is gone, and the second half stays, whatever the handler says at the end.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

version=1:10.11.19-0+deb12u1
apt-get download -qq mariadb-server-core=$version mariadb-client-core=$version libmariadb3=$version \
  libaio1 liburing2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
npm install --silent --no-audit --no-fund --prefix "$work" mysql2@3.24.6 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
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

cat >deadlock.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
const connect = () => mysql.createConnection({ socketPath: process.argv[2], user: 'root', database: 'test' });
const [handler, other] = [await connect(), await connect()];
await other.query('create table stock (id int primary key, n int) engine = innodb');
await other.query('create table line (text varchar(20)) engine = innodb');
await other.query('insert into stock values (1, 5), (2, 5)');
const say = async (text) => console.log(`handler: ${text}: ${await handler.query(text).then(() => 'done', (error) => error.code)}`);

await other.query('begin');
await other.query('update stock set n = n - 1 where id = 2');
// The other one has more to lose, so that the handler is chosen to fail.
for (let i = 0; i < 20; ++i) await other.query("insert into line values ('of the other')");
await say('begin');
await say("insert into line values ('order')");
await say('update stock set n = n - 1 where id = 1');
await say('savepoint step');
const circle = other.query('update stock set n = n - 1 where id = 1');
await sleep(300);
await say('update stock set n = n - 1 where id = 2');
await say('rollback to savepoint step');
await circle;
await other.query('rollback');
await say("insert into line values ('invoice')");
await say('rollback');
const [lines] = await other.query('select text from line');
console.log(`stored: ${lines.map((line) => line.text).join() || 'nothing'}`);
await Promise.all([handler.end(), other.end()]);
JS
node deadlock.mjs "$work/socket" | tee seen.txt

diff - seen.txt <<'EXPECTED'
handler: begin: done
handler: insert into line values ('order'): done
handler: update stock set n = n - 1 where id = 1: done
handler: savepoint step: done
handler: update stock set n = n - 1 where id = 2: ER_LOCK_DEADLOCK
handler: rollback to savepoint step: ER_SP_DOES_NOT_EXIST
handler: insert into line values ('invoice'): done
handler: rollback: done
stored: invoice
EXPECTED
echo "as described: an invoice was stored without its order, though the transaction was rolled back"
