#!/usr/bin/env bash
# proper-lockfile 4.1.2: a holder that comes too late gives back the lock of its successor, and a third one gets in.
#
# A holds a lock and is busy for longer than the lock lives, so B rightly takes it over. Then A is done and calls release(). One
# would guess that this fails, or does nothing: the lock is not A's any more. It resolves, and removes B's lock; C takes it while B
# is at work. With the usual "compare the token, then delete" this could not be; the library compares nothing on release.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" proper-lockfile@4.1.2 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >lock.mjs <<'JS'
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
const [name, milliseconds] = process.argv.slice(2);
if (name) {
  const release = await lock('ledger', { stale: 2000, onCompromised: () => console.log(`${name} hears that its lock is lost`) });
  console.log(`${name} has the lock`);
  process.send('locked');
  if (name === 'A') {
    for (const end = Date.now() + Number(milliseconds); Date.now() < end;) { /* a long computation */ }
  } else {
    await sleep(Number(milliseconds));
  }
  await release().then(() => console.log(`${name} has given back the lock`), (error) => console.log(`${name}: ${error.code}`));
  process.disconnect();
} else {
  const worker = async (...args) => {
    const child = fork('lock.mjs', args);
    await once(child, 'message');
    return once(child, 'exit');
  };
  const a = fork('lock.mjs', ['A', '4000']);
  const aEnds = once(a, 'exit');
  await once(a, 'message');
  await sleep(3000); // stale after 2 seconds
  const b = fork('lock.mjs', ['B', '4000']);
  const bEnds = once(b, 'exit');
  await once(b, 'message');
  await aEnds;
  const c = fork('lock.mjs', ['C', '0']);
  await once(c, 'exit');
  await bEnds;
}
JS
touch ledger
npm ls --prefix "$work" --depth 0 proper-lockfile | grep -o 'proper-lockfile@.*'
node lock.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
A has the lock
B has the lock
A has given back the lock
C has the lock
C has given back the lock
B hears that its lock is lost
B: ERELEASED
EXPECTED
echo "as described: A gave back what was B's, and C got in while B was at work"
