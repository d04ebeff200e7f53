// A driver of racelab for DuckDB, in memory: each session is a connection. Nobody ever waits there: whoever comes second to a row is
// refused. Its one level is a snapshot.
import { DuckDBInstance, version } from '@duckdb/node-api';
import { createInterface } from 'node:readline';

const instance = await DuckDBInstance.create(':memory:');
const say = (message) => process.stdout.write(JSON.stringify(message) + '\n');
const sessions = new Map(); // number -> connection

// What its messages begin with, by PostgreSQL's codes.
const codes = [
  [/aborted \(please ROLLBACK\)/, '25P02'],
  [/PRIMARY KEY or UNIQUE|Duplicate key|unique constraint/i, '23505'],
  [/^TransactionContext Error/, '40001'],
  [/foreign key/i, '23503'],
  [/NOT NULL constraint/, '23502'],
  [/CHECK constraint/, '23514'],
  [/^(Failed to extract statements: )?(Parser|Binder) Error/, '42601'],
  [/^(Catalog|Not implemented) Error/, '0A000'],
  [/^(Out of Range|Conversion) Error/, '22003'],
];

async function perform({ id, session, sql, parameters }) {
  try {
    const text = sql.replace(/^\s*(begin|start transaction)\b.*/is, 'begin'); // it takes no level
    const result = await sessions.get(session).runAndReadAll(text, parameters);
    const answersRows = result.returnType === 3;
    const rows = answersRows ? result.getRowsJson() : [];
    say({ id, rows, count: answersRows ? rows.length : result.rowsChanged });
  } catch (error) {
    const message = error.message.split('\n')[0];
    const known = codes.find(([pattern]) => pattern.test(message));
    say({ id, error: { sqlstate: known ? known[1] : 'XX000', message } });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const { id, do: what, session } = request;
  if (what === 'hello') {
    const placeholders = '?';
    say({ id, name: 'DuckDB', version: version(), placeholders, isolation: ['repeatable-read'], waits: true });
  } else if (what === 'open') {
    sessions.set(session, await instance.connect());
    say({ id });
  } else if (what === 'run') {
    await perform(request);
  } else if (what === 'waits') {
    say({ id, waits: {} });
  } else {
    if (what !== 'cancel') {
      sessions.get(session).closeSync(); // what is open is rolled back
      sessions.delete(session);
    }
    say({ id });
  }
}
