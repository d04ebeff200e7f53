#!/usr/bin/env bash
# PostgreSQL 15.20: DELETE … WHERE NOT EXISTS deletes a comment that has a reply, though it waited until the reply was committed.
#
# A comment may be removed if nobody has replied to it. A reply locks the comment that it answers (FOR KEY SHARE, as a foreign key
# does), so the DELETE waits; when it goes on, the reply is there for all to see. At READ COMMITTED one would guess that it then
# looks at its condition again. It does so only if the row that it waited for was changed, and this one was only locked.
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
create table comment (id int primary key, parent int);
insert into comment values (3, null);
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

first "begin; select id from comment where id = 3 for key share;"
second "delete from comment where id = 3 and not exists (select 1 from comment where parent = 3);"
first "insert into comment values (4, 3); commit;"
first "select * from comment;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: begin; select id from comment where id = 3 for key share;
first:   BEGIN
first:   3
second: delete from comment where id = 3 and not exists (select 1 from comment where parent = 3);
first: insert into comment values (4, 3); commit;
first:   INSERT 0 1
first:   COMMIT
second:   DELETE 1
first: select * from comment;
first:   4|3
EXPECTED
echo "as described: the condition was false when the row was deleted, and the reply has lost its comment"
