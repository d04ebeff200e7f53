#!/usr/bin/env bash
# nginx 1.22.1: with proxy_cache_lock, there to spare the backend, the last of seven requests of 20 ms each waits for three seconds.
#
# With proxy_cache_lock on, the first request for a page that is not in the cache asks the backend, and the others wait for its
# answer. One would guess that they go on when it is there. Nobody wakes them: each looks again every half a second, so that a
# page made in 20 ms takes 500. And where the answer is none that may be stored, for a Set-Cookie, a 500 or a Cache-Control, one
# would guess that all go on at once. The next one takes the lock, the others sleep: the page is made for one after the other, half
# a second apart, by a backend that is idle, until proxy_cache_lock_timeout, 5 seconds, lets the rest through all together. What
# helps: no lock where answers may not be stored, and a timeout of about what the page takes.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq nginx=1.22.1-9+deb12u11 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
dpkg-deb -x nginx_*.deb tree
cat >nginx.conf <<CONF
daemon off;
master_process off;
pid $work/pid;
error_log $work/errors.txt;
events {}
http {
  access_log off;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  proxy_cache_path $work/cache keys_zone=pages:1m;
  server {
    listen unix:$work/front;
    proxy_cache pages;
    proxy_cache_valid 200 1m;
    location / { proxy_pass http://unix:$work/back:; proxy_cache_lock on; }
    location /unlocked/ { proxy_pass http://unix:$work/back:; }
  }
}
CONF
tree/usr/sbin/nginx -v
tree/usr/sbin/nginx -c "$work/nginx.conf" -e "$work/errors.txt" &
server=$!
for _ in $(seq 50); do
  [ -S front ] && break
  sleep 0.1
done

cat >ask.mjs <<'JS'
import { createServer, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
let asked = 0, together = 0, most = 0;
createServer(async (incoming, response) => {
  asked++;
  most = Math.max(most, ++together);
  await sleep(20);
  together--;
  if (incoming.url.endsWith('/cart')) response.setHeader('Set-Cookie', 'visitor=1');
  response.end('a page');
}).listen('back');
const ask = (path) => new Promise((resolve) => {
  const begun = Date.now();
  get({ socketPath: 'front', path, agent: false }, (response) => response.resume().on('end', () => resolve(Date.now() - begun)));
});
for (const path of ['/unlocked/page', '/page', '/unlocked/cart', '/cart']) {
  asked = most = 0;
  const times = await Promise.all(Array.from({ length: 7 }, () => ask(path)));
  times.sort((a, b) => a - b);
  console.error(`${path}: ${times.join(', ')} ms`);
  const said = (time) => time < 450 ? 'at once' : time < 2500 ? 'after half a second' : 'after three seconds';
  console.log(`${path}: the backend is asked ${asked} times, ${most > 1 ? 'together' : 'never by two at once'}; ` +
    `the second has its answer ${said(times[1])}, the seventh ${said(times[6])}`);
}
process.exit();
JS
node ask.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
/unlocked/page: the backend is asked 7 times, together; the second has its answer at once, the seventh at once
/page: the backend is asked 1 times, never by two at once; the second has its answer after half a second, the seventh after half a second
/unlocked/cart: the backend is asked 7 times, together; the second has its answer at once, the seventh at once
/cart: the backend is asked 7 times, never by two at once; the second has its answer after half a second, the seventh after three seconds
EXPECTED
echo "as described: the lock made a queue, and nobody called the next one"
