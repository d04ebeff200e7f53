#!/usr/bin/env bash
# Django 3.2.25 and TypeORM 1.1.1: save() of an object whose row somebody else has deleted brings the row back.
#
# A request has read an order; another one cancels it, which deletes the row; then the first sets the status to "paid" and saves. One
# would guess an error, as from SQLAlchemy, or that nothing is changed, as with peewee, which says so by a 0. Both of these insert
# the order again, under the same number, with all that the first had read before: Django since its UPDATE found no row, TypeORM
# since it looks first and finds none. In Django save(update_fields=…) is an error instead.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq python3-django=3:3.2.25-0+deb12u7 python3-asgiref python3-sqlparse python3-tz \
  python3-sqlalchemy=1.4.46+ds1-1 python3-peewee=3.14.10+dfsg-1+b3 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
npm install --silent --no-audit --no-fund --prefix "$work" typeorm@1.1.1 sql.js@1.17.0 reflect-metadata@0.2.2 >npm.txt 2>&1 ||
  { cat npm.txt; exit 2; }
export PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
cat >orders.py <<'PY'
import django
import peewee
import sqlalchemy
import sqlalchemy.orm
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
                   DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

from django.db import connection, models

def attempt(save):
    try:
        return f"returns {save()}"
    except Exception as error:
        return f"raises {type(error).__name__}"

class DjangoOrder(models.Model):
    status = models.TextField()

    class Meta:
        app_label = "shop"

with connection.schema_editor() as editor:
    editor.create_model(DjangoOrder)
for what, options in (("save()", {}), ("save(update_fields=['status'])", {"update_fields": ["status"]})):
    made = DjangoOrder.objects.create(status="open")
    mine = DjangoOrder.objects.get(pk=made.pk)
    DjangoOrder.objects.get(pk=made.pk).delete()
    mine.status = "paid"
    print(f"Django {django.__version__}: {what} {attempt(lambda: mine.save(**options))};",
          "the order is", *DjangoOrder.objects.filter(pk=made.pk).values_list("status", flat=True) or ["gone"])

class PeeweeOrder(peewee.Model):
    status = peewee.TextField()

    class Meta:
        database = peewee.SqliteDatabase(":memory:")

PeeweeOrder.create_table()
PeeweeOrder.create(status="open")
mine = PeeweeOrder.get()
PeeweeOrder.get().delete_instance()
mine.status = "paid"
print(f"peewee {peewee.__version__}: save() {attempt(mine.save)};", "the order is", *[o.status for o in PeeweeOrder] or ["gone"])

Base = sqlalchemy.orm.declarative_base()

class Order(Base):
    __tablename__ = "orders"
    id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
    status = sqlalchemy.Column(sqlalchemy.Text)

engine = sqlalchemy.create_engine("sqlite:///orders.db")
Base.metadata.create_all(engine)
make, first, second = (sqlalchemy.orm.Session(engine, expire_on_commit=False) for _ in range(3))
make.add(Order(status="open"))
make.commit()
mine = first.query(Order).one()
first.commit()
second.delete(second.query(Order).one())
second.commit()
mine.status = "paid"
print(f"SQLAlchemy {sqlalchemy.__version__}: commit() {attempt(first.commit)};",
      "the order is", *[o.status for o in second.query(Order)] or ["gone"])
PY
cat >orders.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { DataSource, EntitySchema } from 'typeorm';
const { version } = JSON.parse(readFileSync('node_modules/typeorm/package.json', 'utf8'));
const Order = new EntitySchema({ name: 'order', tableName: 'orders', columns: {
  id: { type: 'int', primary: true, generated: true }, status: { type: 'text' } } });
const database = await new DataSource({ type: 'sqljs', entities: [Order], synchronize: true }).initialize();
const orders = database.getRepository(Order);
await orders.save({ status: 'open' });
const mine = await orders.findOneBy({ id: 1 });
await orders.remove(await orders.findOneBy({ id: 1 }));
mine.status = 'paid';
const saved = await orders.save(mine).then(() => 'resolves', (error) => `rejects with ${error.name}`);
console.log(`TypeORM ${version}: save() ${saved}; the order is ${(await orders.findOneBy({ id: 1 }))?.status ?? 'gone'}`);
JS
/usr/bin/python3 orders.py | tee seen.txt
node orders.mjs | tee -a seen.txt

diff - seen.txt <<'EXPECTED'
Django 3.2.25: save() returns None; the order is paid
Django 3.2.25: save(update_fields=['status']) raises DatabaseError; the order is gone
peewee 3.14.10: save() returns 0; the order is gone
SQLAlchemy 1.4.46: commit() raises StaleDataError; the order is gone
TypeORM 1.1.1: save() resolves; the order is paid
EXPECTED
echo "as described: a cancelled order was there again, and paid"
