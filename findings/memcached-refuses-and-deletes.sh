#!/usr/bin/env bash
# memcached 1.6.18: a set that is refused deletes what was there; by the newer commands, even one that was only to add.
#
# A session grows beyond 1 MB, and set answers "object too large for cache". One would guess that what is refused changes nothing, so
# that the session is as it was. It is gone: better nothing than something stale, for a cache. The commands with a condition keep
# to theirs: add, replace and cas are refused, and leave what is there. With the newer ms the condition is not looked at: whoever
# wants to add to what is there already, or has an outdated CAS, deletes another one's value by a refused request.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq memcached=1.6.18-1+deb12u1 libevent-2.1-7 libsasl2-2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/bin/memcached --version
tree/usr/bin/memcached -u "$(id -un)" -s "$work/socket" >server.txt 2>&1 &
server=$!
for _ in $(seq 50); do
  [ -S socket ] && break
  sleep 0.1
done
cat >store.py <<'PY'
import socket

connection = socket.socket(socket.AF_UNIX)
connection.connect("socket")
answers = connection.makefile("rb")

def ask(command, value=None):
    connection.sendall(command.encode() + b"\r\n" + (value + b"\r\n" if value is not None else b""))
    return answers.readline().decode().strip()

# NS and EX are ms's words for NOT_STORED and EXISTS, HD for STORED.
large = b"x" * 2_000_000
# 999 is no value's CAS.
for command in ("set k 0 0 {}", "add k 0 0 {}", "replace k 0 0 {}", "cas k 0 0 {} 999", "ms k {}", "ms k {} ME", "ms k {} C999"):
    ask("set k 0 0 3", b"old")
    small = ask(command.format(3), b"new")
    ask("set k 0 0 3", b"old")
    refused = ask(command.format(len(large)), large)
    there = ask("mg k v")
    if there.startswith("VA"):
        there = answers.readline().decode().strip()
    print(f"{command.format('…')}: of 3 bytes: {small}; of 2 MB: {refused}; then there is {'nothing' if there == 'EN' else there}")
PY
/usr/bin/python3 store.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
set k 0 0 …: of 3 bytes: STORED; of 2 MB: SERVER_ERROR object too large for cache; then there is nothing
add k 0 0 …: of 3 bytes: NOT_STORED; of 2 MB: SERVER_ERROR object too large for cache; then there is old
replace k 0 0 …: of 3 bytes: STORED; of 2 MB: SERVER_ERROR object too large for cache; then there is old
cas k 0 0 … 999: of 3 bytes: EXISTS; of 2 MB: SERVER_ERROR object too large for cache; then there is old
ms k …: of 3 bytes: HD; of 2 MB: SERVER_ERROR object too large for cache; then there is nothing
ms k … ME: of 3 bytes: NS; of 2 MB: SERVER_ERROR object too large for cache; then there is nothing
ms k … C999: of 3 bytes: EX; of 2 MB: SERVER_ERROR object too large for cache; then there is nothing
EXPECTED
echo "as described: a store that was refused deleted what was there"
