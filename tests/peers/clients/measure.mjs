// Runs each client against a server that fails in each way, counts its requests, and compares them with measured.csv.
//
//   node measure.mjs [CLIENT…]     writes the table to standard output; a line to standard error for each cell that differs
//
// Exit code: 0 when every cell is as it was measured, 1 when one differs.
import { readFileSync } from 'node:fs';
import net from 'node:net';

import { clients, write } from './clients.mjs';
import { failing_calls } from './grpc_server.mjs';
import { failing } from './server.mjs';

const ways = ['refused', 'reset', 'timeout', '500', '503', '429', '409'];
const patience = 25_000; // ms, for one cell

/** The cells of measured.csv, by client and way. */
function measured() {
  const rows = new Map();
  const lines = readFileSync(new URL('measured.csv', import.meta.url), 'utf8').split('\n');
  for (const line of lines.filter((it) => it !== '' && !it.startsWith('#'))) {
    const [client, ...cells] = line.split(',');
    rows.set(client, new Map(ways.map((way, i) => [way, cells[i]])));
  }
  return rows;
}

/** A port where nothing listens. */
async function free_port() {
  const server = net.createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

// Connections that this process tries, by port: the only trace of a request that is refused.
const tried = new Map();
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function counting(...words) {
  const first = Array.isArray(words[0]) ? words[0][0] : words[0];
  const port = Number(typeof first === 'object' ? first?.port : first);
  tried.set(port, (tried.get(port) ?? 0) + 1);
  return connect.apply(this, words);
};

/** Requests that a client sends for one write; more than `enough` are not waited for. */
async function requests(client, way) {
  const start = client.grpc ? failing_calls : failing;
  const server = way === 'refused' ? undefined : await start(way);
  const port = server?.port ?? (await free_port());
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  const given_up = new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  const done = write(client, `http://127.0.0.1:${port}`, stop.signal).catch(() => {});
  await Promise.race([done, given_up]);
  clearTimeout(timer);
  const ended = !stop.signal.aborted;
  const count = server?.times.length ?? tried.get(port) ?? 0;
  await server?.end();
  return `${count}${ended ? '' : '+'}`;
}

/** Whether a count is what a cell says: "4", "5+" (at least), "-" (not measured). */
function agrees(count, cell) {
  const number = Number.parseInt(count, 10);
  const wanted = Number.parseInt(cell, 10);
  // What was stopped may have gone on: it proves as much as it did.
  return cell === '-' || (cell.endsWith('+') ? number >= wanted : count.endsWith('+') || number === wanted);
}

const wanted = measured();
const names = process.argv.slice(2);
for (const name of names.filter((it) => !clients.some((client) => client.name === it))) {
  console.error(`there is no script for '${name}'; there are ${clients.map((it) => it.name).join(', ')}`);
  process.exit(2);
}
let differ = 0;
console.log(['client', ...ways].join(','));
for (const client of clients.filter((it) => names.length === 0 || names.includes(it.name))) {
  const row = [];
  for (const way of ways) {
    if (way === 'refused' && (client.command !== undefined || client.grpc)) {
      row.push('-'); // another process's connections are not seen; those of gRPC are no calls
      continue;
    }
    const count = await requests(client, way);
    row.push(count);
    const cell = wanted.get(client.name)?.get(way) ?? '-';
    if (!agrees(count, cell)) {
      differ += 1;
      console.error(`${client.name}, ${way}: ${cell} requests were measured, and now ${count}`);
    }
  }
  console.log([client.name, ...row].join(','));
}
process.exit(differ === 0 ? 0 : 1);
