#!/usr/bin/env bash
# DuckDB 1.5.6: INSERT … ON CONFLICT DO NOTHING says that it inserted a row, and the COMMIT fails on a duplicate key.
#
# Two transactions insert one key, each with ON CONFLICT DO NOTHING, which is there so that a duplicate is no error. Neither
# waits; both are told "1 row". The second COMMIT then fails with a violated primary key, and takes whatever else the
# transaction did with it. (PostgreSQL lets the second wait, and tells it 0 rows.)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" @duckdb/node-api@1.5.6-r.1 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >conflict.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
const database = await DuckDBInstance.create(':memory:');
const [first, second] = [await database.connect(), await database.connect()];
const run = async (name, connection, sql) => {
  try {
    const answer = await connection.runAndReadAll(sql);
    console.log(`${name} ${sql}${sql.startsWith('INSERT') ? `: ${answer.rowsChanged} row` : ''}`);
  } catch (error) {
    console.log(`${name} ${sql}: ${/PRIMARY KEY or UNIQUE constraint/.exec(error.message)?.[0] ?? error.message}`);
  }
};
console.log((await first.runAndReadAll('SELECT version()')).getRows()[0][0]);
await first.run('CREATE TABLE names (name varchar PRIMARY KEY)');
await first.run('CREATE TABLE audit (line varchar)');
await run('A', first, 'BEGIN');
await run('B', second, 'BEGIN');
await second.run("INSERT INTO audit VALUES ('B was here')");
for (const [name, connection] of [['A', first], ['B', second]]) {
  await run(name, connection, "INSERT INTO names VALUES ('ann') ON CONFLICT DO NOTHING");
}
await run('A', first, 'COMMIT');
await run('B', second, 'COMMIT');
console.log(`rows of B's audit that are left: ${(await first.runAndReadAll('SELECT * FROM audit')).getRows().length}`);
JS
node conflict.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
v1.5.6
A BEGIN
B BEGIN
A INSERT INTO names VALUES ('ann') ON CONFLICT DO NOTHING: 1 row
B INSERT INTO names VALUES ('ann') ON CONFLICT DO NOTHING: 1 row
A COMMIT
B COMMIT: PRIMARY KEY or UNIQUE constraint
rows of B's audit that are left: 0
EXPECTED
echo "as described: a duplicate that was to be ignored failed the COMMIT"
