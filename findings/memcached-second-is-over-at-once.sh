#!/usr/bin/env bash
# memcached 1.6.18: a lock that was taken for a second is free again after a fifth of it.
#
# `add lock 0 1`: a lock that lives for one second, should its owner die. One would guess that it lives for a second, or, as
# memcached counts in whole seconds, for one to two, as a lease must never be shorter than was said. It has a clock that ticks
# once a second, and "in one second" is the next tick: the lock lives for as long as it takes until then, from nothing to a
# second, and two workers are in. A limit of n seconds is one of n - 1 to n, and only the moment of the call, within a second of
# the server's, decides. What helps: one second more than is needed.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq memcached=1.6.18-1+deb12u1 libevent-2.1-7=2.1.12-stable-8+deb12u1 \
  libsasl2-2=2.1.28+dfsg-10+deb12u1 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/bin/memcached --version
tree/usr/bin/memcached -u "$(id -un)" -s "$work/socket" >server.txt 2>&1 &
server=$!
for _ in $(seq 50); do
  [ -S socket ] && break
  sleep 0.1
done
cat >lock.mjs <<'JS'
import net from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
const socket = net.connect('socket').setEncoding('utf8');
const say = async (line) => {
  socket.write(`${line}\r\n`);
  return (await once(socket, 'data'))[0].trim();
};
// How many milliseconds a lock lives that is taken for so many seconds.
const lives = async (seconds) => {
  const begun = performance.now();
  if (await say(`add lock 0 ${seconds} 3\r\nann`) !== 'STORED') throw new Error('not taken');
  while (await say('add lock 0 1 3\r\nbob') === 'NOT_STORED') await sleep(10);
  const time = performance.now() - begun;
  await say('delete lock');
  return time;
};
for (const seconds of [1, 2]) {
  // A lock ends when the server's clock ticks: what is taken right after that is taken at the second's beginning.
  await lives(1);
  const early = await lives(seconds);
  await sleep(800);
  const late = await lives(seconds);
  console.error(`for ${seconds} s: ${early.toFixed(0)} ms, ${late.toFixed(0)} ms`);
  const said = (time) => time < (seconds - 0.5) * 1000 ? `after less than ${seconds - 0.5} s` :
    time < (seconds + 0.1) * 1000 ? `after up to ${seconds} s` : 'later';
  console.log(`for ${seconds} s, at the beginning of a second of the server: bob has it ${said(early)}; at its end: ${said(late)}`);
}
socket.end();
JS
node lock.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
for 1 s, at the beginning of a second of the server: bob has it after up to 1 s; at its end: after less than 0.5 s
for 2 s, at the beginning of a second of the server: bob has it after up to 2 s; at its end: after less than 1.5 s
EXPECTED
echo "as described: a lock for a second was free long before"
