#!/usr/bin/env bash
# MariaDB 10.11.19: an INSERT that failed holds a lock on the row of somebody else that it met.
#
# The INSERT fails with 1062, duplicate entry. The statement is undone, the transaction stays open and goes on with something else.
# One would guess that a statement that did nothing holds nothing. It has a shared lock on the row that was in its way, until
# the transaction ends: others can read that row, but not change it. Even at READ COMMITTED, as here.
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
set global tx_isolation = 'READ-COMMITTED';
create table account (name varchar(20) primary key, balance int);
insert into account values ('ann', 10);
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

first "select @@tx_isolation; begin; insert into account values ('ann', 0);"
second "update account set balance = 20 where name = 'ann';"
first "rollback;"
second "update account set balance = 20 where name = 'ann'; select balance from account;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: select @@tx_isolation; begin; insert into account values ('ann', 0);
first:   READ-COMMITTED
first:   ERROR 1062 (23000) at line 1: Duplicate entry 'ann' for key 'PRIMARY'
second: update account set balance = 20 where name = 'ann';
second:   ERROR 1205 (HY000) at line 1: Lock wait timeout exceeded; try restarting transaction
first: rollback;
second: update account set balance = 20 where name = 'ann'; select balance from account;
second:   20
EXPECTED
echo "as described: a row could not be changed because of an INSERT that had failed"
