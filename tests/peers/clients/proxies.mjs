// Proxies in the foreground, each with a configuration made from proxies/NAME.conf, and one POST through them.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { start } from './programs.mjs';

/** How each is started: in the foreground. */
const commands = {
  nginx: 'nginx -p {{folder}} -e stderr -c {{file}}',
  'nginx-non-idempotent': 'nginx -p {{folder}} -e stderr -c {{file}}',
  haproxy: 'haproxy -db -f {{file}}',
  'haproxy-all': 'haproxy -db -f {{file}}',
  apache: 'apache2 -X -d {{folder}} -f {{file}}',
  lighttpd: 'lighttpd -D -f {{file}}',
  h2o: 'h2o -c {{file}}',
  nghttpx: 'nghttpx --conf={{file}}',
  varnish: 'varnishd -F -j none -a 127.0.0.1:{{port}} -f {{file}} -n {{folder}} -s malloc,16m',
};

/** A text with words in the places of their {{names}}. */
const filled = (text, words) => text.replace(/\{\{(\w+)\}\}/g, (_, word) => words[word]);

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
    const asked = request({
      agent,
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { 'content-type': 'application/json' },
    });
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
    const file = join(folder, 'conf');
    const words = { port, folder, file, upstream: upstreams[0], second: upstreams[1] };
    const template = readFileSync(new URL(`proxies/${name}.conf`, import.meta.url), 'utf8');
    writeFileSync(file, filled(template, words));
    program = start(filled(commands[name], words).split(' '), { folder });
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
