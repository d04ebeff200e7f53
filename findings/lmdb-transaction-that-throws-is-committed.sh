#!/usr/bin/env bash
# lmdb-js 3.5.6: a transaction that throws half-way is committed.
#
# transaction(callback) runs the callback in a write transaction, and if the callback throws, so does the promise. One would guess
# that the writes before it are undone, as transactionSync(callback), its twin, does. They are kept: several callbacks share one
# transaction of the database, which is committed whatever one of them did. Only childTransaction(callback) can be undone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" lmdb@3.5.6 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >transfer.mjs <<'JS'
import { open } from 'lmdb';
for (const kind of ['transactionSync', 'childTransaction', 'transaction']) {
  const database = open({ path: kind });
  await database.put('from', 100);
  await database.put('to', 0);
  let outcome = 'resolved';
  try {
    await database[kind](() => {
      database.put('from', database.get('from') - 70);
      throw new Error('rejected: died half-way');
    });
  } catch (error) {
    outcome = error.message;
  }
  console.log(`${kind}: ${outcome}; from ${database.get('from')}, to ${database.get('to')}`);
  await database.close();
}
JS
npm ls --prefix "$work" --depth 0 lmdb | grep -o 'lmdb@.*'
node transfer.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
transactionSync: rejected: died half-way; from 100, to 0
childTransaction: rejected: died half-way; from 100, to 0
transaction: rejected: died half-way; from 30, to 0
EXPECTED
echo "as described: half a transfer was committed by a transaction that failed"
