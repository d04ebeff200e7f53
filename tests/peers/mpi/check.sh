#!/usr/bin/env bash
# A comparison shared among processes of mpirun, and the same one by itself: the same bytes; a mistake, once.
#
#   tests/peers/mpi/check.sh build/mpi/racelab
set -euo pipefail

racelab=$(realpath "$1")
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
cd "$made"

# Open MPI refuses root, and more processes than cores, unless it is told; MPICH knows neither word.
together() {
  local processes=$1
  shift
  if mpirun --version 2>&1 | grep -q 'Open MPI'; then
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
      mpirun --oversubscribe -n "$processes" "$racelab" "$@"
  else
    mpirun -n "$processes" "$racelab" "$@"
  fi
}

mpirun --version 2>&1 | sed -n '1,2p'
for format in text json csv; do
  "$racelab" compare hot-counter --seeds 100 --format "$format" >alone
  for processes in 1 2 3 5; do
    together "$processes" compare hot-counter --seeds 100 --format "$format" >together
    cmp alone together
    together "$processes" compare hot-counter --seeds 100 --format "$format" --output written
    cmp alone written
  done
  printf 'compare hot-counter --format %s: 1, 2, 3 and 5 processes give the same %d bytes\n' "$format" "$(wc -c <alone)"
done

# More processes than seeds: some have nothing to do.
"$racelab" compare two-writers --seeds 2 >alone
together 3 compare two-writers --seeds 2 >together
cmp alone together

for words in "compare nothing-of-that-name" "compare hot-counter --shard 1/2" "compare oversold-stock" \
  "compare hot-counter --output $made/no/such/folder/file"; do
  # shellcheck disable=SC2086
  if together 3 $words >told 2>&1; then
    printf 'racelab %s: exit 0\n' "$words" >&2
    exit 1
  fi
  if [ "$(grep -c '^racelab: ' told)" -ne 1 ]; then
    cat told >&2
    exit 1
  fi
  grep '^racelab: ' told
done

# Stopped before all is done: it says which part is not whole.
status=0
together 2 compare hot-counter --seeds 100000000 --seconds-max 1 >told 2>&1 || status=$?
grep '^racelab: .process 1 of 2. is not complete' told
[ "$status" -ne 0 ]
