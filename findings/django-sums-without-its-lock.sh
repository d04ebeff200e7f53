#!/usr/bin/env bash
# Django 3.2.25 on PostgreSQL 15.20: select_for_update() takes no lock where the query ends in count() or aggregate().
#
# The stock of an article lies in two warehouses. Who sells locks both rows, adds them up, and sells if there is enough:
# select_for_update().aggregate(n=Sum("n")). PostgreSQL refuses FOR UPDATE beside a sum, so one would guess an error, as there is for
# a UNION, or a sum of what an inner SELECT has locked. Django leaves out the FOR UPDATE, without a word: two see 100, and each sells
# 70. With exists() it stays; to add up in Python locks, too.
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
apt-get download -qq postgresql-15=$version postgresql-client-15=$version libpq5=$version python3-django=3:3.2.25-0+deb12u7 \
  python3-asgiref python3-sqlparse python3-tz python3-psycopg2=2.9.5-1+b1 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start

cat >shop.py <<'PY'
import os
import threading
import time

import django
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.path.abspath("data"),
                                          "NAME": "postgres", "USER": "postgres"}},
                   DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

from django.db import connection, models, transaction

class Stock(models.Model):
    warehouse = models.TextField()
    n = models.IntegerField()

    class Meta:
        app_label = "shop"

print("Django", django.__version__, "on PostgreSQL", connection.cursor().connection.server_version)
with connection.schema_editor() as editor:
    editor.create_model(Stock)
Stock.objects.create(warehouse="north", n=0)
Stock.objects.create(warehouse="south", n=0)

def sell(there):
    with transaction.atomic():
        enough = there(Stock.objects.select_for_update()) >= 70
        time.sleep(1)
        if enough:
            Stock.objects.filter(warehouse="north").update(n=models.F("n") - 70)
    connection.close()

def two_sell(what, there):
    Stock.objects.filter(warehouse="north").update(n=90)
    Stock.objects.filter(warehouse="south").update(n=10)
    sellers = [threading.Thread(target=sell, args=(there,)) for _ in range(2)]
    for seller in sellers:
        seller.start()
    for seller in sellers:
        seller.join()
    print(f"{what}: of 100 are left", Stock.objects.aggregate(n=models.Sum("n"))["n"])

two_sell("sum(stock.n for stock in …select_for_update())", lambda stocks: sum(stock.n for stock in stocks))
two_sell("…select_for_update().aggregate(n=Sum('n'))", lambda stocks: stocks.aggregate(n=models.Sum("n"))["n"])
for what, ask in (("exists", lambda stocks: stocks.exists()), ("count", lambda stocks: stocks.count()),
                  ("union", lambda stocks: list(stocks.union(Stock.objects.all())))):
    statements = []
    def note(execute, statement, *rest):
        statements.append(statement)
        return execute(statement, *rest)
    try:
        with transaction.atomic(), connection.execute_wrapper(note):
            ask(Stock.objects.select_for_update())
        print(f"{what}: succeeds,", "FOR UPDATE" if "FOR UPDATE" in statements[-1] else "without FOR UPDATE")
    except django.db.Error as error:
        print(f"{what}: {str(error).splitlines()[0]}")
PY
/usr/bin/python3 shop.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
Django 3.2.25 on PostgreSQL 150020
sum(stock.n for stock in …select_for_update()): of 100 are left 30
…select_for_update().aggregate(n=Sum('n')): of 100 are left -40
exists: succeeds, FOR UPDATE
count: succeeds, without FOR UPDATE
union: FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT
EXPECTED
echo "as described: two looked under a lock that nobody had taken"
