#!/usr/bin/env bash
# Django 3.2.25: `stock = F('stock') - 1` is done again by every later save() of the object.
#
# F() is how Django lets the database count, so that two requests do not write over each other; it is the cure for a lost update.
# One would guess that it is done when it is saved, and that the object then holds a number, or is stale. The object keeps the
# expression: a second save() of it, for another field, for a signal that saves, or as a retry after an error further on, takes one
# more from the stock, and nothing says so. SQLAlchemy reads the number back at the next look. What helps: update() on
# a query, which keeps nothing, refresh_from_db() right after the save, or save(update_fields=…) that names the other field only.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq python3-django=3:3.2.25-0+deb12u7 python3-asgiref python3-sqlparse python3-tz \
  python3-sqlalchemy=1.4.46+ds1-1 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
cat >stock.py <<'PY'
import django
import sqlalchemy
import sqlalchemy.orm
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
                   DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

from django.db import connection, models


class Article(models.Model):
    stock = models.IntegerField()
    note = models.TextField(default="")

    class Meta:
        app_label = "shop"


with connection.schema_editor() as editor:
    editor.create_model(Article)
print("Django", django.__version__)
article = Article.objects.create(stock=10)
stock = lambda: Article.objects.get().stock
article.stock = models.F("stock") - 1
article.save()
print("one is sold:", stock())
article.note = "sells well"
article.save()
print("a note is saved:", stock())
article.save()
print("nothing new is saved:", stock())
article.note = "sells better"
article.save(update_fields=["note"])
print("the note alone is saved:", stock())

print("SQLAlchemy", sqlalchemy.__version__)
Base = sqlalchemy.orm.declarative_base()


class Item(Base):
    __tablename__ = "item"
    id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
    stock = sqlalchemy.Column(sqlalchemy.Integer)
    note = sqlalchemy.Column(sqlalchemy.Text)


engine = sqlalchemy.create_engine("sqlite://")
Base.metadata.create_all(engine)
with sqlalchemy.orm.Session(engine) as session:
    item = Item(stock=10)
    session.add(item)
    session.commit()
    item.stock = Item.stock - 1
    session.commit()
    print("one is sold:", item.stock)
    item.note = "sells well"
    session.commit()
    print("a note is saved:", item.stock)
PY
/usr/bin/python3 stock.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
Django 3.2.25
one is sold: 9
a note is saved: 8
nothing new is saved: 7
the note alone is saved: 7
SQLAlchemy 1.4.46
one is sold: 9
a note is saved: 9
EXPECTED
echo "as described: one was sold, and three were taken from the stock"
