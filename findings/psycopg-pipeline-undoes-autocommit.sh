#!/usr/bin/env bash
# psycopg 3.1.7 on PostgreSQL 15.20: in a pipeline, an autocommit INSERT that has succeeded is gone when a later one fails.
#
# autocommit=True: each statement is its own transaction, one would guess, in a pipeline as well, which only saves round trips. The
# server takes what stands between two synchronisations as one transaction: the third INSERT meets a duplicate key, and the first
# two, which nobody has refused, are undone with it. The error names the third only. A sync() after each keeps them; so does leaving
# out the pipeline.
set -euo pipefail
work=$(mktemp -d)
# The server refuses to be run by root.
as_server() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}
stop() {
  [ ! -f data/postmaster.pid ] || as_server pg_ctl -s -D data -m immediate stop || true
  rm -rf "$work"
}
trap stop EXIT
chmod 711 "$work"
cd "$work"

version=15.20-0+deb12u1
apt-get download -qq postgresql-15=$version postgresql-client-15=$version libpq5=$version \
  python3-psycopg=3.1.7-4 python3-typing-extensions=4.4.0-1 >apt.txt 2>&1 ||
  { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PGHOST=$work/data PGUSER=postgres PGDATABASE=postgres
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

psql -Xq -c 'create table ledger (id int primary key)'
cat >pay.py <<'PYTHON'
import contextlib
import psycopg

print("psycopg", psycopg.__version__)


def kept(name, pipeline, sync):
    with psycopg.connect(autocommit=True) as connection:
        connection.execute("truncate ledger")
        with contextlib.suppress(psycopg.errors.UniqueViolation):
            with connection.pipeline() if pipeline else contextlib.nullcontext() as line:
                for number in (1, 2, 1):
                    connection.execute("insert into ledger values (%s)", [number])
                    if sync:
                        line.sync()
        rows = connection.execute("select id from ledger order by id").fetchall()
        print(f"{name}: kept {[row[0] for row in rows]}")


kept("autocommit", False, False)
kept("autocommit in a pipeline", True, False)
kept("autocommit in a pipeline, sync() after each", True, True)
PYTHON
PYTHONPATH=$work/tree/usr/lib/python3/dist-packages python3 pay.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
psycopg 3.1.7
autocommit: kept [1, 2]
autocommit in a pipeline: kept []
autocommit in a pipeline, sync() after each: kept [1, 2]
EXPECTED
echo "as described: two INSERTs succeeded, and are not there"
