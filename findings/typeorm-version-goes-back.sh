#!/usr/bin/env bash
# TypeORM 1.1.1: a column that counts versions lets a stale object win, and is set back by it.
#
# A and B load the ticket at version 1. B closes it: version 2. A, who has only changed the title, saves. With a version column one
# would guess an error, as JPA and Sequelize give; or at least that A writes nothing but the title. save() reads the row again,
# and writes every field in which A's object differs from it: the title, the status, which A never touched, and the version. The
# ticket is open again, at version 1, and whoever compares versions has seen nothing happen.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" typeorm@1.1.1 reflect-metadata@0.2.2 sql.js@1.17.0 \
  >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >ticket.mjs <<'JS'
import 'reflect-metadata';
import typeorm from 'typeorm';
const Ticket = new typeorm.EntitySchema({ name: 'ticket', columns: {
  id: { type: 'int', primary: true }, title: { type: 'text' }, status: { type: 'text' },
  version: { type: 'int', version: true } } });
const source = await new typeorm.DataSource({ type: 'sqljs', entities: [Ticket], synchronize: true }).initialize();
const tickets = source.getRepository(Ticket);
const show = async (when) => {
  const { title, status, version } = await tickets.findOneByOrFail({ id: 1 });
  console.log(`${when}: title ${title}, ${status}, version ${version}`);
};
await tickets.save({ id: 1, title: 'old', status: 'open' });
await show('stored');
const a = await tickets.findOneByOrFail({ id: 1 });
const b = await tickets.findOneByOrFail({ id: 1 });
b.status = 'closed';
await tickets.save(b);
await show('B saved the status');
a.title = 'new';
await tickets.save(a);
await show('A saved the title');
JS
npm ls --prefix "$work" --depth 0 typeorm | grep -o 'typeorm@.*'
node ticket.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
stored: title old, open, version 1
B saved the status: title old, closed, version 2
A saved the title: title new, open, version 1
EXPECTED
echo "as described: the version went back from 2 to 1, and the closed ticket is open"
