#!/usr/bin/env bash
# Wget 1.21.3 and aria2 1.36.0: one download gives the head of the old file and the tail of the new one, and success.
#
# The connection breaks in the middle of a download, since the server is restarted with a new version of the file. Both programs
# ask for the rest by themselves. The server has told an ETag and a date, tells others with the second part, and would give the
# whole new file if it were asked with If-Range. One would guess that it is, or that the ETags are compared, or at least that it
# fails. The program asks for the bytes from the 5000th, of whatever is there now, joins the two, and exits with 0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq wget=1.21.3-1+deb12u1 aria2=1.36.0-1 libaria2-0=1.36.0-1 libc-ares2 libgmp10 libgnutls30 libidn2-0 libicu72 \
  libnettle8 libpcre2-8-0 libpsl5 libsqlite3-0 libssh2-1 libuuid1 libxml2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
cat >download.mjs <<'JS'
import { createServer, get } from 'node:http';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
const versions = [{ line: 'old\n', etag: '"1"', date: 'Mon, 05 Jan 2026 10:00:00 GMT' },
                  { line: 'new\n', etag: '"2"', date: 'Tue, 06 Jan 2026 10:00:00 GMT' }];
let restarted;
const server = createServer((request, response) => {
  const { line, etag, date } = versions[restarted ? 1 : 0];
  const file = line.repeat(2500);
  const { range, 'if-range': known } = request.headers;
  const part = range && (!known || known === etag || known === date);
  const start = part ? Number(/\d+/.exec(range)[0]) : 0;
  if (start) console.log(`  asked for the rest from byte ${start}, ${known ? 'if the file is still the same' : 'unconditionally'}`);
  response.writeHead(part ? 206 : 200, {
    ETag: etag, 'Last-Modified': date, 'Accept-Ranges': 'bytes', 'Content-Length': file.length - start,
    ...(part && { 'Content-Range': `bytes ${start}-${file.length - 1}/${file.length}` }),
  });
  if (restarted) return response.end(file.slice(start));
  restarted = true;
  response.write(file.slice(0, 5000), () => response.destroy());
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}/file`;
for (const [program, ...options] of [['wget', '--no-config', '-q', '-O', 'wget.txt'],
                                     ['aria2c', '--no-conf', '-q', '--retry-wait=1', '-o', 'aria2c.txt']]) {
  restarted = false;
  console.log(program);
  const code = await new Promise((resolve) =>
    execFile(`tree/usr/bin/${program}`, [...options, url], (error) => resolve(error ? error.code : 0)));
  const lines = readFileSync(`${program}.txt`, 'utf8').split('\n');
  const count = (text) => lines.filter((line) => line === text).length;
  console.log(`  exit code ${code}; lines of the old file: ${count('old')}, of the new one: ${count('new')}`);
}
const [whole] = await once(get(url, { headers: { Range: 'bytes=5000-', 'If-Range': '"1"' } }), 'response');
console.log(`asked with If-Range, the server answers ${whole.statusCode}, ${whole.headers['content-length']} bytes`);
whole.destroy();
server.close();
JS
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/bin/wget --version | sed -n 1p | cut -d' ' -f1-3
tree/usr/bin/aria2c --no-conf --version | sed -n 1p
node download.mjs | tee seen.txt

diff - seen.txt <<'EXPECTED'
wget
  asked for the rest from byte 5000, unconditionally
  exit code 0; lines of the old file: 1250, of the new one: 1250
aria2c
  asked for the rest from byte 5000, unconditionally
  exit code 0; lines of the old file: 1250, of the new one: 1250
asked with If-Range, the server answers 200, 10000 bytes
EXPECTED
echo "as described: half of a file that was never there whole, and success"
