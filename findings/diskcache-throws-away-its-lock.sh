#!/usr/bin/env bash
# diskcache 5.4.0: a lock is thrown away to make room for something else, and a second one gets in.
#
# diskcache has a Lock of its own, for threads and processes, which lies in the cache beside the rest. It has no time limit unless it
# is given one, so one would guess that it is held until it is released. It is an entry as any other, and the oldest entries go
# when the cache is full, as a cache is most of the time: whoever holds the lock and stores what it has worked out pushes out its
# own lock.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq python3-diskcache=5.4.0-1 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
cat >reports.py <<'PY'
import subprocess
import sys

import diskcache

cache = diskcache.Cache("cache", size_limit=1_000_000) # 1 GB, unless set
lock = diskcache.Lock(cache, "reports-lock")
if len(sys.argv) > 1:
    with lock:
        print("  B is in", flush=True)
    sys.exit()

def b_asks():
    b = subprocess.Popen([sys.executable, sys.argv[0], "B"])
    try:
        b.wait(2)
    except subprocess.TimeoutExpired:
        print("  B waits", flush=True)
        b.kill()
        b.wait()

print("diskcache", diskcache.__version__)
with lock:
    for stored in (10, 2000):
        for number in range(stored):
            cache[f"report {number}"] = "x" * 1000
        print(f"A holds the lock and has stored {stored} reports of 1 KB each", flush=True)
        b_asks()
PY
/usr/bin/python3 reports.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
diskcache 5.4.0
A holds the lock and has stored 10 reports of 1 KB each
  B waits
A holds the lock and has stored 2000 reports of 1 KB each
  B is in
EXPECTED
echo "as described: B is in, and A has not left"
