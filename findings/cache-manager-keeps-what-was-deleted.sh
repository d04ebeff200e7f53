#!/usr/bin/env bash
# cache-manager 7.2.9: a price is changed and then deleted from the cache; who asks after that gets the old one, for a minute.
#
# cache.wrap(key, read) lets all who ask at a time share one read. The writer changes the price in the database, and deletes the key
# when that is done, as one should. One would guess that whoever asks after the deletion gets the new price. Somebody's read
# had begun before the change: who asks after the deletion is given that read's answer, the old price; and the read then stores it,
# over the deletion, and over a set() as well, for the whole time to live. lru-cache's fetch() knows the case: a deletion or a set()
# ends the reads of that key. What helps: in the key a number that each change raises, or a short time to live.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" cache-manager@7.2.9 lru-cache@11.5.3 >npm.txt 2>&1 ||
  { cat npm.txt; exit 2; }
cat >price.mjs <<'JS'
import { createCache } from 'cache-manager';
import { LRUCache } from 'lru-cache';
import { setTimeout as sleep } from 'node:timers/promises';
let price; // in the database
const read = async () => {
  const found = price;
  await sleep(1000);
  return found;
};
const shared = createCache({ ttl: 60000 });
const lru = new LRUCache({ max: 10, ttl: 60000, fetchMethod: read });
const caches = {
  'cache-manager': { ask: () => shared.wrap('price', read), del: () => shared.del('price'), set: (value) => shared.set('price', value) },
  'lru-cache': { ask: () => lru.fetch('price'), del: () => lru.delete('price'), set: (value) => lru.set('price', value) },
};
for (const [name, cache] of Object.entries(caches)) {
  for (const how of ['del', 'set']) {
    price = 'old';
    const early = cache.ask().catch((error) => `the error "${error.message}"`);
    await sleep(300);
    price = 'new';
    await cache[how](price);
    const late = cache.ask();
    console.log(`${name}, ${how}: who asked before: ${await early}, who asks after it: ${await late}, ` +
      `and when all is done: ${await cache.ask()}`);
    await cache.del();
  }
}
process.exit();
JS
npm ls --prefix "$work" --depth 0 | grep -o -e 'cache-manager@.*' -e 'lru-cache@.*'
node price.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
cache-manager, del: who asked before: old, who asks after it: old, and when all is done: old
cache-manager, set: who asked before: old, who asks after it: old, and when all is done: old
lru-cache, del: who asked before: the error "deleted", who asks after it: new, and when all is done: new
lru-cache, set: who asked before: the error "replaced", who asks after it: new, and when all is done: new
EXPECTED
echo "as described: the deletion and the set() were undone by a read that had begun before"
