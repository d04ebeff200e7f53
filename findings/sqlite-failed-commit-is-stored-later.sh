#!/usr/bin/env bash
# SQLite 3.40.1 from Python: a COMMIT that failed is stored after all, by the next request.
#
# Somebody reads while a request inserts and commits: after the timeout commit() fails with "database is locked", and the caller
# is told that it failed. One would guess that a failed COMMIT leaves nothing. The transaction stays open, so that COMMIT may be
# tried again; the next request on this connection inserts its own row, and its commit() stores both. The caller who was told of a
# failure has tried again meanwhile: the order is there twice. (`with connection:` rolls back. In WAL mode readers are in nobody's
# way.)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq libsqlite3-0=3.40.1-2+deb12u2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
dpkg-deb -x libsqlite3-0_*.deb tree
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
cat >orders.py <<'PY'
import sqlite3

print("SQLite", sqlite3.sqlite_version)
shop = sqlite3.connect("shop.db", timeout=0.5)
shop.execute("create table orders (text)")
shop.executemany("insert into orders values (?)", [("old 1",), ("old 2",)])
shop.commit()

def order(text):
    try:
        shop.execute("insert into orders values (?)", (text,))
        shop.commit()
        print(f"{text}: stored")
    except sqlite3.OperationalError as error:
        print(f"{text}: {error}")

reader = sqlite3.connect("shop.db")
export = reader.execute("select text from orders")
export.fetchone()
order("order of the first")
export.close()
order("order of the second")
order("order of the first")
print("in the table:", ", ".join(text for text, in reader.execute("select text from orders")))
PY
/usr/bin/python3 orders.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
SQLite 3.40.1
order of the first: database is locked
order of the second: stored
order of the first: stored
in the table: old 1, old 2, order of the first, order of the second, order of the first
EXPECTED
echo "as described: an order that had failed was stored by somebody else's COMMIT"
