#!/usr/bin/env bash
# etcd 3.4.23: a worker that renews no lease any more stays registered for ever, since it had put its key once more.
#
# A worker registers with `put --lease`, so that its key is gone when it dies. Then it changes the value, from "starting" to "busy",
# with a plain put. One would guess that a value changes, and that the lease stays with the key. Each put says anew to which lease
# the key belongs, and one that says nothing takes it out: the worker dies, the lease ends, and "busy" is there for good. A lock
# whose holder writes something into its key is never free again. What helps: the lease at every put, or --ignore-lease.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq etcd-server=3.4.23-4+b4 etcd-client=3.4.23-4+b4 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export ETCDCTL_API=3
tree/usr/bin/etcd --version | sed -n 1p
# Two ports that are free.
read -r client peer < <(node -e "
const servers = [0, 0].map(() => require('net').createServer().listen(0, '127.0.0.1'));
setTimeout(() => { console.log(servers.map((server) => server.address().port).join(' ')); process.exit(); }, 100)")
tree/usr/bin/etcd --data-dir data --listen-client-urls "http://127.0.0.1:$client" \
  --advertise-client-urls "http://127.0.0.1:$client" --listen-peer-urls "http://127.0.0.1:$peer" \
  --initial-advertise-peer-urls "http://127.0.0.1:$peer" --initial-cluster "default=http://127.0.0.1:$peer" >server.txt 2>&1 &
server=$!
etcd() { tree/usr/bin/etcdctl --endpoints="127.0.0.1:$client" "$@"; }
for _ in $(seq 50); do
  etcd endpoint health >/dev/null 2>&1 && break
  sleep 0.2
done

register() { # WORKER; sets lease
  lease=$(etcd lease grant 5 | cut -d' ' -f2)
  etcd put --lease="$lease" "worker/$1" starting >/dev/null
}
{
  register ann
  register bob
  etcd put worker/bob busy >/dev/null
  register eve
  etcd put --ignore-lease worker/eve busy >/dev/null
  echo "registered, with a lease of 5 seconds each:"
  etcd get --prefix worker/ | paste -d' ' - -
  for _ in $(seq 100); do
    [ "$(etcd lease list)" != 'found 0 leases' ] || break
    sleep 0.3
  done
  echo "nobody has renewed, and etcd knows of leases: $(etcd lease list | sed 's/[^0-9]//g')"
  echo "registered:"
  etcd get --prefix worker/ | paste -d' ' - -
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
registered, with a lease of 5 seconds each:
worker/ann starting
worker/bob busy
worker/eve busy
nobody has renewed, and etcd knows of leases: 0
registered:
worker/bob busy
EXPECTED
echo "as described: the key that was put once more has outlived its lease"
