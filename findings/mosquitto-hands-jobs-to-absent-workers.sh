#!/usr/bin/env bash
# Mosquitto 2.0.11: a shared subscription goes on dealing messages to a member that is not there.
#
# Two workers share the subscription $share/workers/jobs with persistent sessions; one of them is offline. One would guess
# that the other is given every message. It is given every second one: the rest waits in the absent worker's queue, for as
# long as that worker stays away. A queue of jobs stands half still while a worker is idle.
set -euo pipefail
work=$(mktemp -d)
started=()
trap 'for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; wait "$id" 2>/dev/null || true; done; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq mosquitto=2.0.11-1.2+deb12u2 mosquitto-clients=2.0.11-1.2+deb12u2 \
  libmosquitto1=2.0.11-1.2+deb12u2 libcjson1 libdlt2 libwrap0 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
printf 'listener 24883 127.0.0.1\nallow_anonymous true\npersistence false\n' >broker.conf

tree/usr/sbin/mosquitto -c broker.conf >broker.txt 2>&1 &
started+=($!)
sleep 1
head -1 broker.txt | sed 's/^[0-9]*: //'

# worker SECONDS NAME: takes jobs for so long under a persistent session, then leaves without ending it.
worker() {
  timeout "$1" tree/usr/bin/mosquitto_sub -h 127.0.0.1 -p 24883 -q 1 -c -i "$2" -t '$share/workers/jobs' || true
}

worker 1 absent >/dev/null
worker 4 present >present.txt &
sleep 1
seq 1 10 | sed 's/^/job-/' | tree/usr/bin/mosquitto_pub -h 127.0.0.1 -p 24883 -q 1 -t jobs -l
wait $!
worker 2 absent >absent.txt

{
  echo "the worker that was there got $(wc -l <present.txt) of 10"
  echo "the absent one got, when it came back, $(wc -l <absent.txt) of 10"
} | tee seen.txt
diff - seen.txt <<'EXPECTED'
the worker that was there got 5 of 10
the absent one got, when it came back, 5 of 10
EXPECTED
echo "as described: half of the jobs waited for a worker that was not there"
