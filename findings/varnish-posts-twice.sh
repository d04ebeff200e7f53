#!/usr/bin/env bash
# Varnish 7.1.1: a POST without a body is sent twice when its answer is lost, on a connection that was used before.
#
# POST /orders/7/pay says all in its path, and needs no body. The server reads it, does it, and the connection breaks before the
# answer. One would guess a 503, since nobody can know whether it was done; and that is what a POST with a body gets, or one that is
# the first on its connection. If the connection comes from the pool, Varnish takes it for one that had been closed before, and
# sends the request again on a new one. The client is told 200, and it was paid twice. (Needs gcc, as Varnish does.)
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

version=7.1.1-2+deb12u1
apt-get download -qq varnish=$version libvarnishapi3=$version libjemalloc2 libedit2 libncursesw6 libpcre2-8-0 libtinfo6 \
  >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu:$work/tree/usr/lib/x86_64-linux-gnu/varnish
tree/usr/sbin/varnishd -V 2>&1 | sed -n 1p
mkdir cache
printf 'vcl 4.1;\nbackend shop { .path = "%s"; }\n' "$work/shop" >shop.vcl

cat >shop.mjs <<'JS'
import { createServer, request } from 'node:http';
import { once } from 'node:events';
let payments = 0;
const shop = createServer((received, response) => {
  received.resume().on('end', () => {
    if (received.method === 'GET') return response.setHeader('Cache-Control', 'no-store').end('your order');
    if (++payments === 1) return received.socket.destroy();
    response.end('paid');
  });
}).listen('shop');
await once(shop, 'listening');
const ask = (method, length) => new Promise((resolve, reject) => {
  const headers = { 'Content-Length': length };
  request({ socketPath: 'front', agent: false, method, path: '/orders/7/pay', headers }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode));
  }).on('error', reject).end('x'.repeat(length));
});
const pay = async (what, length) => {
  payments = 0;
  const status = await ask('POST', length);
  console.log(`${what}: the client is told ${status}, payments: ${payments}`);
};
await pay('POST without a body, on a new connection', 0);
await ask('GET', 0);
await pay('POST with a body, on a connection used before', 1);
await ask('GET', 0);
await pay('POST without a body, on a connection used before', 0);
process.exit();
JS
tree/usr/sbin/varnishd -F -j none -n "$work/cache" -a "$work/front" -f "$work/shop.vcl" >varnish.txt 2>&1 &
server=$!
for _ in $(seq 100); do
  grep -q 'Child starts' varnish.txt && break
  sleep 0.2
done
node shop.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
POST without a body, on a new connection: the client is told 503, payments: 1
POST with a body, on a connection used before: the client is told 503, payments: 1
POST without a body, on a connection used before: the client is told 200, payments: 2
EXPECTED
echo "as described: one POST paid twice"
