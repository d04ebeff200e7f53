#!/usr/bin/env bash
# etcd 3.4.23: a key's version is no version to check a write against: it starts at 1 again when the key is made anew.
#
# A reader sees stock = 5 at version 1. Somebody deletes the key, somebody else puts it again with another value. A transaction
# "if the version is still 1, put 4" succeeds on the new key, and overwrites what the reader never saw. The field that a good
# guess takes for an optimistic lock is `version`; the one that is one is `mod_revision`.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq etcd-server=3.4.23-4+b4 etcd-client=3.4.23-4+b4 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export ETCDCTL_API=3
tree/usr/bin/etcd --version | sed -n 1p
tree/usr/bin/etcd --data-dir data --listen-client-urls http://127.0.0.1:24379 \
  --advertise-client-urls http://127.0.0.1:24379 --listen-peer-urls http://127.0.0.1:24380 \
  --initial-advertise-peer-urls http://127.0.0.1:24380 --initial-cluster default=http://127.0.0.1:24380 >server.txt 2>&1 &
server=$!
etcd() { tree/usr/bin/etcdctl --endpoints=127.0.0.1:24379 "$@"; }
for _ in $(seq 50); do
  etcd endpoint health >/dev/null 2>&1 && break
  sleep 0.2
done
field() { etcd get stock -w json | sed "s/.*\"$1\":\([0-9]*\).*/\1/"; }

etcd put stock 5 >/dev/null
seen_version=$(field version)
seen_revision=$(field mod_revision)
echo "a reader sees 5 at version $seen_version" | tee seen.txt
etcd del stock >/dev/null
etcd put stock 1 >/dev/null
echo "deleted and put again: 1 at version $(field version)" | tee -a seen.txt
{
  printf 'mod("stock") = "%s"\n\nput stock 4\n\nget stock\n\n' "$seen_revision" | etcd txn | sed -n 1p |
    sed 's/^/put 4 if the mod_revision is unchanged: /'
  printf 'ver("stock") = "%s"\n\nput stock 4\n\nget stock\n\n' "$seen_version" | etcd txn | sed -n 1p |
    sed 's/^/put 4 if the version is unchanged: /'
  echo "the key holds $(etcd get stock --print-value-only)"
} | tee -a seen.txt

diff - seen.txt <<'EXPECTED'
a reader sees 5 at version 1
deleted and put again: 1 at version 1
put 4 if the mod_revision is unchanged: FAILURE
put 4 if the version is unchanged: SUCCESS
the key holds 4
EXPECTED
echo "as described: a write that checked the version replaced a value that its writer never saw"
