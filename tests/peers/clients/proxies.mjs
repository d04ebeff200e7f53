// Proxies in the foreground, each with a configuration made from proxies/NAME.conf, and one POST through them.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { start } from './programs.mjs';

/** How each is started, with its configuration and on its port. */
const commands = {
  nginx: ({ file, folder }) => ['nginx', '-p', folder, '-e', 'stderr', '-c', file],
  haproxy: ({ file }) => ['haproxy', '-db', '-f', file],
  apache: ({ file, folder }) => ['apache2', '-X', '-d', folder, '-f', file],
  lighttpd: ({ file }) => ['lighttpd', '-D', '-f', file],
  h2o: ({ file }) => ['h2o', '-c', file],
  nghttpx: ({ file }) => ['nghttpx', `--conf=${file}`],
  varnish: ({ port, file, folder }) =>
    ['varnishd', '-F', '-j', 'none', '-a', `127.0.0.1:${port}`, '-f', file, '-n', folder, '-s', 'malloc,16m'],
};
commands['nginx-non-idempotent'] = commands.nginx;
commands['haproxy-all'] = commands.haproxy;

const folders = new Set();
process.on('exit', () => folders.forEach((it) => rmSync(it, { recursive: true, force: true })));

/** A port where nobody listens. */
async function free_port() {
  const server = net.createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Waits until somebody listens there, or the program has ended. */
async function listens(name, port, ended) {
  let over = false;
  ended.then(() => (over = true));
  while (!over) {
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} ended before it listened`);
}

/** One request, whatever is answered, if anything is. */
function ask(agent, port, method, path) {
  return new Promise((done) => {
    const asked = request({ agent, host: '127.0.0.1', port, method, path, headers: { 'content-type': 'application/json' } });
    asked.on('response', (answer) => answer.resume().on('end', done));
    asked.on('error', done);
    asked.end(method === 'POST' ? '{"amount": 30}' : undefined);
  });
}

/** Starts the proxy before those upstreams, and writes through it: `ended` when it has answered. */
export function through(name, upstreams, warm) {
  const folder = mkdtempSync(join(tmpdir(), 'racelab-proxy-'));
  chmodSync(folder, 0o755); // some give up being root
  folders.add(folder);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let program;
  const written = async () => {
    const port = await free_port();
    const words = { port, folder, upstream: upstreams[0], second: upstreams[1] };
    const template = readFileSync(new URL(`proxies/${name}.conf`, import.meta.url), 'utf8');
    const file = join(folder, 'conf');
    writeFileSync(file, template.replace(/\{\{(\w+)\}\}/g, (_, word) => words[word]));
    program = start(commands[name]({ ...words, file }), { folder });
    await listens(name, port, program.ended);
    if (warm) {
      await ask(agent, port, 'GET', '/warm');
    }
    await ask(agent, port, 'POST', '/');
  };
  return {
    ended: written(),
    end: async () => {
      agent.destroy();
      await program?.end();
      rmSync(folder, { recursive: true, force: true });
      folders.delete(folder);
    },
  };
}
