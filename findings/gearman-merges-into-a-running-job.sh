#!/usr/bin/env bash
# Gearman 1.1.20: a background job with the unique key of one that is already running is accepted, and never run.
#
# "Recalculate account 7" is sent with the account as its unique key, so that ten requests make one job. One would guess that
# only *waiting* jobs are merged: the running one has read the balance already. A request that comes while it runs is
# acknowledged and merged into it all the same: the new balance is never looked at.
set -euo pipefail
work=$(mktemp -d)
started=()
trap 'for id in "${started[@]}"; do kill -9 "$id" 2>/dev/null || true; wait "$id" 2>/dev/null || true; done; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq gearman-job-server=1.1.20+ds-1 gearman-tools=1.1.20+ds-1 libgearman8=1.1.20+ds-1 libmariadb3 libpq5 \
  libevent-2.1-7 libevent-pthreads-2.1-7 libmemcached11 libhashkit2 libhiredis0.14 libboost-program-options1.74.0 \
  >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
tree/usr/sbin/gearmand --version | grep -m1 -o 'gearmand [0-9a-z.+]*'

tree/usr/sbin/gearmand -L 127.0.0.1 -p 24730 -l server.txt >/dev/null 2>&1 &
started+=($!)
sleep 1
cat >recalculate.sh <<'SH'
#!/bin/sh
balance=$(cat balance)
sleep 3
echo "recalculated from balance $balance" >>runs.txt
SH
chmod +x recalculate.sh
gearman() { tree/usr/bin/gearman -h 127.0.0.1 -p 24730 -f recalculate "$@"; }
tree/usr/bin/gearman -h 127.0.0.1 -p 24730 -f recalculate -w ./recalculate.sh >/dev/null 2>&1 &
started+=($!)

echo 1 >balance
gearman -b -u account-7 now && echo "balance is 1: job accepted" | tee seen.txt
sleep 1
echo 2 >balance
gearman -b -u account-7 now && echo "balance is 2: job accepted" | tee -a seen.txt
sleep 8
tee -a seen.txt <runs.txt

diff - seen.txt <<'EXPECTED'
balance is 1: job accepted
balance is 2: job accepted
recalculated from balance 1
EXPECTED
echo "as described: the second job was accepted and never run"
