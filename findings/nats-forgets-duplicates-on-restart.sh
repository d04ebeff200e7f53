#!/usr/bin/env bash
# NATS JetStream 2.9.10: a restart forgets which acknowledged messages were duplicates.
#
# A work queue with a duplicate window of ten minutes refuses a second message with the same Nats-Msg-Id: also after the first
# was acknowledged, and so removed. One would guess that it still does after a clean restart of the server, seconds later.
# It does not: the list of ids is rebuilt from the messages that are still stored, and an acknowledged one is not. The
# publisher that asks again (its reply was lost) has its job done twice.
set -euo pipefail
work=$(mktemp -d)
server=
stop() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  server=
}
trap 'stop; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq nats-server=2.9.10-1+b3 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
dpkg-deb -x nats-server_*.deb tree
npm install --silent --no-audit --no-fund --prefix "$work" nats@2.29.3 >npm.txt 2>&1 || { cat npm.txt; exit 2; }

cat >client.mjs <<'JS'
import { connect, nanos, RetentionPolicy } from 'nats';
const [port, phase] = process.argv.slice(2);
const connection = await connect({ servers: `127.0.0.1:${port}` });
const manager = await connection.jetstreamManager();
const jetstream = connection.jetstream();
const publish = async () => {
  const answer = await jetstream.publish('jobs', 'charge order 1', { msgID: 'order-1' });
  return answer.duplicate ? 'duplicate' : 'stored';
};
const work = async () => {
  const message = await (await jetstream.consumers.get('JOBS', 'worker')).next({ expires: 3000 });
  await message.ackAck();
  return message.string();
};
if (phase === 'before') {
  await manager.streams.add({ name: 'JOBS', subjects: ['jobs'], retention: RetentionPolicy.Workqueue,
                              duplicate_window: nanos(600_000) });
  await manager.consumers.add('JOBS', { durable_name: 'worker', ack_policy: 'explicit' });
  console.log(`published: ${await publish()}`);
  console.log(`worker did: ${await work()}`);
  console.log(`published again: ${await publish()}`);
} else {
  console.log(`published again after a restart: ${await publish()}`);
  console.log(`worker did: ${await work()}`);
}
await connection.close();
JS

start() {
  tree/usr/sbin/nats-server -a 127.0.0.1 -p 24222 -js -sd "$work/store" >server.txt 2>&1 &
  server=$!
  for _ in $(seq 50); do
    grep -q 'Server is ready' server.txt && return
    sleep 0.1
  done
  cat server.txt
  exit 2
}

tree/usr/sbin/nats-server --version
start
node client.mjs 24222 before | tee seen.txt
stop
start
node client.mjs 24222 after | tee -a seen.txt

diff - seen.txt <<'EXPECTED'
published: stored
worker did: charge order 1
published again: duplicate
published again after a restart: stored
worker did: charge order 1
EXPECTED
echo "as described: the same message id was accepted again ten minutes too early"
