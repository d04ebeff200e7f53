#!/usr/bin/env bash
# All 681,080,400 orders of seven read-modify-write clients: racelab, without symmetry, against Spin (Debian package spin); then
# eight and nine of them, by transition, with and without odds.
# Both are whole processes, timed in turn; the best of five each. Spin's own generating and compiling are not counted. Spin only
# finds the violating states; racelab also counts the orders, exactly, and draws the smallest.
#
#   bench/against_spin.sh [build/release/racelab]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
racelab=$(realpath "${1:-$here/../build/release/racelab}")
for tool in spin gcc; do
  command -v "$tool" >/dev/null || { printf 'bench/against_spin.sh needs %s: apt-get install %s\n' "$tool" "$tool" >&2; exit 2; }
done
[ -x "$racelab" ] || { printf 'bench/against_spin.sh needs %s: ./dev build\n' "$racelab" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# verifier NAME DEFINITION…: Spin's verifier of the model, as fast as its manual says.
verifier() {
  mkdir "$1"
  (cd "$1" && cp "$here/spin/read-modify-write.pml" model.pml &&
    spin -a "${@:2}" model.pml >/dev/null && gcc -O3 -DSAFETY -w -o pan pan.c)
}
verifier plain
verifier reset -DRESET

milliseconds() {
  local start=$EPOCHREALTIME
  "$@" >/dev/null || [ $? -eq 1 ] # 1: racelab found a violation
  local end=$EPOCHREALTIME
  printf '%d' $(((${end/./} - ${start/./}) / 1000))
}
ours() { "$racelab" explore two-writers --clients 7 --no-symmetry --format json; }
plain() { plain/pan -c0 -m1000 -w24; }
reset() { reset/pan -c0 -m1000 -w24; }

best_ours=999999 best_plain=999999 best_reset=999999
for _ in 1 2 3 4 5; do
  for who in ours plain reset; do
    now=$(milliseconds "$who")
    declare -n best=best_$who
    ((now < best)) && best=$now
  done
done

printf 'racelab                 %5d ms   %s states\n' "$best_ours" \
  "$(ours | sed -n 's/^  "states": \([0-9]*\),$/\1/p')"
for who in plain reset; do
  declare -n best=best_$who
  printf 'Spin, %-16s  %5d ms   %s states, %d.%02d of racelab'"'"'s time\n' "model $who" "$best" \
    "$($who | sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p')" $((best / best_ours)) \
    $((best * 100 / best_ours % 100))
done

# Nanoseconds of processor time by transition, the best of three: what takes longer because others run does not count.
cpu() { # COMMAND…: milliseconds
  local TIMEFORMAT='%U %S' times
  times=$({ time "$@" >/dev/null 2>&1; } 2>&1) || true
  awk '{printf "%d", ($1 + $2) * 1000}' <<<"$times"
}
per_transition() { # TRANSITIONS COMMAND…
  local best=999999 now
  for _ in 1 2 3; do
    now=$(cpu "${@:2}")
    ((now < best)) && best=$now
  done
  printf '%d' $((best * 1000000 / $1))
}
for clients in 8 9; do
  verifier "by-$clients" -DRESET "-DN=$clients"
  told_apart=("$racelab" explore two-writers --clients "$clients" --no-symmetry --format json)
  transitions=$("${told_apart[@]}" --odds none | sed -n 's/^  "transitions": \([0-9]*\),$/\1/p') || true
  spins=$("by-$clients/pan" -c0 -m1000 -w26 | sed -n 's/^ *\([0-9]*\) transitions.*/\1/p')
  spin=$(per_transition "$spins" "by-$clients/pan" -c0 -m1000 -w26)
  for odds in none exact; do
    ours=$(per_transition "$transitions" "${told_apart[@]}" --odds "$odds")
    printf '%d clients, odds %-5s  %4d ns by transition, Spin %d: %d.%02d of it\n' "$clients" "$odds" "$ours" \
      "$spin" $((ours / spin)) $((ours * 100 / spin % 100))
  done
done
