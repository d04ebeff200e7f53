#!/usr/bin/env bash
# nginx 1.22.1: a PUT with If-Match overwrites what the condition says must not be overwritten.
#
# Two editors read a document and its ETag, and put it back with If-Match, so that the second is refused. nginx gives strong ETags
# and does compare them: a GET with the old one is answered with 412. One would guess that PUT and DELETE, for which If-Match
# was made, do the same. The dav module does not look: the first editor's text is gone, with 204. If-None-Match: *, "only if it
# is not there", is no better.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq nginx=1.22.1-9+deb12u11 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
dpkg-deb -x nginx_*.deb tree
mkdir documents
cat >nginx.conf <<CONF
daemon off;
master_process off;
pid $work/pid;
error_log $work/errors.txt;
events {}
http {
  access_log off;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  server {
    listen unix:$work/socket;
    root $work/documents;
    dav_methods PUT DELETE;
  }
}
CONF
tree/usr/sbin/nginx -v
tree/usr/sbin/nginx -c "$work/nginx.conf" -e "$work/errors.txt" &
server=$!
for _ in $(seq 50); do
  [ -S socket ] && break
  sleep 0.1
done

cat >edit.mjs <<'JS'
import { request } from 'node:http';
const ask = (method, headers = {}, body = '') => new Promise((resolve, reject) => {
  request({ socketPath: 'socket', agent: false, method, path: '/plan',
            headers: { 'Content-Length': body.length, ...headers } }, async (response) => {
    let text = '';
    for await (const part of response) text += part;
    resolve({ status: response.statusCode, etag: response.headers.etag, text });
  }).on('error', reject).end(body);
});
await ask('PUT', {}, 'draft');
const { etag } = await ask('GET');
const say = async (text, ...args) => console.log(`${text}: ${(await ask(...args)).status}; now: ${(await ask('GET')).text}`);
await say('first editor puts, If-Match the etag read', 'PUT', { 'If-Match': etag }, 'what the first one wrote');
await say('second editor gets, If-Match the etag read', 'GET', { 'If-Match': etag });
await say('second editor puts, If-Match the etag read', 'PUT', { 'If-Match': etag }, 'what the second one wrote');
await say('third editor puts, If-None-Match *', 'PUT', { 'If-None-Match': '*' }, 'a new plan');
console.log(`fourth deletes, If-Match the etag read: ${(await ask('DELETE', { 'If-Match': etag })).status}`);
JS
node edit.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
first editor puts, If-Match the etag read: 204; now: what the first one wrote
second editor gets, If-Match the etag read: 412; now: what the first one wrote
second editor puts, If-Match the etag read: 204; now: what the second one wrote
third editor puts, If-None-Match *: 204; now: a new plan
fourth deletes, If-Match the etag read: 204
EXPECTED
echo "as described: every condition was ignored but that of the GET"
