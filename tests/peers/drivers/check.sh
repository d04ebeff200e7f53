#!/usr/bin/env bash
# The drivers that come with racelab, on their databases: `./dev peers`. They need npm's packages, so CI leaves them out.
#
# usage: check.sh RACELAB
set -euo pipefail

racelab=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
files=$(mktemp -d "${TMPDIR:-/tmp}/racelab-XXXXXX")
trap 'rm -rf "$files"' EXIT
failed=0

# expect NAME DRIVER TEXT ARGUMENTS: racelab's answer begins with TEXT, whose first line may go on.
expect() {
  local name=$1 driver=$2 text=$3 answer
  shift 3
  answer=$("$racelab" "$@" --on "exec:exec node '$here/$driver.mjs'" 2>&1 || true)
  if [[ $answer == "$text"* ]]; then
    printf 'right  %s\n' "$name"
  else
    printf 'WRONG  %s\nexpected:\n%s\nanswered:\n%s\n' "$name" "$text" "$answer"
    failed=1
  fi
}

cat >"$files/setup.sql" <<'SQL'
create table t (id int primary key, n int not null, check (n < 9));
insert into t values (1, 0);
SQL
cat >"$files/bare.sql" <<'SQL'
select n from t where id = 1 \gset
update t set n = :n + 1 where id = 1;
SQL
{ echo 'begin;'; cat "$files/bare.sql"; echo 'commit;'; } >"$files/in-a-transaction.sql"
echo 'select n from t where id = 1 for update;' >"$files/locks.sql"
own=(--setup "$files/setup.sql" --endpoint)

# Two reads and two writes without a transaction lose an update anywhere.
for database in pglite duckdb; do
  expect "$database loses an update without a transaction" "$database" \
    'VIOLATED  in 4 of 6 orders on ' explore "${own[@]}" "$files/bare.sql" --isolation autocommit
done

# PGlite has one connection: a transaction that has begun has the database to itself, whoever comes second waits.
expect 'PGlite runs one transaction at a time' pglite \
  'HOLDS  in all 6 orders, run on PGlite ' explore "${own[@]}" "$files/in-a-transaction.sql"
expect 'PGlite answers as the store does, when nobody else is there' pglite \
  'AGREED  the store did as PGlite ' agree unique-username oversold-stock \
  --clients 1 --isolation read-committed

# DuckDB lets nobody wait: the second to write a row is refused, and its level is a snapshot.
expect 'DuckDB refuses the second writer' duckdb \
  'HOLDS  in all 38 orders, run on DuckDB ' explore "${own[@]}" "$files/in-a-transaction.sql"
expect 'DuckDB has no FOR UPDATE' duckdb \
  'racelab: DuckDB ' explore "${own[@]}" "$files/locks.sql"
expect 'DuckDB has no SERIALIZABLE' duckdb \
  'racelab: DuckDB ' explore "${own[@]}" "$files/bare.sql" --isolation serializable

exit "$failed"
