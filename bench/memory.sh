#!/usr/bin/env bash
# The memory of long runs: peak resident bytes of whole processes, per operation. Peaks do not depend on what else the
# machine does, so one run of each is enough. What a comparison needs should not grow with the number of strategies.
#
#   bench/memory.sh [build/release/racelab] [operations per client, default 100]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
racelab=$(realpath "${1:-$here/../build/release/racelab}")
operations=${2:-100}
clients=1000
[ -x "$racelab" ] || { printf 'bench/memory.sh needs %s: ./dev build\n' "$racelab" >&2; exit 2; }
[ -x /usr/bin/time ] || { printf 'bench/memory.sh needs GNU time: apt-get install time\n' >&2; exit 2; }

peak=$(mktemp)
trap 'rm -f "$peak"' EXIT

# measure COMMAND…: one line. Exit 1 is a verdict; anything above is a failure.
measure() {
  local status=0
  /usr/bin/time -o "$peak" -f %M "$racelab" "$@" --clients "$clients" --operations "$operations" \
    >/dev/null || status=$?
  [ "$status" -le 1 ] || { printf 'racelab %s: exit %d\n' "$*" "$status" >&2; exit 1; }
  local kib
  kib=$(tail -n 1 "$peak")
  printf '%6d MB %6d bytes per operation  racelab %s\n' $((kib * 1024 / 1000000)) \
    $((kib * 1024 / (clients * operations))) "$*"
}

printf '%d clients, %d operations each\n' "$clients" "$operations"
measure run hot-counter --strategy atomic-increment --format json
measure run hot-counter --strategy atomic-increment --trace
measure run hot-counter --strategy pessimistic-lock
measure compare hot-counter --seeds 2 --strategy atomic-increment
measure compare hot-counter --seeds 2 --strategy atomic-increment --strategy read-modify-write \
  --strategy optimistic-version
