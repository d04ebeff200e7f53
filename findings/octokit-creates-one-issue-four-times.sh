#!/usr/bin/env bash
# Octokit 5.0.5 and Elasticsearch's client 9.4.3: one call that creates something creates four, when the answers are lost.
#
# A new issue and a new document without an id are both a POST that makes another one each time, with nothing in it that would
# tell a repetition. One would guess that the official clients send those once. Both send them four times when the connection
# breaks after the request was read; Octokit also on 500, when nobody knows how far the server came. And it fails in the end.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" octokit@5.0.5 @elastic/elasticsearch@9.4.3 \
  >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >create.mjs <<'JS'
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Octokit } from 'octokit';
import { Client } from '@elastic/elasticsearch';
const quiet = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, () => {}]));
const clients = {
  octokit: (baseUrl) => new Octokit({ baseUrl, log: quiet }).rest.issues.create({ owner: 'ann', repo: 'shop', title: 'Broken' }),
  elasticsearch: (node) => new Client({ node }).index({ index: 'orders', document: { article: 7 } }),
};
const lose = {
  'connection reset': (socket) => socket.resetAndDestroy(),
  'answer 500': (socket) => socket.end('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
};
async function count(name, how) {
  const created = [];
  const server = createServer((request) => {
    let body = '';
    request.on('data', (data) => body += data).on('end', () => {
      created.push(`${request.method} ${request.url} ${body}`);
      lose[how](request.socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const outcome = await clients[name](`http://127.0.0.1:${server.address().port}`).then(() => 'succeeded', () => 'failed');
  server.close();
  return `${name}, ${how}: ${outcome}; ${created.length} times ${[...new Set(created)].join(' and ')}`;
}
const runs = Object.keys(clients).flatMap((name) => Object.keys(lose).map((how) => count(name, how)));
console.log((await Promise.all(runs)).join('\n'));
process.exit();
JS
npm ls --prefix "$work" --depth 0 | grep -o '[@a-z/]*@[0-9.]*$' | sort
node create.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
octokit, connection reset: failed; 4 times POST /repos/ann/shop/issues {"title":"Broken"}
octokit, answer 500: failed; 4 times POST /repos/ann/shop/issues {"title":"Broken"}
elasticsearch, connection reset: failed; 4 times POST /orders/_doc {"article":7}
elasticsearch, answer 500: failed; 1 times POST /orders/_doc {"article":7}
EXPECTED
echo "as described: one call, four issues or documents"
