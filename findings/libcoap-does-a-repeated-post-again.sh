#!/usr/bin/env bash
# libcoap 4.3.1: a POST that the client's own library repeats, under the same message ID, is done twice by the server's.
#
# CoAP runs over UDP: a request that was not acknowledged is sent again after two or three seconds, by itself, as the same datagram.
# Each carries a message ID, so that the receiver can tell a repetition from a second request; it should answer again, and not do it
# again. One would guess that the library takes care of that, as it does of the repeating. It does not look at the ID: when the first
# answer of its resource directory is lost, a sensor that has registered once is there twice, under two names.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq libcoap3=4.3.1-1 libcoap3-bin=4.3.1-1 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
cat >sensor.mjs <<'JS'
import { createSocket } from 'node:dgram';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
const bin = 'tree/usr/bin/';
const listen = async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
};
const free = await listen();
const { port } = free.address();
free.close();
const directory = spawn(`${bin}coap-rd-notls`, ['-A', '127.0.0.1', '-p', port], { stdio: 'ignore' });
process.on('exit', () => directory.kill());
await new Promise((resolve) => setTimeout(resolve, 500));

// Stands between the client and the directory, and loses answers.
let lose, posts;
const client = await listen();
const server = await listen();
let from;
client.on('message', (datagram, sender) => {
  from = sender;
  if (datagram[1] === 2) posts.push(datagram.toString('hex')); // 0.02 is POST
  server.send(datagram, port, '127.0.0.1');
});
server.on('message', (datagram) => {
  if (lose-- > 0) return;
  client.send(datagram, from.port, '127.0.0.1');
});
const coap = async (path, ...options) => {
  const { stdout } = await promisify(execFile)(`${bin}coap-client-notls`, ['-B', '10', ...options,
    `coap://127.0.0.1:${client.address().port}/${path}`]);
  return stdout;
};
let before = 0;
for (const lost of [0, 1]) {
  posts = [];
  lose = lost;
  await coap(`rd?ep=sensor-${lost}`, '-m', 'post', '-t', '40', '-e', '</temperature>');
  const registrations = (await coap('.well-known/core')).match(/<\/rd\/[^>]+>/g).length;
  console.log(`answers lost: ${lost}; datagrams: ${posts.length}, different ones: ${new Set(posts).size}; ` +
              `registrations: ${registrations - before}`);
  before = registrations;
}
directory.kill();
await once(directory, 'exit');
process.exit();
JS
echo "libcoap $(dpkg-deb -f libcoap3_*.deb Version)"
node sensor.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
answers lost: 0; datagrams: 1, different ones: 1; registrations: 1
answers lost: 1; datagrams: 2, different ones: 1; registrations: 2
EXPECTED
echo "as described: one POST, twice the same datagram, two registrations"
