#!/usr/bin/env bash
# Redis 7.0.15: a stream's consumer that is deleted takes its unfinished jobs along, and MAXLEN takes those that nobody has had.
#
# A worker reads two jobs with XREADGROUP and dies. Its name is cleared away with XGROUP DELCONSUMER, as a good stop script does. One
# would guess that its jobs go back to the group, as with other queues that know their workers. The answer, 2, is their number: they
# are pending no more, for anybody; they stand in the stream, and the group will never hand them out again. And a producer's MAXLEN,
# there to drop what is old, counts what is in the stream, not what is done: jobs that nobody has had go without a word, and the
# group's lag is 0. What helps: XAUTOCLAIM before DELCONSUMER; XTRIM MINID up to what is done, and no MAXLEN.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq redis-server=5:7.0.15-1~deb12u10 redis-tools=5:7.0.15-1~deb12u10 liblua5.1-0 liblzf1 libjemalloc2 \
  libatomic1 lua-cjson lua-bitop >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/bin/redis-server --version | cut -d' ' -f1-3
tree/usr/bin/redis-server --port 0 --unixsocket "$work/socket" --save '' >server.txt 2>&1 &
server=$!
for _ in $(seq 50); do
  [ -S socket ] && break
  sleep 0.1
done
redis() { tree/usr/bin/redis-cli -s "$work/socket" "$@"; }
# The numbers of the jobs in an answer; "none".
jobs_of() { local found; found=$(grep -A1 '^job$' | grep -v -e '^job$' -e '^--$' | paste -sd' '); echo "${found:-none}"; }
field() { redis xinfo groups "$1" | grep -A1 "^$2\$" | sed -n 2p; }

{
  redis xgroup create jobs workers 0 mkstream >/dev/null
  for number in 1 2 3; do redis xadd jobs "$number-1" job $number >/dev/null; done
  echo "ann reads: $(redis xreadgroup group workers ann count 2 streams jobs '>' | jobs_of)"
  echo "pending: $(field jobs pending)"
  echo "ann is deleted: $(redis xgroup delconsumer jobs workers ann)"
  echo "pending: $(field jobs pending)"
  echo "bob takes over what is pending: $(redis xautoclaim jobs workers bob 0 0 | jobs_of)"
  echo "bob reads: $(redis xreadgroup group workers bob streams jobs '>' | jobs_of)"
  echo "bob reads: $(redis xreadgroup group workers bob streams jobs '>' | jobs_of)"
  echo "in the stream: $(redis xrange jobs - + | jobs_of)"
  echo
  redis xgroup create mails workers 0 mkstream >/dev/null
  for number in 1 2 3 4 5; do redis xadd mails maxlen 2 "$number-1" job $number >/dev/null; done
  echo "five are added with MAXLEN 2; ann reads: $(redis xreadgroup group workers ann streams mails '>' | jobs_of)"
  redis xack mails workers 4-1 5-1 >/dev/null
  redis xadd mails maxlen 2 6-1 job 6 >/dev/null
  echo "a sixth; ann reads: $(redis xreadgroup group workers ann streams mails '>' | jobs_of), then: $(
    redis xreadgroup group workers ann streams mails '>' | jobs_of)"
  echo "the group's lag: $(field mails lag)"
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
ann reads: 1 2
pending: 2
ann is deleted: 2
pending: 0
bob takes over what is pending: none
bob reads: 3
bob reads: none
in the stream: 1 2 3

five are added with MAXLEN 2; ann reads: 4 5
a sixth; ann reads: 6, then: none
the group's lag: 0
EXPECTED
echo "as described: jobs 1 and 2 are neither done nor pending, and mails 1 to 3 were never handed out"
