#!/usr/bin/env bash
# Wget 1.21.3: a POST whose answer is lost is sent twenty times.
#
# The server reads the whole order, does it, and closes the connection without an answer. One would guess that a POST is sent
# once, as curl does without --retry, or that a retry has to be asked for. Twenty tries are the default, for downloads that break
# off, and --post-data is no exception; a time-out counts as well. (Only a refused connection, and any answer at all, even 503,
# end it.)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq wget=1.21.3-1+deb12u1 libpsl5 libgnutls30 libuuid1 libpcre2-8-0 libidn2-0 libnettle8 >apt.txt 2>&1 ||
  { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
cat >order.mjs <<'JS'
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
for (const [name, lose] of Object.entries({
  'the connection is closed without an answer': (socket) => socket.end(),
  'the answer is 503': (socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
})) {
  let orders = 0;
  const server = createServer((request) => {
    request.resume().on('end', () => {
      if (request.method === 'POST') ++orders;
      lose(request.socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // No pause between the tries, which would grow from 1 to 10 seconds.
  const wget = spawn('tree/usr/bin/wget', ['--no-config', '-q', '-O-', '--waitretry=0', '--post-data=article=7',
                                           `http://127.0.0.1:${server.address().port}/orders`]);
  await once(wget, 'exit');
  console.log(`${name}: ${orders} orders`);
  server.close();
}
JS
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/bin/wget --version | sed -n 1p | cut -d' ' -f1-3
node order.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
the connection is closed without an answer: 20 orders
the answer is 503: 1 orders
EXPECTED
echo "as described: one command, twenty orders"
