#!/usr/bin/env bash
# What a first build costs: CPU seconds (user and system) from nothing, without a compiler cache, of two checkouts side by side.
#
#   bench/compile_time.sh BEFORE AFTER [TARGET]     TARGET: racelab, racelab_tests (default racelab)
#
# Prints both and their ratio. The two builds run one after the other with the same flags; wall time would depend on what else
# the machine does, CPU time does so far less.
set -euo pipefail

usage="usage: bench/compile_time.sh BEFORE AFTER [TARGET]"
before=${1:?$usage}
after=${2:?$usage}
target=${3:-racelab}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CCACHE_DISABLE=1

# cpu_seconds CHECKOUT DIRECTORY
cpu_seconds() {
  local checkout=$1 directory=$2
  if ! (cd "$checkout" && cmake --preset release -B "$directory") >"$work/log.txt" 2>&1; then
    cat "$work/log.txt" >&2
    return 2
  fi
  local TIMEFORMAT='%U %S' spent
  if ! spent=$( { time cmake --build "$directory" --target "$target" >"$work/log.txt" 2>&1; } 2>&1); then
    cat "$work/log.txt" >&2
    return 2
  fi
  awk '{ printf "%.1f\n", $1 + $2 }' <<<"$spent"
  rm -rf "$directory"
}

old=$(cpu_seconds "$before" "$work/before")
new=$(cpu_seconds "$after" "$work/after")
awk -v old="$old" -v new="$new" -v target="$target" \
  'BEGIN { printf "%s: %s s before, %s s after, ratio %.2f\n", target, old, new, new / old }'
