#!/usr/bin/env bash
# MariaDB 10.11.19: in the night in which the clocks are put back, a lease of five minutes lasts 65, and which jobs are due depends
# on an index.
#
# A TIMESTAMP column holds seconds since 1970, whatever the zone, so that one would guess that a change of the clocks cannot touch
# it. But each value goes through the hands of the clock on its way in, and each comparison with NOW() on its way out, and from 2
# to 3 they show the same twice. At the first 2:11, NOW() + INTERVAL 5 MINUTE is stored as the second 2:16: the lease outlives its
# owner by an hour. And `run_at <= NOW()`: at 2:51, through an index, it finds the two jobs that are due; without one it finds
# four, two of which are to be done an hour later. At the second 2:09 it finds none, though two of them have waited for long.
# PostgreSQL's timestamptz knows none of this. What helps: SET time_zone = '+00:00' in each session that writes or compares.
#
# The sessions' clock is set by SET timestamp; the server's zone is Berlin.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

version=1:10.11.19-0+deb12u1
apt-get download -qq mariadb-server-core=$version mariadb-client-core=$version libmariadb3=$version \
  libaio1 liburing2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
client() { tree/usr/bin/mariadb --no-defaults --socket="$work/socket" "$@"; }
mkdir data
# It knows no accounts: its socket stands in this folder, which is ours alone.
TZ=Europe/Berlin tree/usr/sbin/mariadbd --no-defaults --user="$(id -un)" --skip-networking --skip-grant-tables \
  --datadir="$work/data" --socket="$work/socket" --lc-messages-dir="$work/tree/usr/share/mysql" >server.txt 2>&1 &
server=$!
for _ in $(seq 100); do
  client -e 'select 1' >ping.txt 2>&1 && break
  sleep 0.2
done
client -Ne 'select version()'

client <<'SQL'
create database test;
use test;
create table lease (name varchar(20) primary key, until timestamp not null);
create table job (id int primary key, run_at timestamp not null, key by_time (run_at));
set time_zone = '+00:00';
insert into job values (1, '2026-10-25 00:10:00'), (2, '2026-10-25 00:50:00'), (3, '2026-10-25 01:10:00'), (4, '2026-10-25 01:50:00');
SQL
# What a session finds at a time of that night, told in UTC; in Berlin the clocks go back from 3:00 to 2:00 at 1:00 UTC.
at() { # TIME TIME_ZONE
  client -N test <<SQL
set time_zone = '+00:00';
set timestamp = unix_timestamp('2026-10-25 $1');
set time_zone = '$2';
select concat('$1 UTC, zone $2: it is ', time(now()));
replace into lease values ('five minutes', now() + interval 5 minute);
select concat('  the lease lasts for seconds: ', unix_timestamp(until) - unix_timestamp()) from lease;
select concat('  due, with the index: ', coalesce(group_concat(id order by id), 'none'))
  from job force index (by_time) where run_at <= now();
select concat('  due, without it:     ', coalesce(group_concat(id order by id), 'none'))
  from job ignore index (by_time) where run_at <= now();
SQL
}
{
  for time in 00:11 00:51 01:09; do
    at $time:00 SYSTEM
    at $time:00 +00:00
  done
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
00:11:00 UTC, zone SYSTEM: it is 02:11:00
  the lease lasts for seconds: 3900
  due, with the index: 1
  due, without it:     1,3
00:11:00 UTC, zone +00:00: it is 00:11:00
  the lease lasts for seconds: 300
  due, with the index: 1
  due, without it:     1
00:51:00 UTC, zone SYSTEM: it is 02:51:00
  the lease lasts for seconds: 3900
  due, with the index: 1,2
  due, without it:     1,2,3,4
00:51:00 UTC, zone +00:00: it is 00:51:00
  the lease lasts for seconds: 300
  due, with the index: 1,2
  due, without it:     1,2
01:09:00 UTC, zone SYSTEM: it is 02:09:00
  the lease lasts for seconds: 300
  due, with the index: none
  due, without it:     none
01:09:00 UTC, zone +00:00: it is 01:09:00
  the lease lasts for seconds: 300
  due, with the index: 1,2
  due, without it:     1,2
EXPECTED
echo "as described: five minutes were 65, and two jobs were due an hour early, or not at all"
