#!/usr/bin/env bash
# PostgreSQL 15.20: an UPDATE fails on a CHECK at once, because of a value that is being replaced, where waiting would let it pass.
#
# The balance is 0 and must not fall below it. One session adds 10 and has not committed; another takes 5. One would guess that the
# second waits for the row, as every UPDATE of a row that is being changed does, and then finds 10. But the new row is worked out from
# the old version first, and its constraints are tested before the row is locked: 0 - 5 fails without a wait. With 1 in place of 0
# and 1 taken, it waits, and passes.
set -euo pipefail
work=$(mktemp -d)
# The server refuses to be run by root.
as_server() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}
stop() {
  exec 3>&- 4>&-
  [ ! -f data/postmaster.pid ] || as_server pg_ctl -s -D data -m immediate stop || true
  rm -rf "$work"
}
trap stop EXIT
chmod 711 "$work"
cd "$work"

version=15.20-0+deb12u1
apt-get download -qq postgresql-15=$version postgresql-client-15=$version libpq5=$version >apt.txt 2>&1 ||
  { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PGHOST=$work/data PGUSER=postgres
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

psql -Xq <<'SQL'
create table account (id int primary key, balance int check (balance >= 0));
insert into account values (1, 0), (2, 1);
SQL
mkfifo first second
sessions=()
for session in first second; do
  psql -XAt <$session 2>&1 | sed -u "s/^/$session:   /" >>now.txt &
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
second() { tell second 4 1 "$1"; }

first "begin; update account set balance = balance + 10;"
second "update account set balance = balance - 5 where id = 1;"
second "update account set balance = balance - 1 where id = 2;"
first "commit;"
second "update account set balance = balance - 5 where id = 1;"
first "select * from account order by id;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: begin; update account set balance = balance + 10;
first:   BEGIN
first:   UPDATE 2
second: update account set balance = balance - 5 where id = 1;
second:   ERROR:  new row for relation "account" violates check constraint "account_balance_check"
second:   DETAIL:  Failing row contains (1, -5).
second: update account set balance = balance - 1 where id = 2;
first: commit;
first:   COMMIT
second:   UPDATE 1
second: update account set balance = balance - 5 where id = 1;
second:   UPDATE 1
first: select * from account order by id;
first:   1|5
first:   2|10
EXPECTED
echo "as described: the constraint was tested on a value that another transaction had replaced, and nobody waited"
