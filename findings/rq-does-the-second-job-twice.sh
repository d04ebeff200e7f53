#!/usr/bin/env bash
# RQ 1.13.0 on Redis 7.0.15: of two jobs with one id the second is done twice, and the first is never done.
#
# A job may be given an id of one's own; the usual reason is that it should not be queued twice. One would guess that the second
# job is ignored, or refused, or done as well. It overwrites the first one's arguments, and the id stands in the queue twice:
# whoever asked first was told that the job is queued, and somebody else's is done in its place, again.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq redis-tools=5:7.0.15-1~deb12u10 liblzf1=3.6-3 libjemalloc2=5.3.0-1 python3-rq=1.13.0-1 python3-redis \
  python3-click python3-async-timeout python3-deprecated python3-packaging python3-wrapt >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
cp -L tree/usr/bin/redis-check-rdb redis-server # one program, which goes by its name
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PYTHONPATH=$work:$work/tree/usr/lib/python3/dist-packages

./redis-server --version | cut -d' ' -f1-3
./redis-server --port 0 --unixsocket "$work/socket" --save '' --dir "$work" >server.txt 2>&1 &
server=$!
for _ in $(seq 50); do
  [ -S socket ] && break
  sleep 0.1
done
cat >shop.py <<'PY'
def charge(customer, amount):
    with open("charges.txt", "a") as charges:
        charges.write(f"worker charged {customer} {amount}\n")
PY
cat >queue_jobs.py <<'PY'
import logging

import redis
import rq
import shop

print("rq", rq.VERSION, flush=True)
connection = redis.Redis(unix_socket_path="socket")
queue = rq.Queue(connection=connection)
for customer, amount in (("customer-1", 10), ("customer-2", 99)):
    job = queue.enqueue(shop.charge, customer, amount, job_id="charge-7")
    print(f"charge {customer} {amount}: {job.get_status()}, jobs in the queue: {len(queue)}")
rq.Worker([queue], connection=connection).work(burst=True, logging_level=logging.WARNING)
PY
/usr/bin/python3 queue_jobs.py | tee seen.txt
tee -a seen.txt <charges.txt

diff - seen.txt <<'EXPECTED'
rq 1.13.0
charge customer-1 10: queued, jobs in the queue: 1
charge customer-2 99: queued, jobs in the queue: 2
worker charged customer-2 99
worker charged customer-2 99
EXPECTED
echo "as described: one customer was charged twice, and the other never"
