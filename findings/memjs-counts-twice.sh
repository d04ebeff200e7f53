#!/usr/bin/env bash
# memjs 1.3.2 on memcached 1.6.18: increment by 1 adds 2 when the server is slow, and says that all is well.
#
# memcached answers after 0.8 seconds, once; the client's time-out is 0.5. One would guess an error, since nobody can know whether
# the counter was raised. The client sends the increment again, as it does with a GET (retries: 2 is the default), and reports
# success. A limit of requests, a stock, a number of tries is off by one each time the network is slow.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq memcached=1.6.18-1+deb12u1 libevent-2.1-7 libsasl2-2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
npm install --silent --no-audit --no-fund --prefix "$work" memjs@1.3.2 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/bin/memcached --version
tree/usr/bin/memcached -u "$(id -un)" -s "$work/socket" >server.txt 2>&1 &
server=$!
for _ in $(seq 50); do
  [ -S socket ] && break
  sleep 0.1
done
cat >count.mjs <<'JS'
import net from 'node:net';
import { once } from 'node:events';
import memjs from 'memjs';
let delays = 0; // of the next answers, in milliseconds
const slow = net.createServer((client) => {
  const memcached = net.connect('socket');
  client.pipe(memcached);
  client.on('error', () => {}).on('close', () => memcached.end());
  memcached.on('data', (data) => {
    setTimeout(() => client.write(data), delays);
    delays = 0;
  });
}).listen(0, '127.0.0.1');
await once(slow, 'listening');
const client = memjs.Client.create(`127.0.0.1:${slow.address().port}`);
await client.set('attempts', '0', {});
for (const delay of [0, 800]) {
  delays = delay;
  const { success } = await client.increment('attempts', 1, {});
  const { value } = await client.get('attempts');
  console.log(`increment by 1, answered after ${delay} ms: ${success ? 'success' : 'failure'}, now ${value}`);
}
process.exit();
JS
npm ls --prefix "$work" --depth 0 memjs | grep -o 'memjs@.*'
node count.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
increment by 1, answered after 0 ms: success, now 1
increment by 1, answered after 800 ms: success, now 3
EXPECTED
echo "as described: two increments by 1 make 3"
