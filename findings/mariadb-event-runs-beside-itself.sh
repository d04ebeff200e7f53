#!/usr/bin/env bash
# MariaDB 10.11.19: an EVENT that takes longer than its interval runs several times at once, and each run writes over the others.
#
# CREATE EVENT … EVERY 1 SECOND is the server's own cron: one scheduler, one event, one body. One would guess that a run which is due
# while the last one goes on waits or is left out, as with pg_cron. It is begun beside it, in a session of its own, and so is the
# next, so that what is slow gets slower: five run at once here. Each has read the total before the others wrote theirs, and of
# eleven runs that add 1 each the total shows two. What helps: a body that begins with GET_LOCK(name, 0) and does nothing if it has
# not got it, as the second event here.
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
client() { tree/usr/bin/mariadb --no-defaults --socket="$work/socket" --user=root "$@"; }
# Events need a server with accounts; its socket stands in this folder, which is ours alone.
tree/usr/bin/mariadb-install-db --no-defaults --user="$(id -un)" --basedir="$work/tree/usr" --datadir="$work/data" \
  --lc-messages-dir="$work/tree/usr/share/mysql" --auth-root-authentication-method=normal --skip-test-db >install.txt 2>&1 ||
  { cat install.txt; exit 2; }
tree/usr/sbin/mariadbd --no-defaults --user="$(id -un)" --skip-networking --event-scheduler=ON --datadir="$work/data" \
  --socket="$work/socket" --lc-messages-dir="$work/tree/usr/share/mysql" >server.txt 2>&1 &
server=$!
for _ in $(seq 100); do
  client -e 'select 1' >ping.txt 2>&1 && break
  sleep 0.2
done
client -Ne 'select version()'

client <<'SQL'
create database test;
use test;
create table run (event varchar(20), begun datetime(3), ended datetime(3));
create table total (event varchar(20) primary key, n int);
insert into total values ('plain', 0), ('with a lock', 0);
delimiter //
create procedure work(name varchar(20)) begin
  declare begun datetime(3) default sysdate(3);
  declare before_it int default (select n from total where event = name);
  do sleep(4.5);
  update total set n = before_it + 1 where event = name;
  insert into run values (name, begun, sysdate(3));
end//
create event plain on schedule every 1 second do call work('plain')//
create event locked on schedule every 1 second do
  if get_lock('locked', 0) then
    call work('with a lock');
    do release_lock('locked');
  end if//
delimiter ;
do sleep(10);
drop event plain;
drop event locked;
do sleep(5.5);
SQL
client -N test <<'SQL' | tee seen.txt
select concat(event, ': ', if(max(together) >= 4, 'four or more', max(together)), ' at once; ',
              if(n = count(*), 'the total is that of the runs',
                 if(n <= count(*) / 2, 'more than half of the runs are missing in the total', '?')))
from (select event, (select count(*) from run other where other.event = run.event
                     and other.begun <= run.begun and other.ended > run.begun) as together from run) counted
join total using (event)
group by event, n order by event;
SQL
client -Ne "select concat('runs of the plain one: ', count(*), ', total: ', (select n from test.total where event = 'plain'))
            from test.run where event = 'plain'"

diff - seen.txt <<'EXPECTED'
plain: four or more at once; more than half of the runs are missing in the total
with a lock: 1 at once; the total is that of the runs
EXPECTED
echo "as described: an event ran beside itself"
