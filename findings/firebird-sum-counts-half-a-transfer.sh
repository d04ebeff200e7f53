#!/usr/bin/env bash
# Firebird 3.0.11: one SELECT sum(balance) counts half of a transfer that was committed in one transaction.
#
# READ COMMITTED lets each statement see what was committed by then, so two statements may disagree; one statement, one would
# guess, sees one state of things, as it does in PostgreSQL, Oracle and MariaDB. Here each *row* is read as it is when the
# statement comes to it. 70 goes from account 1 to account 2 while the sum is under way: account 1 was read before, account 2 is
# read after, and 70 are there twice. RECORD_VERSION or not makes no difference; SNAPSHOT does.
set -euo pipefail
work=$(mktemp -d)
trap 'wait; rm -rf "$work"' EXIT
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
create table account (id int primary key, balance int);
commit;
insert into account values (1, 100);
insert into account values (2, 100);
commit;
set term !;
-- Stands for what takes its time in a long SELECT.
create function slowly(n int) returns int as
  declare later timestamp;
begin
  later = dateadd(2 second to cast('now' as timestamp));
  while (cast('now' as timestamp) < later) do begin end
  return n;
end!
set term ;!
commit;
SQL
echo 'show version;' | isql test.fdb | grep -o 'LI-V[0-9.]*' | sort -u

sum_meanwhile() { # LEVEL
  echo 'update account set balance = 100; commit;' | isql test.fdb
  printf 'commit;\nset transaction %s;\nset heading off;\n%s\n' "$1" 'select sum(slowly(balance)) from account;' |
    isql test.fdb >sum.txt 2>&1 &
  local reader=$!
  sleep 1
  printf '%s\n' 'update account set balance = balance - 70 where id = 1;' 'update account set balance = balance + 70 where id = 2;' \
    'commit;' | isql test.fdb
  wait "$reader"
  echo "$1: $(tr -d ' \n' <sum.txt)"
}
{
  sum_meanwhile 'read committed record_version'
  sum_meanwhile 'read committed no record_version'
  sum_meanwhile 'snapshot'
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
read committed record_version: 270
read committed no record_version: 270
snapshot: 200
EXPECTED
echo "as described: 200 are there at any time, and one SELECT counted 270"
