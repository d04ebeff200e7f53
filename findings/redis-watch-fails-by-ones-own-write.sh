#!/usr/bin/env bash
# Redis 7.0.15: a transaction fails because of what the same connection wrote itself, between WATCH and MULTI.
#
# WATCH is Redis's optimistic check: EXEC does nothing if somebody has changed the key since. One would guess that somebody means
# others. A SET by the same connection after its WATCH counts as well, and EXEC answers nil, though nobody else was there. A loop
# "until EXEC succeeds" that touches the key before MULTI (a first value, a new expiry) never ends. An EXPIRE is such a change, a
# SETNX that finds a value is none.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq redis-server=5:7.0.15-1~deb12u10 redis-tools=5:7.0.15-1~deb12u10 liblua5.1-0 liblzf1 libjemalloc2 \
  libatomic1 lua-cjson lua-bitop >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/bin/redis-server --version
tree/usr/bin/redis-server --port 0 --unixsocket "$work/socket" --save '' >server.txt 2>&1 &
server=$!
for _ in $(seq 50); do
  [ -S socket ] && break
  sleep 0.1
done

# What EXEC answers after COMMAND, by the only connection that there is; nothing: nil.
exec_after() {
  printf 'SET n 1\nWATCH n\n%s\nMULTI\nINCR n\nEXEC\n' "$1" |
    tree/usr/bin/redis-cli -s "$work/socket" | tail -n 1
}
for command in 'GET n' 'SETNX n 5' 'SET n 5' 'EXPIRE n 100'; do
  answer=$(exec_after "$command")
  echo "WATCH n, $command, MULTI, INCR n, EXEC: ${answer:-nothing is done}"
done | tee seen.txt

diff - seen.txt <<'EXPECTED'
WATCH n, GET n, MULTI, INCR n, EXEC: 2
WATCH n, SETNX n 5, MULTI, INCR n, EXEC: 2
WATCH n, SET n 5, MULTI, INCR n, EXEC: nothing is done
WATCH n, EXPIRE n 100, MULTI, INCR n, EXEC: nothing is done
EXPECTED
echo "as described: alone, and refused"
