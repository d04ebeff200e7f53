#!/usr/bin/env bash
# SQLite 3.40.1: INSERT OR REPLACE into one table sets a counter in another one back, through a trigger that says OR IGNORE.
#
# A trigger counts the orders of each shop: INSERT OR IGNORE makes the shop's counter if there is none, UPDATE adds 1. It has counted
# 41. Then somebody stores an order by INSERT OR REPLACE, under a new number, so that nothing is there to be replaced. One would
# guess 42, since the trigger says itself what is to be done on a conflict. What the firing statement says holds for the trigger's
# statements, too: OR IGNORE becomes OR REPLACE, and the counter is thrown away and starts again at 1. INSERT … ON CONFLICT DO
# UPDATE keeps out of the trigger. (Documented under CREATE TRIGGER.)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq libsqlite3-0=3.40.1-2+deb12u2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
cat >orders.py <<'PY'
import sqlite3

print("SQLite", sqlite3.sqlite_version)
for words in ("insert into orders values (42, 'north')",
              "insert into orders values (42, 'north') on conflict do update set shop = excluded.shop",
              "insert or replace into orders values (42, 'north')"):
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript("""
        create table orders (id integer primary key, shop text);
        create table sales (shop text primary key, n int);
        create trigger count_orders after insert on orders begin
          insert or ignore into sales values (new.shop, 0);
          update sales set n = n + 1 where shop = new.shop;
        end;
    """)
    connection.executemany("insert into orders values (?, 'north')", [(number,) for number in range(1, 42)])
    before, = connection.execute("select n from sales").fetchone()
    connection.execute(words)
    after, = connection.execute("select n from sales").fetchone()
    orders, = connection.execute("select count(*) from orders").fetchone()
    print(f"{words}: counted {before} before, {after} after, of {orders} orders")
PY
/usr/bin/python3 orders.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
SQLite 3.40.1
insert into orders values (42, 'north'): counted 41 before, 42 after, of 42 orders
insert into orders values (42, 'north') on conflict do update set shop = excluded.shop: counted 41 before, 42 after, of 42 orders
insert or replace into orders values (42, 'north'): counted 41 before, 1 after, of 42 orders
EXPECTED
echo "as described: a trigger's OR IGNORE was carried out as OR REPLACE"
