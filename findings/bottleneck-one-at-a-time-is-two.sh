#!/usr/bin/env bash
# Bottleneck 2.19.5 and p-queue 10.0.0: a queue that runs one at a time runs two at a time, once it has a time limit.
#
# `maxConcurrent: 1`, `concurrency: 1`: the jobs of one account, one after the other, so that none reads what another is about to
# write. With `expiration` or `timeout` none shall block the rest for ever. One would guess that the next one begins when the slow
# one has ended, however it ended, since nothing can end it from outside. It begins when the limit is reached: the promise of the
# slow one is rejected, while it goes on, and it writes over what the next one has written. And the one that is said to have failed
# is the one whose balance is stored. What helps: a limit inside of the job, with an AbortSignal that it heeds, and none on the queue.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" bottleneck@2.19.5 p-queue@10.0.0 >npm.txt 2>&1 ||
  { cat npm.txt; exit 2; }
cat >queue.mjs <<'JS'
import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import { setTimeout as sleep } from 'node:timers/promises';
const bottleneck = new Bottleneck({ maxConcurrent: 1 });
const queue = new PQueue({ concurrency: 1, timeout: 1000 });
const libraries = {
  Bottleneck: (job) => bottleneck.schedule({ expiration: 1000 }, job),
  'p-queue': (job) => queue.add(job),
};
for (const [library, add] of Object.entries(libraries)) {
  let balance = 100, running = 0, most = 0;
  const withdraw = (amount, milliseconds) => add(async () => {
    most = Math.max(most, ++running);
    const before = balance;
    await sleep(milliseconds);
    balance = before - amount;
    running--;
  }).then(() => console.log(`${library}: ${amount} is withdrawn`), () => console.log(`${library}: ${amount} has failed: too late`));
  const all = [withdraw(10, 1700), withdraw(20, 400)];
  await Promise.all(all);
  console.log(`${library}: the balance is ${balance}`);
  await sleep(1000);
  console.log(`${library}: the balance is ${balance}, at most ${most} were running`);
}
JS
npm ls --prefix "$work" --depth 0 | grep -o -e 'bottleneck@.*' -e 'p-queue@.*'
node queue.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
Bottleneck: 10 has failed: too late
Bottleneck: 20 is withdrawn
Bottleneck: the balance is 80
Bottleneck: the balance is 90, at most 2 were running
p-queue: 10 has failed: too late
p-queue: 20 is withdrawn
p-queue: the balance is 80
p-queue: the balance is 90, at most 2 were running
EXPECTED
echo "as described: the one that failed is stored, the one that succeeded is not"
