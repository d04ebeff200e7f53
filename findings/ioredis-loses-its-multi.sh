#!/usr/bin/env bash
# ioredis 6.0.0 on Redis 7.0.15: a connection that breaks within MULTI leaves half of the transaction done.
#
# MULTI, then 70 is taken from one account; the connection breaks and is made anew; then 70 is added to the other. One would
# guess that MULTI protects from just that: all or nothing. The client reconnects and sends the second half on a connection that
# knows of no MULTI, where it is done at once, and reports 70; the first half went with the old connection. EXEC fails, too late.
# (So it goes with `multi({ pipeline: false })`; the usual pipeline is sent as a whole.)
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq redis-tools=5:7.0.15-1~deb12u10 liblzf1=3.6-3 libjemalloc2=5.3.0-1 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
npm install --silent --no-audit --no-fund --prefix "$work" ioredis@6.0.0 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cp -L tree/usr/bin/redis-check-rdb redis-server # one program, which goes by its name
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu

./redis-server --version | cut -d' ' -f1-3
./redis-server --port 0 --unixsocket "$work/socket" --save '' --dir "$work" >server.txt 2>&1 &
server=$!
for _ in $(seq 50); do
  [ -S socket ] && break
  sleep 0.1
done
cat >transfer.mjs <<'JS'
import { Redis } from 'ioredis';
const [client, other] = [new Redis({ path: 'socket' }), new Redis({ path: 'socket' })];
await other.mset('from', 100, 'to', 0);
const say = async (text, reply) => console.log(`${text}: ${await reply.catch((error) => error.message)}`);
const id = await client.client('ID');
await say('MULTI', client.multi({ pipeline: false }));
await say('DECRBY from 70', client.decrby('from', 70));
await say('the connection is closed', other.client('KILL', 'ID', id));
await say('INCRBY to 70', client.incrby('to', 70));
await say('EXEC', client.exec());
const [from, to] = await other.mget('from', 'to');
console.log(`from ${from}, to ${to}`);
process.exit();
JS
npm ls --prefix "$work" --depth 0 ioredis | grep -o 'ioredis@.*'
node transfer.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
MULTI: OK
DECRBY from 70: QUEUED
the connection is closed: 1
INCRBY to 70: 70
EXEC: ERR EXEC without MULTI
from 100, to 70
EXPECTED
echo "as described: half a transfer was done"
