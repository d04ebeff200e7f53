#!/usr/bin/env bash
# Clients that all change one row, each holding it for 3 ms: how long a transaction takes on a real PostgreSQL (pgbench) and in
# `racelab run` with the same service time, which pgbench measures with one client alone. Quantiles should lie within 30 %. A machine
# with other work to do makes the server's too long.
#
#   bench/against_pgbench.sh [build/release/racelab] [SECONDS]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
racelab=$(realpath "${1:-$here/../build/release/racelab}")
seconds=${2:-15}
[ -x "$racelab" ] || { printf 'bench/against_pgbench.sh needs %s: ./dev build\n' "$racelab" >&2; exit 2; }
programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -x "$programs/pgbench" ] || { printf 'bench/against_pgbench.sh needs pgbench: apt-get install postgresql\n' >&2; exit 2; }

work=$(mktemp -d "${TMPDIR:-/tmp}/racelab-XXXXXX")
as=()
if [ "$(id -u)" -eq 0 ]; then # PostgreSQL refuses to run as root
  chown postgres "$work"
  as=(runuser -u postgres --)
fi
server=
end() {
  [ -z "$server" ] || { kill -INT "$server" && wait "$server" || true; }
  cd / && rm -rf "$work"
}
trap end EXIT
cd "$work"

"${as[@]}" "$programs/initdb" --pgdata "$work/data" --auth=trust --username=racelab --no-sync >/dev/null
"${as[@]}" "$programs/postgres" -D "$work/data" -c listen_addresses= -c unix_socket_directories="$work" -c fsync=off \
  -c autovacuum=off >/dev/null 2>&1 &
server=$(jobs -p)
export PGHOST=$work PGUSER=racelab PGDATABASE=postgres
until "$programs/pg_isready" -q; do sleep 0.1; done

tables='create table counter (id int primary key, n int not null); insert into counter values (1, 0);'
"$programs/psql" -qc "$tables"
change='update counter set n = n + 1 where id = 1;'
printf 'begin;\n%s\n\\sleep 3 ms\ncommit;\n' "$change" >held.sql
printf 'begin;\n%s\ncommit;\n' "$change" >endpoint.sql
printf '%s\n' "$tables" >setup.sql

# pgbench_times CLIENTS: microseconds of each transaction, sorted.
pgbench_times() {
  "$programs/pgbench" -n -M prepared -c "$1" -j 2 -T "$seconds" -f held.sql -l --log-prefix="times-$1" >/dev/null 2>&1
  awk '{print $3}' "times-$1".* | sort -n
}
quantile() { awk -v q="$1" '{ all[NR] = $1 } END { print all[int(NR * q) + 1] }'; }

alone=$(pgbench_times 1 | quantile 0.5)
"$programs/psql" -qAtc "select 'PostgreSQL ' || split_part(version(), ' ', 2)"
printf 'one client alone: %d us by transaction\n' "$alone"
printf 'clients           PostgreSQL     racelab   racelab / PostgreSQL\n'
for clients in 4 8 16; do
  pgbench_times "$clients" >real.txt
  "$racelab" run --setup setup.sql --endpoint endpoint.sql --clients "$clients" --operations 1000 --latency 1us \
    --statement-latency 1us --answer-latency "${alone}us" --timeout 100s --session-timeout 100s --format json \
    >run.json || [ $? -eq 1 ]
  for q in 50 90 99; do
    theirs=$(quantile "0.$q" <real.txt)
    ours=$(awk -v name="\"p$q\":" '$1 == name { print $2 + 0; exit }' run.json)
    awk -v clients="$clients" -v q="$q" -v theirs="$theirs" -v ours="$ours" \
      'BEGIN { printf "%7d  p%d %10.1f ms %8.1f ms   %.2f\n", clients, q, theirs / 1000, ours / 1000, ours / theirs }'
  done
done
