#!/usr/bin/env bash
# lru-cache 11.5.3: one caller gives up, and another one, who did not, is told so; a second one that gives up is not heard.
#
# cache.fetch(key) lets all who ask for one key at a time share one call of the backend. Every request hands in its own signal: its
# time limit, or that its client has left. One would guess that a signal ends the wait of who gave it, and that the backend's call
# is ended when nobody waits any more. The signal of the first one counts, for all, and those of the others are not looked at: B,
# who would have waited, fails because A's client has left; and where A has no signal, B's does nothing. What helps: no signal
# for fetch(), and each caller ends its own wait.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" lru-cache@11.5.3 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >share.mjs <<'JS'
import { LRUCache } from 'lru-cache';
import { setTimeout as sleep } from 'node:timers/promises';
const cache = new LRUCache({ max: 10, fetchMethod: (key, stale, { signal }) => {
  console.log(`  the backend is asked for ${key}`);
  return sleep(1000, `value of ${key}`, { signal });
} });
const ask = (name, key, signal) => cache.fetch(key, { signal }).then(
  (value) => console.log(`  ${name} has the ${value}`),
  (error) => console.log(`  ${name} fails: ${error.message}`));
const leaves = (name) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error(`${name}'s client has left`)), 300);
  return controller.signal;
};
console.log("A asks, then B; A's client leaves");
await Promise.all([ask('A', 'price', leaves('A')), ask('B', 'price')]);
console.log("A asks, then B; B's client leaves");
await Promise.all([ask('A', 'stock', undefined), ask('B', 'stock', leaves('B'))]);
console.log("A asks, then B; each has its own signal, A's client leaves");
await Promise.all([ask('A', 'rate', leaves('A')), ask('B', 'rate', new AbortController().signal)]);
JS
npm ls --prefix "$work" --depth 0 lru-cache | grep -o 'lru-cache@.*'
node share.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
A asks, then B; A's client leaves
  the backend is asked for price
  A fails: A's client has left
  B fails: A's client has left
A asks, then B; B's client leaves
  the backend is asked for stock
  A has the value of stock
  B has the value of stock
A asks, then B; each has its own signal, A's client leaves
  the backend is asked for rate
  A fails: A's client has left
  B fails: A's client has left
EXPECTED
echo "as described: the first one's signal ended the wait of both, the second one's that of nobody"
