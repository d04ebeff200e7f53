#!/usr/bin/env bash
# express-session 1.19.0: a slow request that only looks at something takes back what another request has put into the session.
#
# A report takes a second. Meanwhile a book is put into the cart, and the cart shows it. One would guess that a request that has
# changed nothing writes nothing. By the default, resave, each request writes the whole session when it ends, as it was when it
# began: the report is done, and the cart is empty. With `resave: false` the report leaves the cart alone; a slow request that
# notes something else, as its last page, writes all of it still, and the cart is empty again. Stores cannot help it: they are
# told get and set, with no version. What helps: `resave: false`, and what must not be lost in a table of its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" express@5.2.1 express-session@1.19.0 >npm.txt 2>&1 ||
  { cat npm.txt; exit 2; }
cat >shop.mjs <<'JS'
import express from 'express';
import session from 'express-session';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
const shop = async (what, options, slow) => {
  const app = express();
  app.use(session({ secret: 'of a test', saveUninitialized: true, ...options }));
  app.get('/begin', (request, response) => {
    request.session.cart = [];
    response.end();
  });
  app.get('/buy', (request, response) => {
    request.session.cart.push('book');
    response.end();
  });
  app.get('/cart', (request, response) => { response.end(request.session.cart.join() || 'empty'); });
  app.get('/report', async (request, response) => {
    await sleep(1000);
    response.end('report');
  });
  app.get('/visit', async (request, response) => {
    request.session.page = 'news';
    await sleep(1000);
    response.end('news');
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let cookie = '';
  const get = async (path) => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { cookie } });
    cookie ||= response.headers.get('set-cookie')?.split(';')[0] ?? '';
    return response.text();
  };
  await get('/begin');
  const slowOne = get(slow);
  await sleep(300);
  await get('/buy');
  const before = await get('/cart');
  await slowOne;
  console.log(`${what}, ${slow}: the cart: ${before}; and after it: ${await get('/cart')}`);
  server.closeAllConnections();
  server.close();
};
await shop('by default', {}, '/report');
await shop('resave: false', { resave: false }, '/report');
await shop('resave: false', { resave: false }, '/visit');
JS
npm ls --prefix "$work" --depth 0 express-session | grep -o 'express-session@.*'
NODE_ENV="test" node shop.mjs 2>warnings.txt | tee seen.txt

diff - seen.txt <<'EXPECTED'
by default, /report: the cart: book; and after it: empty
resave: false, /report: the cart: book; and after it: book
resave: false, /visit: the cart: book; and after it: empty
EXPECTED
echo "as described: a report has emptied the cart"
