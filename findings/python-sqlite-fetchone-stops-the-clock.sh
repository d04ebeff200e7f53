#!/usr/bin/env bash
# Python's sqlite3 on SQLite 3.40.1: fetchone() stops the clock for everything else on that connection, in autocommit mode.
#
# A worker looks at the first job of a list and keeps the cursor. In autocommit mode (isolation_level=None) one would guess
# that each statement sees what is committed by then. In WAL mode a SELECT that was not read to its end holds a snapshot, and every
# later statement of the connection lives in it: it reads old rows, and an UPDATE fails with "database is locked" at once, though
# nobody holds a lock and the timeout is 5 seconds. in_transaction says False. (`LIMIT 1` does not do this: it has ended.)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq libsqlite3-0=3.40.1-2+deb12u2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
cat >worker.py <<'PY'
import sqlite3
import time

print("SQLite", sqlite3.sqlite_version)

def connect():
    return sqlite3.connect("jobs.db", isolation_level=None, timeout=5)

producer, worker = connect(), connect()
producer.execute("pragma journal_mode = wal")
producer.execute("create table job (id integer primary key, state text)")
producer.executemany("insert into job values (?, 'ready')", [(1,), (2,)])

def look(who, connection):
    rows = connection.execute("select id || ' ' || state from job order by id").fetchall()
    print(f"{who} sees: {', '.join(row[0] for row in rows)}")

def take(job):
    start = time.monotonic()
    try:
        changed = worker.execute("update job set state = 'taken' where id = ? and state = 'ready'", (job,)).rowcount
        print(f"worker takes job {job}: {changed} row")
    except sqlite3.OperationalError as error:
        print(f"worker takes job {job}: {error}, after {time.monotonic() - start:.0f} s")

cursor = worker.execute("select id from job order by id")
print("worker sees the first job:", cursor.fetchone()[0])
producer.execute("update job set state = 'cancelled' where id = 1")
producer.execute("insert into job values (3, 'ready')")
look("another connection", connect())
look("worker", worker)
print("worker is in a transaction:", worker.in_transaction)
take(2)
cursor.close()
look("worker, its cursor closed,", worker)
take(2)
PY
/usr/bin/python3 worker.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
SQLite 3.40.1
worker sees the first job: 1
another connection sees: 1 cancelled, 2 ready, 3 ready
worker sees: 1 ready, 2 ready
worker is in a transaction: False
worker takes job 2: database is locked, after 0 s
worker, its cursor closed, sees: 1 cancelled, 2 ready, 3 ready
worker takes job 2: 1 row
EXPECTED
echo "as described: one unfinished cursor kept a whole connection in the past"
