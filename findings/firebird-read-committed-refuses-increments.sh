#!/usr/bin/env bash
# Firebird 3.0.11: at READ COMMITTED `n = n + 1` fails after a wait, and the error says "deadlock" where there is none.
#
# Two sessions add 1 to one row, at READ COMMITTED, both waiting for locks. Elsewhere the second waits and then adds to the new
# value. Here that depends on a word: with RECORD_VERSION, which lets readers see the last committed version instead of
# waiting, the second fails with SQLSTATE 40001 as soon as the first commits; with NO RECORD_VERSION it goes on. The first line
# of the error is "deadlock", though only one of the two ever waited.
set -euo pipefail
work=$(mktemp -d)
trap 'exec 3>&- 4>&-; wait; rm -rf "$work"' EXIT
cd "$work"

version=3.0.11.33637.ds4-2+deb12u1
apt-get download -qq firebird3.0-server-core=$version firebird3.0-utils=$version firebird3.0-common=$version libfbclient2=$version \
  libib-util=$version libtommath1 libicu72 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
home=$work/tree/usr/lib/x86_64-linux-gnu/firebird/3.0
# Without a server: each program opens the file by itself, and they share a table of locks.
mkdir home locks
ln -s "$home/intl" home/
printf 'ServerMode = Classic\nProviders = Engine12\n' >home/firebird.conf
printf 'Plugin = Engine12 {\n  Module = %s\n}\n' "$home/plugins/libEngine12.so" >home/plugins.conf
export FIREBIRD=$work/home FIREBIRD_LOCK=$work/locks FIREBIRD_MSG=$home
isql() { tree/usr/bin/isql-fb -q -user SYSDBA "$@"; }

isql <<SQL
create database '$work/test.fdb' user SYSDBA;
create table counter (id int primary key, n int);
commit;
insert into counter values (1, 10);
commit;
SQL
echo 'show version;' | isql test.fdb | grep -o 'LI-V[0-9.]*' | sort -u

two_increments() { # KIND: of READ COMMITTED
  mkfifo first second
  isql "$work/test.fdb" <first >first.txt 2>&1 &
  local one=$!
  isql "$work/test.fdb" <second >second.txt 2>&1 &
  local two=$!
  exec 3>first 4>second
  echo "update counter set n = 10; commit;" >&3
  sleep 1
  printf 'commit;\nset transaction read committed %s wait;\nupdate counter set n = n + 1 where id = 1;\n' "$1" >&3
  sleep 1
  printf 'commit;\nset transaction read committed %s wait;\nupdate counter set n = n + 1 where id = 1;\n' "$1" >&4
  sleep 1
  echo 'commit;' >&3
  sleep 1
  echo 'commit; select n from counter; commit;' >&4
  exec 3>&- 4>&-
  wait "$one" "$two" || true
  echo "$1: $(grep -E 'SQLSTATE|^deadlock' second.txt | paste -sd' '); n = $(grep -E '^ +[0-9]+' second.txt | tr -d ' ')"
  rm first second
}
{
  two_increments "record_version"
  two_increments "no record_version"
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
record_version: Statement failed, SQLSTATE = 40001 deadlock; n = 11
no record_version: ; n = 12
EXPECTED
echo "as described: one increment was refused as a deadlock at READ COMMITTED, without a circle"
