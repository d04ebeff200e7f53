#!/usr/bin/env bash
# PouchDB 9.0.0: two replicas that add 1 at once are no conflict, and one of the two is lost without a trace.
#
# Two devices are offline; each adds 1 to the same counter; then they replicate. A database that is made for this keeps both
# revisions and reports a conflict, one would guess. But the name of a revision is a hash of what it says: both made 2 out of 1,
# so both made the *same* revision, and nothing is left to replicate, let alone to resolve. Had one of them added 2, there were a
# conflict.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" pouchdb-core@9.0.0 pouchdb-adapter-memory@9.0.0 \
  pouchdb-replication@9.0.0 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >counter.mjs <<'JS'
import PouchDB from 'pouchdb-core';
import memory from 'pouchdb-adapter-memory';
import replication from 'pouchdb-replication';
PouchDB.plugin(memory).plugin(replication);
console.log(`pouchdb ${PouchDB.version}`);
for (const [amountOfA, amountOfB] of [[1, 1], [1, 2]]) {
  const a = new PouchDB(`a-${amountOfB}`, { adapter: 'memory' });
  const b = new PouchDB(`b-${amountOfB}`, { adapter: 'memory' });
  await a.put({ _id: 'seats', sold: 1 });
  await PouchDB.sync(a, b);
  for (const [database, amount] of [[a, amountOfA], [b, amountOfB]]) {
    const seats = await database.get('seats');
    await database.put({ ...seats, sold: seats.sold + amount });
  }
  const { push, pull } = await PouchDB.sync(a, b);
  const { sold, _conflicts } = await a.get('seats', { conflicts: true });
  console.log(`1 + ${amountOfA} + ${amountOfB}: sold ${sold}, conflicts ${_conflicts?.length ?? 0}, `
              + `revisions replicated ${push.docs_written + pull.docs_written}`);
}
JS
node counter.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
pouchdb 9.0.0
1 + 1 + 1: sold 2, conflicts 0, revisions replicated 0
1 + 1 + 2: sold 2, conflicts 1, revisions replicated 2
EXPECTED
echo "as described: two sales at once were one, and no conflict"
