// Runs each client against servers that fail in each way, counts its requests, and compares them with measured.csv.
//
//   node measure.mjs [CLIENT…]     writes the table to standard output; a line to standard error for each cell that differs
//
// With RACELAB_SAY=1 clients and proxies may say what they think of it. Exit code: 0 when every cell is as it was measured, 1
// when one differs.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { clients } from './clients.mjs';
import { languages } from './languages.mjs';
import { run, start } from './programs.mjs';
import { through } from './proxies.mjs';
import { failing } from './servers.mjs';

const ways = ['refused', 'reset', 'timeout', '500', '503', '429', '409'];
const patience = 40_000; // ms, for one cell
const enough = 120; // requests: whoever sends more is as good as endless
const root = process.getuid() === 0;

/** The rows of measured.csv by client: a cell of each way, and what else was written down. */
function measured() {
  const rows = new Map();
  const lines = readFileSync(new URL('measured.csv', import.meta.url), 'utf8').split('\n');
  for (const line of lines.filter((it) => it !== '' && !it.startsWith('#'))) {
    const [client, ...cells] = line.split(',');
    const [after, , versions] = cells.slice(ways.length);
    rows.set(client, {
      ...Object.fromEntries(ways.map((way, i) => [way, cells[i]])),
      after,
      versions,
    });
  }
  return rows;
}

/** What is measured of a client, as installed: "axios 1.21.1". */
function versions(client) {
  const npm = (client.npm ?? []).map((it) => it.replace(/@npm:.*@/, ' ').replace(/(.)@/, '$1 '));
  if (npm.length > 0) {
    return npm.join('; ');
  }
  if (client.debian === undefined) {
    return `node ${process.versions.node}`;
  }
  return execFileSync('dpkg-query', ['-W', '-f', '${Package} ${Version}', client.debian[0]], {
    encoding: 'utf8',
  });
}

/** Whether that can be asked of the client. */
function askable(client, way) {
  if (way === 'refused') {
    return root && client.protocol !== 'grpc'; // whose attempts, while nobody can be reached, try no connection
  }
  return [undefined, 'grpc'].includes(client.protocol) || ['reset', 'timeout'].includes(way);
}

/** Starts a client's one write to those ports. */
function write(client, ports, way) {
  const warm = client.kept === true && way !== 'refused'; // a connection that is refused cannot have been kept
  if (client.by === 'proxy') {
    return through(client.name, ports, warm);
  }
  const url = `http://127.0.0.1:${ports[0]}`;
  const warmed = warm ? [`${url}/warm`] : [];
  return start(
    client.command?.(url, ...warmed) ?? [...languages[client.by].run, client.name, url, ...warmed],
  );
}

/** One write's requests, and whether the client gave up before it was ended. */
async function requests(client, way) {
  const servers = await Promise.all(
    Array.from({ length: client.upstreams ?? 1 }, () => failing(way, client.protocol)),
  );
  const counted = () => servers.flatMap((it) => it.requests);
  const writing = write(
    client,
    servers.map((it) => it.port),
    way,
  );
  let waited;
  const stopped = new Promise((resolve) => {
    const until = performance.now() + (client.patience ?? patience);
    waited = setInterval(() => {
      if (counted().length >= enough || performance.now() > until) {
        resolve('stopped');
      }
    }, 50);
  });
  const how = await Promise.race([writing.ended, stopped]);
  clearInterval(waited);
  await writing.end();
  await Promise.all(servers.map((it) => it.end()));
  return { requests: counted().sort((a, b) => a.came - b.came), ended: how !== 'stopped' };
}

/** Whether a count is what a cell says: "4", "5+" (at least), "-" (not measured). A count of "3+" was stopped at three. */
function agrees(count, cell) {
  if (count === '-' || cell === '-') {
    return true;
  }
  const [number, wanted] = [Number.parseInt(count, 10), Number.parseInt(cell, 10)];
  const [stopped, endless] = [count.endsWith('+'), cell.endsWith('+')];
  return (
    number === wanted || (endless && (stopped || number > wanted)) || (stopped && number < wanted)
  );
}

/** Milliseconds between a failure and the next request, of the first seven. */
const pauses = (sent) =>
  sent
    .slice(1, 8)
    .map((it, i) => Math.max(0, Math.round(it.came - sent[i].failed)))
    .join(' ');

/** Measures a client, writes its row, and answers how many cells are not as they were. */
async function compare(client, was) {
  const cells = await Promise.all(
    ways.map((way) => (askable(client, way) ? requests(client, way) : undefined)),
  );
  const counts = cells.map((cell) =>
    cell === undefined ? '-' : `${cell.requests.length}${cell.ended ? '' : '+'}`,
  );
  const repeated = was?.after || ways.find((way, i) => cells[i]?.requests.length > 1) || '';
  const between = repeated === '' ? '' : pauses(cells[ways.indexOf(repeated)]?.requests ?? []);
  const now = versions(client);
  console.log([client.name, ...counts, repeated, between, now].join(','));
  if (was?.versions && was.versions !== now) {
    console.error(`${client.name}: ${was.versions} was measured, and now ${now}`);
  }
  const differ = ways.filter((way, i) => !agrees(counts[i], was?.[way] ?? '-'));
  for (const way of differ) {
    const count = counts[ways.indexOf(way)];
    console.error(`${client.name}, ${way}: ${was[way]} requests were measured, and now ${count}`);
  }
  return differ.length;
}

const names = process.argv.slice(2);
for (const name of names.filter((it) => !clients.some((client) => client.name === it))) {
  console.error(
    `there is no script for '${name}'; there are ${clients.map((it) => it.name).join(', ')}`,
  );
  process.exit(2);
}
if (!root) {
  console.error('only root sees connections that are refused: that column is left out');
}
const chosen = clients.filter((it) => names.length === 0 || names.includes(it.name));
for (const language of new Set(chosen.map((it) => languages[it.by]))) {
  if (language?.build !== undefined) {
    await run(language.build);
  }
}
const was = measured();
let differ = 0;
console.log(['client', ...ways, 'after', 'pauses', 'versions'].join(','));
for (const client of chosen) {
  differ += await compare(client, was.get(client.name));
}
process.exit(differ === 0 ? 0 : 1);
