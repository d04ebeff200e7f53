#!/usr/bin/env bash
# Orders per second on real servers, side by side in one run: PostgreSQL, its floor (the same statements, reset and reading of
# contents on one connection, nobody else there) and SQLite; the medians of five. Another driver's figure makes a third ratio.
#
#   bench/real_servers.sh [build/release/racelab_bench] [ORDERS_PER_SECOND_OF_ANOTHER_DRIVER]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bench=$(realpath "${1:-$here/../build/release/racelab_bench}")
other=${2:-}
[ -x "$bench" ] || { printf 'bench/real_servers.sh needs %s: ./dev bench builds it\n' "$bench" >&2; exit 2; }

rates=$("$bench" --benchmark_filter='^real_' --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true \
  --benchmark_report_aggregates_only=true --benchmark_format=csv 2>/dev/null |
  awk -F, '/_median/ { split($1, name, "/"); sub(/"/, "", name[1]); print name[1], $7 }')
rate() { awk -v name="$1" '$1 == name { printf "%.0f", $2 }' <<<"$rates"; }
ratio() { awk -v of="$1" -v to="$2" 'BEGIN { printf "%.2f", of / to }'; }

postgresql=$(rate real_postgresql) floor=$(rate real_postgresql_floor) sqlite=$(rate real_sqlite)
printf 'PostgreSQL              %6d orders a second\n' "$postgresql"
printf '  its floor             %6d, of which this is %s (at least 0.5)\n' "$floor" "$(ratio "$postgresql" "$floor")"
printf 'SQLite                  %6d, %s of PostgreSQL (at least 3)\n' "$sqlite" "$(ratio "$sqlite" "$postgresql")"
[ -z "$other" ] || printf 'the other driver        %6d, of which PostgreSQL is %s (at least 3)\n' "$other" "$(ratio "$postgresql" "$other")"
