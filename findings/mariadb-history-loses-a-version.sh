#!/usr/bin/env bash
# MariaDB 10.11.19: a table that keeps its history loses a committed version of a row, and shows two versions of it at one time.
#
# A table WITH SYSTEM VERSIONING keeps each version that a row ever had, with the times at which it began and ended. One session
# locks a price, sets it to 200 and commits; another one had asked for 10 more, and was waiting meanwhile. One would guess a history
# of 100, 200, 210. A version begins when the statement that made it began, before the wait: 210 begins before 200 would have
# begun. So 200 is left out of the history, though it was committed and 210 was made from it, and for a while the price was 100 and
# 210 at once, for one primary key.
set -euo pipefail
work=$(mktemp -d)
started=()
stop() {
  exec 3>&- 4>&-
  for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; wait "$id" 2>/dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT
cd "$work"

version=1:10.11.19-0+deb12u1
apt-get download -qq mariadb-server-core=$version mariadb-client-core=$version libmariadb3=$version \
  libaio1 liburing2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
client() { tree/usr/bin/mariadb --no-defaults --socket="$work/socket" "$@"; }
mkdir data temporary
# It knows no accounts: its socket stands in this folder, which is ours alone.
tree/usr/sbin/mariadbd --no-defaults --user="$(id -un)" --skip-networking --skip-grant-tables --datadir="$work/data" \
  --tmpdir="$work/temporary" --socket="$work/socket" --lc-messages-dir="$work/tree/usr/share/mysql" >server.txt 2>&1 &
started+=($!)
for _ in $(seq 100); do
  client -e 'select 1' >ping.txt 2>&1 && break
  sleep 0.2
done
client -Ne 'select version()'

client <<'SQL'
create database test;
use test;
create table price (id int primary key, cents int) with system versioning;
insert into price values (1, 90);
update price set cents = 100 where id = 1;
SQL
mkfifo first second
sessions=()
for session in first second; do
  client --force --unbuffered -N test <$session 2>&1 | sed -u "s/^/$session:   /" >>now.txt &
  sessions+=($!)
done
exec 3>first 4>second
# Says a line to a session, and notes what was answered by then, the first session's answers first.
tell() { # SESSION DESCRIPTOR LINE
  echo "$1: $3" >>seen.txt
  echo "$3" >&"$2"
  sleep 1
  sort -s -k1,1 now.txt >>seen.txt
  : >now.txt
}
first() { tell first 3 "$1"; }
second() { tell second 4 "$1"; }

first "begin; select cents from price where id = 1 for update;"
second "update price set cents = cents + 10 where id = 1; select cents from price;"
first "update price set cents = 200 where id = 1;"
first "commit;"
second "select cents from price for system_time all order by row_start;"
second "set @then = (select row_start from price); select id, cents from price for system_time as of @then order by cents;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

tr '\t' ' ' <seen.txt | diff - <(cat <<'EXPECTED'
first: begin; select cents from price where id = 1 for update;
first:   100
second: update price set cents = cents + 10 where id = 1; select cents from price;
first: update price set cents = 200 where id = 1;
first: commit;
second:   210
second: select cents from price for system_time all order by row_start;
second:   90
second:   100
second:   210
second: set @then = (select row_start from price); select id, cents from price for system_time as of @then order by cents;
second:   1 100
second:   1 210
EXPECTED
)
echo "as described: 200 was committed, and is in no history; 100 and 210 were true at once"
