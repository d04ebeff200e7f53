#!/usr/bin/env bash
# BullMQ 5.81.5 on Redis 7.0.15: a job with `attempts: 1` runs twice, and says that one attempt was made.
#
# A worker that cannot renew its lock in time (a busy event loop, a suspended laptop) is taken for dead, and the job is given to
# another. One would guess that `attempts: 1` forbids that: it counts failures only. A stalled job has an allowance of its own
# (maxStalledCount, 1 unless set), so both workers do the work; afterwards attemptsMade is 1.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq redis-tools=5:7.0.15-1~deb12u10 liblzf1=3.6-3 libjemalloc2=5.3.0-1 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
npm install --silent --no-audit --no-fund --prefix "$work" bullmq@5.81.5 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cp -L tree/usr/bin/redis-check-rdb redis-server # one program, which goes by its name
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu

./redis-server --version | cut -d' ' -f1-3
node -p '"bullmq " + require("bullmq/package.json").version'
./redis-server --bind 127.0.0.1 --port 26379 --save '' --dir "$work" >server.txt 2>&1 &
server=$!
for _ in $(seq 50); do
  grep -q 'Ready to accept' server.txt && break
  sleep 0.1
done

cat >jobs.mjs <<'JS'
import { fork } from 'node:child_process';
import { Queue, Worker } from 'bullmq';
const connection = { host: '127.0.0.1', port: 26379 };
const [role, name, busy] = process.argv.slice(2);
if (role === 'worker') {
  const worker = new Worker('payments', async (job) => {
    for (const end = Date.now() + Number(busy); Date.now() < end;) { /* a long computation */ }
    console.log(`worker ${name} charged ${job.id}`);
  }, { connection, lockDuration: 1000, stalledInterval: 700 });
  worker.on('error', () => {});
  await worker.waitUntilReady();
  process.send('ready');
} else {
  const queue = new Queue('payments', { connection });
  await queue.add('charge', {}, { jobId: 'order-1', attempts: 1 });
  const start = (worker, milliseconds) => new Promise((resolve) => {
    const child = fork('jobs.mjs', ['worker', worker, milliseconds]);
    child.once('message', () => resolve(child));
  });
  const busyOne = await start('A', 4000);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const other = await start('B', 0);
  await new Promise((resolve) => setTimeout(resolve, 6000));
  const job = await queue.getJob('order-1');
  console.log(`attempts allowed: ${job.opts.attempts}, made: ${job.attemptsMade}`);
  busyOne.kill('SIGKILL');
  other.kill('SIGKILL');
  await queue.close();
}
JS
node jobs.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
worker B charged order-1
worker A charged order-1
attempts allowed: 1, made: 1
EXPECTED
echo "as described: one attempt was allowed, and two were made"
