#!/usr/bin/env bash
# Automerge 3.5.0: a number that is set while another replica deletes it is kept, a counter that is incremented is gone.
#
# Two replicas change one document at once; one deletes "stock", or sets it back to 0, the other adds 3. With a plain number, the
# new value wins over the deletion, so that no edit is lost, and two new values are a conflict that can be seen. A counter is there so
# that concurrent changes are added up, and one would guess that it is at least as careful. An increment belongs to the counter
# that it met: with the deletion all of it is gone, and a reset to 0 leaves out an increment that the one who reset it could not
# know of; neither is a conflict. An object goes with all that was changed in it, too. What helps: decrement by what was seen, not
# reset; a mark "deleted", not a deletion.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" @automerge/automerge@3.5.0 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >merge.mjs <<'JS'
import * as automerge from '@automerge/automerge';
const together = (what, start, ann, bob) => {
  const base = automerge.from({ stock: start });
  const first = automerge.change(automerge.clone(base), ann);
  const second = automerge.change(automerge.clone(base), bob);
  const merged = automerge.merge(automerge.clone(first), second);
  const other = automerge.merge(automerge.clone(second), first);
  if (JSON.stringify(merged) !== JSON.stringify(other)) throw new Error('the replicas differ');
  const values = Object.values(automerge.getConflicts(merged, 'stock') ?? {}).map(String).sort();
  console.log(`${what}: ${values.length > 1 ? `a conflict of ${values.join(' and ')}` : `${JSON.stringify(merged)}, no conflict`}`);
};
const remove = (document) => { delete document.stock; };
const counter = (n) => new automerge.Counter(n);
together('a number 5 is deleted; is set to 8', 5, remove, (document) => { document.stock = 8; });
together('a counter at 5 is deleted; is incremented by 3', counter(5), remove, (document) => { document.stock.increment(3); });
together('an object is deleted; its n is set to 8', { n: 5 }, remove, (document) => { document.stock.n = 8; });
together('a number 5 is set to 0; is set to 8', 5, (document) => { document.stock = 0; }, (document) => { document.stock = 8; });
together('a counter at 5 is set back to 0; is incremented by 3', counter(5), (document) => { document.stock = counter(0); },
  (document) => { document.stock.increment(3); });
together('a counter at 5 is decremented by 5; is incremented by 3', counter(5), (document) => { document.stock.decrement(5); },
  (document) => { document.stock.increment(3); });
JS
npm ls --prefix "$work" --depth 0 @automerge/automerge | grep -o 'automerge@.*'
node merge.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
a number 5 is deleted; is set to 8: {"stock":8}, no conflict
a counter at 5 is deleted; is incremented by 3: {}, no conflict
an object is deleted; its n is set to 8: {}, no conflict
a number 5 is set to 0; is set to 8: a conflict of 0 and 8
a counter at 5 is set back to 0; is incremented by 3: {"stock":0}, no conflict
a counter at 5 is decremented by 5; is incremented by 3: {"stock":3}, no conflict
EXPECTED
echo "as described: the increments by 3 are gone without a trace"
