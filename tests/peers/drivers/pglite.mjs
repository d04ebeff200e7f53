// A driver of racelab for PGlite, PostgreSQL in Node's own process. It has one connection: a transaction keeps it for itself, and
// whoever comes meanwhile waits in a queue.
import { PGlite } from '@electric-sql/pglite';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const plain = (text) => text;
const db = await PGlite.create({ parsers: { 20: plain, 1184: plain, 1186: plain } });
const say = (message) => process.stdout.write(JSON.stringify(message) + '\n');

const sessions = new Map(); // number -> level
let holder = null; // the session whose transaction is open
let queue = []; // runs of the others

async function perform({ id, session, sql, parameters }) {
  try {
    if (holder === null) {
      await db.exec(`set default_transaction_isolation = '${sessions.get(session)}'`);
    }
    if (/^\s*(begin|start)\b/i.test(sql)) holder = session;
    const result = await db.query(sql, parameters, { rowMode: 'array' });
    say({ id, rows: result.rows, count: result.affectedRows ?? 0 });
  } catch (error) {
    say({ id, error: { sqlstate: error.code ?? 'XX000', message: error.message } });
  }
  if (/^\s*(commit|end|abort|rollback(?!\s+to\b))/i.test(sql)) holder = null;
}

async function performQueued() {
  while (queue.length > 0 && (holder === null || queue.some((it) => it.session === holder))) {
    const next = queue.find((it) => holder === null || it.session === holder);
    queue = queue.filter((it) => it !== next);
    await perform(next);
  }
}

async function leave(session) {
  queue = queue.filter((it) => it.session !== session);
  if (holder === session) {
    await db.exec('rollback');
    holder = null;
  }
  sessions.delete(session);
}

function cancel(session) {
  for (const { id } of queue.filter((it) => it.session === session)) {
    say({ id, error: { sqlstate: '57014', message: 'canceled' } });
  }
  queue = queue.filter((it) => it.session !== session);
}

const version = JSON.parse(
  readFileSync(new URL('node_modules/@electric-sql/pglite/package.json', import.meta.url)),
).version;
const hello = { name: 'PGlite', version, placeholders: '$1', waits: true };
const isolation = ['read-committed', 'repeatable-read', 'serializable'];

for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: what, session, ...rest } = JSON.parse(line);
  if (what === 'hello') {
    say({ id, ...hello, isolation });
  } else if (what === 'open') {
    sessions.set(session, rest.isolation.replace('-', ' '));
    say({ id });
  } else if (what === 'run') {
    queue.push({ id, session, ...rest });
    await performQueued();
  } else if (what === 'waits') {
    say({ id, waits: Object.fromEntries(queue.map((it) => [it.session, [holder]])) });
  } else {
    if (what === 'cancel') cancel(session);
    else await leave(session);
    say({ id });
    await performQueued();
  }
}
