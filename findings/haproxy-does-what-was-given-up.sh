#!/usr/bin/env bash
# HAProxy 2.6.12: a request that its client has given up, while it waited in the queue, is sent to the server all the same.
#
# The server takes one request at a time, as `maxconn 1` says, and is busy. A payment waits in HAProxy's queue; the client's time
# limit is reached, it closes its connection and tries again, and so on. One would guess that HAProxy drops what nobody waits for
# any more: it has the closed connection before it, and the server knows nothing of the request. When the server is free, it gets
# all three, and pays three times; under load the queue is then full of work for nobody, and the time limits are missed by more. It
# is by intent, for clients that close their half when they have said all; `option abortonclose` changes it.
set -euo pipefail
work=$(mktemp -d)
proxy=
stop_proxy() { [ -z "$proxy" ] || { kill "$proxy" 2>/dev/null || true; wait "$proxy" 2>/dev/null || true; }; proxy=; }
trap 'stop_proxy; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq haproxy=2.6.12-1+deb12u4 liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 >apt.txt 2>&1 ||
  { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/sbin/haproxy -v | sed -n 1p | cut -d' ' -f1-3
cat >pay.mjs <<'JS'
import { createServer, request } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
createServer(async (incoming, response) => {
  let text = '';
  for await (const part of incoming) text += part;
  console.log(`  the server does: ${text}`);
  await sleep(text === 'report' ? 4000 : 100);
  response.end();
}).listen('back');
const post = (text, milliseconds) => new Promise((resolve) => {
  const outgoing = request({ socketPath: 'front', agent: false, method: 'POST', headers: { 'Content-Length': text.length } },
    (response) => response.resume().on('end', () => {
      console.log(`  the client has its answer to: ${text}`);
      resolve(true);
    }));
  outgoing.on('error', (error) => {
    console.log(`  the client gives up: ${text}`);
    resolve(false);
  });
  if (milliseconds) setTimeout(() => outgoing.destroy(new Error('too late')), milliseconds);
  outgoing.end(text);
});
const report = post('report');
await sleep(500);
await post('pay 10 for order 7, first try', 1000);
await post('pay 10 for order 7, second try', 1000);
await post('pay 10 for order 7, third try');
await report;
process.exit();
JS
for option in 'no option abortonclose' 'option abortonclose'; do
  echo "$option:"
  rm -f front back
  cat >haproxy.cfg <<CFG
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout queue 30s
  $option
frontend front
  bind unix@$work/front
  default_backend back
backend back
  server one unix@$work/back maxconn 1
CFG
  tree/usr/sbin/haproxy -f haproxy.cfg -db >proxy.txt 2>&1 &
  proxy=$!
  for _ in $(seq 50); do
    [ -S front ] && break
    sleep 0.1
  done
  timeout 30 node pay.mjs
  stop_proxy
done >seen.txt
cat seen.txt

diff - seen.txt <<'EXPECTED'
no option abortonclose:
  the server does: report
  the client gives up: pay 10 for order 7, first try
  the client gives up: pay 10 for order 7, second try
  the client has its answer to: report
  the server does: pay 10 for order 7, first try
  the server does: pay 10 for order 7, second try
  the server does: pay 10 for order 7, third try
  the client has its answer to: pay 10 for order 7, third try
option abortonclose:
  the server does: report
  the client gives up: pay 10 for order 7, first try
  the client gives up: pay 10 for order 7, second try
  the client has its answer to: report
  the server does: pay 10 for order 7, third try
  the client has its answer to: pay 10 for order 7, third try
EXPECTED
echo "as described: two payments were begun after their client had left"
