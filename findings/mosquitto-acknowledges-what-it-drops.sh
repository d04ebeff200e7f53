#!/usr/bin/env bash
# Mosquitto 2.0.11: a QoS 1 publish is acknowledged as accepted, and dropped.
#
# QoS 1 promises "at least once". A subscriber with a persistent session is offline while 1,500 messages are published, each
# acknowledged with success (MQTT 5: reason code 0, though the protocol has 0x97, "quota exceeded"). When it comes back it gets
# the first 1,000: the default max_queued_messages was reached, and the newest were thrown away without a word to the publisher.
set -euo pipefail
work=$(mktemp -d)
started=()
trap 'for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; wait "$id" 2>/dev/null || true; done; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq mosquitto=2.0.11-1.2+deb12u2 mosquitto-clients=2.0.11-1.2+deb12u2 \
  libmosquitto1=2.0.11-1.2+deb12u2 libcjson1 libdlt2 libwrap0 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
printf 'listener 24884 127.0.0.1\nallow_anonymous true\npersistence false\n' >broker.conf

tree/usr/sbin/mosquitto -c broker.conf >broker.txt 2>&1 &
started+=($!)
sleep 1
head -1 broker.txt | sed 's/^[0-9]*: //'

meter() {
  timeout "$1" tree/usr/bin/mosquitto_sub -h 127.0.0.1 -p 24884 -V 5 -x 3600 -q 1 -c -i meter -t readings || true
}

meter 1 >/dev/null
seq 1 1500 | tree/usr/bin/mosquitto_pub -h 127.0.0.1 -p 24884 -V 5 -q 1 -t readings -l -d >publisher.txt
meter 5 >received.txt

{
  echo "published and acknowledged with success: $(grep -c 'received PUBACK.*RC:0' publisher.txt)"
  echo "received: $(wc -l <received.txt), the last of them number $(tail -1 received.txt)"
} | tee seen.txt
diff - seen.txt <<'EXPECTED'
published and acknowledged with success: 1500
received: 1000, the last of them number 1000
EXPECTED
echo "as described: 500 acknowledged messages are gone"
