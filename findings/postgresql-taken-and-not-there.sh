#!/usr/bin/env bash
# PostgreSQL 15.20: at REPEATABLE READ an INSERT is told that the key is there, and the SELECT after it that it is not.
#
# Insert, and if the key is taken go back to the savepoint and read the row that took it: the usual get-or-create. At REPEATABLE
# READ one would guess either a row, or an INSERT that fails with 40001, as an UPDATE of a row that others have changed does.
# The unique index looks past the snapshot, the SELECT does not, and the error is 23505: whoever retries on 40001 does not retry.
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
create table tag (id int primary key, name text unique);
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

first "begin isolation level repeatable read; select count(*) from tag;"
second "insert into tag values (1, 'sql');"
first "savepoint before_insert; insert into tag values (2, 'sql');"
first "rollback to before_insert; select count(*) from tag where name = 'sql';"
first "commit;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: begin isolation level repeatable read; select count(*) from tag;
first:   BEGIN
first:   0
second: insert into tag values (1, 'sql');
second:   INSERT 0 1
first: savepoint before_insert; insert into tag values (2, 'sql');
first:   SAVEPOINT
first:   ERROR:  duplicate key value violates unique constraint "tag_name_key"
first:   DETAIL:  Key (name)=(sql) already exists.
first: rollback to before_insert; select count(*) from tag where name = 'sql';
first:   ROLLBACK
first:   0
first: commit;
first:   COMMIT
EXPECTED
echo "as described: a key that could not be inserted could not be found either"
