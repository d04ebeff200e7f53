// Six endpoints on every database that can be run, each at its default and its strictest level: writes the table of
// docs/databases.md. `./dev peers databases` installs what it needs and calls it.
//
// usage: node table.mjs RACELAB [DATABASE...]
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [racelab, ...only] = process.argv.slice(2);
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const driver = (name) => `exec:exec node '${path(`../drivers/${name}.mjs`)}'`;

// Where default and strictest are one, it has one level.
const databases = [
  { name: 'PostgreSQL', on: 'postgresql', standard: 'read-committed', strictest: 'serializable' },
  { name: 'MariaDB', on: 'mariadb', standard: 'repeatable-read', strictest: 'serializable' },
  { name: 'SQLite', on: 'sqlite', standard: 'serializable', strictest: 'serializable' },
  { name: 'PGlite', on: driver('pglite'), standard: 'read-committed', strictest: 'serializable' },
  { name: 'DuckDB', on: driver('duckdb'), standard: 'repeatable-read', strictest: 'repeatable-read' },
].filter((it) => only.length === 0 || only.includes(it.name));

const endpoints = [
  ['read-then-write', 'read, then write'],
  ['lock-then-write', 'SELECT … FOR UPDATE, then write'],
  ['write-in-place', 'one UPDATE in place'],
  ['look-at-the-other', 'write skew over two rows'],
  ['look-then-insert', 'look, then insert (a unique key)'],
  ['one-then-two,two-then-one', 'two rows in two orders'],
];

function explored(level, these) {
  const one = (it) => {
    const words = ['explore', path('six'), '--isolation', level, '--format', 'json'];
    for (const database of it) words.push('--on', database.on);
    try {
      return JSON.parse(execFileSync(racelab, words, { encoding: 'utf8', maxBuffer: 1 << 26 }));
    } catch (error) {
      if (error.status !== 1 && error.status !== 3) throw error; // 1: a violation, 3: nothing but n/a
      return JSON.parse(error.stdout);
    }
  };
  if (these.length > 1) return one(these).cells;
  return one([these[0], { on: 'store' }]).cells.filter((cell) => cell.database !== 'the store');
}

function told(cell) {
  if (cell.why_not !== null) return 'n/a';
  const share = `${cell.orders_violating} of ${cell.orders}`;
  const parts = [cell.orders_violating === '0' ? share : `**${share}**`];
  if (cell.orders_waiting !== '0') parts.push(`wait in ${cell.orders_waiting}`);
  for (const [code, orders] of Object.entries(cell.refused)) {
    parts.push(`${code} at ${cell.refused_at[code].join(' or ')} in ${orders}`);
  }
  return parts.join('; ');
}

const cells = new Map(); // "database level strategy" -> text
const versions = new Map();
for (const level of ['read-committed', 'repeatable-read', 'serializable']) {
  const these = databases.filter((it) => it.standard === level || it.strictest === level);
  if (these.length === 0) continue;
  const found = explored(level, these);
  for (const cell of found) {
    const database = these.find((it) => cell.database.startsWith(it.name));
    versions.set(database.name, cell.database);
    cells.set(`${database.name} ${level} ${cell.strategy}`, told(cell));
  }
}

const row = (texts) => `| ${texts.join(' | ')} |\n`;
let table = row(['endpoint', 'level', ...databases.map((it) => versions.get(it.name))]);
table += `|${'---|'.repeat(databases.length + 2)}\n`;
for (const [strategy, words] of endpoints) {
  for (const which of ['standard', 'strictest']) {
    const texts = databases.map((it) =>
      which === 'strictest' && it.standard === it.strictest
        ? 'the same'
        : cells.get(`${it.name} ${it[which]} ${strategy}`));
    table += row([which === 'standard' ? words : '', which === 'standard' ? 'default' : 'strictest', ...texts]);
  }
}

if (only.length > 0) {
  process.stdout.write(table);
} else {
  const page = path('../../../docs/databases.md');
  const begin = '<!-- ./dev peers databases writes what follows -->\n';
  const end = '<!-- to here -->';
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`${page} has no place for the table`);
  writeFileSync(page, `${text.slice(0, from)}\n${table}\n${text.slice(to)}`);
}
