#!/usr/bin/env bash
# MariaDB 10.11.19: a worker that found no job with SKIP LOCKED, so that nobody waits, makes those wait who add one.
#
# A worker asks for a job, FOR UPDATE SKIP LOCKED, gets none, and leaves its transaction open for a moment. One would guess that it
# holds nothing, since there was nothing to hold. At REPEATABLE READ, the default, it has locked the gap behind the last job:
# no INSERT of a new job gets through until the worker that has nothing to do ends its transaction.
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
mkdir data
# It knows no accounts: its socket stands in this folder, which is ours alone.
tree/usr/sbin/mariadbd --no-defaults --user="$(id -un)" --skip-networking --skip-grant-tables --datadir="$work/data" \
  --socket="$work/socket" --lc-messages-dir="$work/tree/usr/share/mysql" --innodb-lock-wait-timeout=2 >server.txt 2>&1 &
started+=($!)
for _ in $(seq 100); do
  client -e 'select 1' >ping.txt 2>&1 && break
  sleep 0.2
done
client -Ne 'select version()'

client <<'SQL'
create database test;
use test;
create table job (id int auto_increment primary key, done int not null default 0);
insert into job (done) values (1), (1);
SQL
mkfifo first second
sessions=()
for session in first second; do
  # Without the echo of statements that failed.
  client --force --unbuffered -N test <$session 2>&1 | sed -u -e '/^-*$/d; /^[a-z]/d' -e "s/^/$session:   /" >>now.txt &
  sessions+=($!)
done
exec 3>first 4>second
# Says a line to a session, and notes what was answered by then, the first session's answers first.
tell() { # SESSION DESCRIPTOR SECONDS LINE
  echo "$1: $4" >>seen.txt
  echo "$4" >&"$2"
  sleep "$3"
  sort -s -k1,1 now.txt >>seen.txt
  : >now.txt
}
first() { tell first 3 1 "$1"; }
second() { tell second 4 3 "$1"; }

first "begin; select id from job where done = 0 order by id limit 1 for update skip locked;"
second "insert into job (done) values (0);"
first "rollback;"
second "insert into job (done) values (0); select count(*) from job where done = 0;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: begin; select id from job where done = 0 order by id limit 1 for update skip locked;
second: insert into job (done) values (0);
second:   ERROR 1205 (HY000) at line 1: Lock wait timeout exceeded; try restarting transaction
first: rollback;
second: insert into job (done) values (0); select count(*) from job where done = 0;
second:   1
EXPECTED
echo "as described: a worker without work kept work from being added"
