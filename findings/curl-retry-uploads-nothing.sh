#!/usr/bin/env bash
# curl 7.88.1: --retry of an upload from a pipe sends nothing at the second try, and ends with success.
#
# A backup is piped to `curl --fail --retry 3 -T - …`. The server is being restarted and answers 503 once. One would guess that
# the retry sends the same again, as it does with `--data-binary @-`, or fails, since a pipe can be read only once. It sends what
# is left of the pipe, 0 bytes, as a complete request: the server stores an empty file in place of yesterday's, and curl exits
# with 0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

version=7.88.1-10+deb12u15
apt-get download -qq curl=$version libcurl4=$version libbrotli1 libgssapi-krb5-2 libidn2-0 libldap-2.5-0 libnghttp2-14 \
  libpsl5 librtmp1 libssh2-1 libzstd1 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
cat >backup.mjs <<'JS'
import { exec } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
for (const upload of ['--data-binary @-', '-T -']) {
  const tries = [];
  const server = createServer(async (request, response) => {
    let size = 0;
    for await (const part of request) size += part.length;
    tries.push(`${request.method} ${size} bytes`);
    response.writeHead(tries.length === 1 ? 503 : 200).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/backup`;
  const curl = exec(`seq 1 1000 | tree/usr/bin/curl -q --silent --fail --retry 3 ${upload} ${url}`);
  const [code] = await once(curl, 'exit');
  console.log(`curl --fail --retry 3 ${upload}: 503 to ${tries[0]}, 200 to ${tries[1]}; exit ${code}`);
  server.close();
}
JS
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/bin/curl --version | sed -n 1p | cut -d' ' -f1-2
node backup.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
curl --fail --retry 3 --data-binary @-: 503 to POST 3893 bytes, 200 to POST 3893 bytes; exit 0
curl --fail --retry 3 -T -: 503 to PUT 3893 bytes, 200 to PUT 0 bytes; exit 0
EXPECTED
echo "as described: the second try stored an empty backup, with success"
