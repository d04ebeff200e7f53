#!/usr/bin/env bash
# Django 3.2.25: a counter that was to live for two seconds lives for five minutes more after each incr(), in two caches of three.
#
# "At most so many in two seconds": cache.add(key, 1, timeout=2), then cache.incr(key). The tests pass with the cache in memory,
# where incr() adds to the value and leaves its end as it was, as Redis and memcached do. One would guess that it is an operation on
# the cache. The cache in a database or in files has none: it reads, adds, and sets the value anew, for the default time, 300
# seconds. The window never ends while somebody comes, and whoever was over the limit once stays there. What helps: the window
# in the key, as in "hits from 12:30:02 on", or a row of a table and an UPDATE.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq python3-django=3:3.2.25-0+deb12u7 python3-asgiref python3-sqlparse python3-tz >apt.txt 2>&1 ||
  { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
cat >hits.py <<'PY'
import time

import django
from django.conf import settings

backend = "django.core.cache.backends."
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "cache.sqlite"}}, USE_TZ=True,
    CACHES={"default": {"BACKEND": backend + "locmem.LocMemCache"},
            "database": {"BACKEND": backend + "db.DatabaseCache", "LOCATION": "cache"},
            "files": {"BACKEND": backend + "filebased.FileBasedCache", "LOCATION": "files"}})
django.setup()

from django.core.cache import caches
from django.core.management import call_command

call_command("createcachetable")
print("Django", django.__version__)
for name, label in ("default", "in memory"), ("database", "in a database"), ("files", "in files"):
    cache = caches[name]
    cache.add("hits", 1, timeout=2)
    cache.add("others", 1, timeout=2)
    cache.incr("hits")
    time.sleep(3)
    print(f"{label}, after 3 of its 2 seconds: {cache.get('hits')}; one without an incr: {cache.get('others')}")
PY
/usr/bin/python3 hits.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
Django 3.2.25
in memory, after 3 of its 2 seconds: None; one without an incr: None
in a database, after 3 of its 2 seconds: 2; one without an incr: None
in files, after 3 of its 2 seconds: 2; one without an incr: None
EXPECTED
echo "as described: what was counted up has outlived its time"
