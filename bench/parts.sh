#!/usr/bin/env bash
# What exploring parts apart saves: the same orders with parts and without (--no-parts), and eight clients over four tables, two of
# whom meet, against these two alone. Whole processes, timed in turn; the best of five each.
#
#   bench/parts.sh [build/release/racelab]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
racelab=$(realpath "${1:-$here/../build/release/racelab}")
[ -x "$racelab" ] || { printf 'bench/parts.sh needs %s: ./dev build\n' "$racelab" >&2; exit 2; }

# best N COMMAND…: milliseconds of the fastest of N runs, and the orders and states that it tells of.
best() {
  local times=$1 best=999999 output
  shift
  for ((i = 0; i < times; ++i)); do
    local start=$EPOCHREALTIME
    output=$("$@") || [ $? -le 3 ] # 1: a violation; 3: gave up
    local end=$EPOCHREALTIME
    local now=$(((${end/./} - ${start/./}) / 1000))
    ((now < best)) && best=$now
  done
  printf '%6d ms   %s orders, %s states\n' "$best" \
    "$(sed -n '0,/"orders"/s/^  "orders": "\([0-9]*\)",$/\1/p' <<<"$output")" \
    "$(sed -n 's/^  "states": \([0-9]*\),$/\1/p' <<<"$output")"
}
explore() { "$racelab" explore "$@" --format json; }

printf 'twelve clients on twelve rows      %s\n' "$(best 5 explore two-writers --clients 12 --rows 12)"
printf '  --no-parts                       %s\n' "$(best 1 explore two-writers --clients 12 --rows 12 --no-parts)"
printf 'twelve clients on six rows         %s\n' "$(best 5 explore two-writers --clients 12 --rows 6)"
fleet=buy,buy,review,rename,restock,review,rename,restock
printf 'eight clients, two of whom meet    %s\n' "$(best 5 explore "$here/four-tables" --strategy "$fleet")"
printf '  these two alone                  %s\n' "$(best 5 explore "$here/four-tables" --strategy buy --clients 2 --no-parts)"
printf '  the eight, --no-parts            %s\n' "$(best 1 explore "$here/four-tables" --strategy "$fleet" --no-parts)"
