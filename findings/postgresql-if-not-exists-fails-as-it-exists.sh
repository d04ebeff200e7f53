#!/usr/bin/env bash
# PostgreSQL 15.20: CREATE TABLE IF NOT EXISTS fails because the table exists.
#
# Two instances of a program start at once and each creates its tables IF NOT EXISTS, which is there so that it does not matter who
# is first. The second looks, finds no table, waits for the first in a unique index of the system catalogue, and is then told
# 23505 about "pg_type_typname_nsp_index", of which it has never heard. CREATE SCHEMA IF NOT EXISTS is no different.
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

first "begin; create table if not exists account (id int primary key);"
second "create table if not exists account (id int primary key);"
first "commit;"
first "begin; create schema if not exists audit;"
second "create schema if not exists audit;"
first "commit;"
second "create schema if not exists audit;"
exec 3>&- 4>&-
wait "${sessions[@]}"
cat seen.txt

diff - seen.txt <<'EXPECTED'
first: begin; create table if not exists account (id int primary key);
first:   BEGIN
first:   CREATE TABLE
second: create table if not exists account (id int primary key);
first: commit;
first:   COMMIT
second:   ERROR:  duplicate key value violates unique constraint "pg_type_typname_nsp_index"
second:   DETAIL:  Key (typname, typnamespace)=(account, 2200) already exists.
first: begin; create schema if not exists audit;
first:   BEGIN
first:   CREATE SCHEMA
second: create schema if not exists audit;
first: commit;
first:   COMMIT
second:   ERROR:  duplicate key value violates unique constraint "pg_namespace_nspname_index"
second:   DETAIL:  Key (nspname)=(audit) already exists.
second: create schema if not exists audit;
second:   NOTICE:  schema "audit" already exists, skipping
second:   CREATE SCHEMA
EXPECTED
echo "as described: IF NOT EXISTS ended with a duplicate key, and worked a moment later"
