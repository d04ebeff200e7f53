#!/usr/bin/env bash
# memcached 1.6.18: a counter that goes down from 10 to 9 is stored as "9 ", and one at zero as "0 ".
#
# decr answers 9, and then get gives two bytes: the digit, and a blank where the second digit was. One would guess that get returns
# what decr has answered. A rate limit or a stock that is compared as text (=== "0") never finds its counter empty; incr from "9 "
# to 10 makes it whole again, so the blank comes and goes with the number of digits. Below zero nothing goes, and nothing says so:
# a decr by more than there is answers 0.
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
cat >count.mjs <<'JS'
import net from 'node:net';
import { once } from 'node:events';
const memcached = net.connect('socket');
const say = async (line) => {
  memcached.write(`${line}\r\n`);
  const [answer] = await once(memcached, 'data');
  return String(answer);
};
const stored = async () => JSON.stringify((await say('get stock')).split('\r\n')[1]);
await say('set stock 0 0 2\r\n10');
for (const command of ['decr stock 1', 'incr stock 1', 'decr stock 1', 'decr stock 100']) {
  const answer = (await say(command)).trim();
  console.log(`${command}: answers ${answer}, get gives ${await stored()}`);
}
process.exit();
JS
node count.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
decr stock 1: answers 9, get gives "9 "
incr stock 1: answers 10, get gives "10"
decr stock 1: answers 9, get gives "9 "
decr stock 100: answers 0, get gives "0 "
EXPECTED
echo "as described: a blank after the digit"
