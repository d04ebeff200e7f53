#!/usr/bin/env bash
# Yjs 13.6.33 and Automerge 3.5.0: two who each put the first thing on a shared list end up with one of the two.
#
# Documents of this kind are merged without conflicts: what two people add to a list at once is all there afterwards, and so it
# is, if the list was there before. If each of them makes the list because there is none yet, the usual "get or create", there are
# two lists under one name. One is chosen, and the other vanishes with all that is in it, on every replica alike.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" yjs@13.6.33 @automerge/automerge@3.5.0 \
  >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >lists.mjs <<'JS'
import * as Automerge from '@automerge/automerge';
import * as Y from 'yjs';
const merge = { // by two who add to one list; it is there before, or made by both
  'Yjs': (before) => {
    const [first, second] = [new Y.Doc(), new Y.Doc()];
    [first.clientID, second.clientID] = [1, 2];
    const add = (doc, item) => {
      const shop = doc.getMap('shop');
      if (!shop.has('list')) shop.set('list', new Y.Array());
      if (item) shop.get('list').push([item]);
    };
    const send = (from, to) => Y.applyUpdate(to, Y.encodeStateAsUpdate(from));
    if (before) add(first);
    send(first, second);
    add(first, 'milk');
    add(second, 'bread');
    send(first, second);
    send(second, first);
    return [first, second].map((doc) => doc.getMap('shop').get('list').toArray());
  },
  'Automerge': (before) => {
    const add = (doc, item) => Automerge.change(doc, (shop) => {
      shop.list ??= [];
      if (item) shop.list.push(item);
    });
    let first = Automerge.init({ actor: '01' });
    if (before) first = add(first);
    let second = Automerge.clone(first, { actor: '02' });
    first = add(first, 'milk');
    second = add(second, 'bread');
    return [Automerge.merge(Automerge.clone(first), second), Automerge.merge(second, first)].map((doc) => [...doc.list]);
  },
};
for (const [name, of] of Object.entries(merge)) {
  for (const before of [true, false]) {
    const [one, other] = of(before).map((list) => list.sort().join(' and '));
    console.log(`${name}, the list ${before ? 'is there' : 'is made by both'}: ${one}; the other replica: ${other}`);
  }
}
JS
npm ls --prefix "$work" --depth 0 | grep -o '[@a-z/]*@[0-9.]*$' | sort
node lists.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
Yjs, the list is there: bread and milk; the other replica: bread and milk
Yjs, the list is made by both: bread; the other replica: bread
Automerge, the list is there: bread and milk; the other replica: bread and milk
Automerge, the list is made by both: bread; the other replica: bread
EXPECTED
echo "as described: of two additions at once one is gone, without a conflict"
