#!/usr/bin/env bash
# MariaDB 10.11.19: START TRANSACTION gives back the table that LOCK TABLES has just locked, without a warning.
#
# A job locks the table for writing and then begins its transaction. One would guess that the lock holds until UNLOCK TABLES, or at
# least that of two things which do not go together the second is refused. LOCK TABLES commits what was open, START
# TRANSACTION unlocks what was locked: another session writes at once, and what it wrote is written over. Whoever takes the lock and
# then calls a library's transaction(…) has none. UNLOCK TABLES at the end succeeds. What helps: SET autocommit = 0, LOCK TABLES,
# the work, COMMIT, UNLOCK TABLES, as in the second half here; or SELECT … FOR UPDATE.
set -euo pipefail
work=$(mktemp -d)
server=
stop() {
  exec 3>&- 4>&-
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
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
  --socket="$work/socket" --lc-messages-dir="$work/tree/usr/share/mysql" --lock-wait-timeout=2 >server.txt 2>&1 &
server=$!
for _ in $(seq 100); do
  client -e 'select 1' >ping.txt 2>&1 && break
  sleep 0.2
done
client -Ne 'select version()'

client <<'SQL'
create database test;
use test;
create table account (name varchar(20) primary key, balance int);
insert into account values ('ann', 100);
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

first "lock tables account write;"
first "start transaction; show warnings; select balance from account;"
second "update account set balance = balance - 50;"
first "update account set balance = 90; commit; unlock tables;"
first "select balance from account;"
first "set autocommit = 0; lock tables account write;"
first "select balance from account;"
second "update account set balance = balance - 50;"
first "update account set balance = 80; commit; unlock tables;"
first "select balance from account;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: lock tables account write;
first: start transaction; show warnings; select balance from account;
first:   100
second: update account set balance = balance - 50;
first: update account set balance = 90; commit; unlock tables;
first: select balance from account;
first:   90
first: set autocommit = 0; lock tables account write;
first: select balance from account;
first:   90
second: update account set balance = balance - 50;
second:   ERROR 1205 (HY000) at line 2: Lock wait timeout exceeded; try restarting transaction
first: update account set balance = 80; commit; unlock tables;
first: select balance from account;
first:   80
EXPECTED
echo "as described: the 50 of the other session went through, and are lost"
