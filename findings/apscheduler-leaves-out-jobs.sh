#!/usr/bin/env bash
# APScheduler 3.9.1: twelve jobs are due at once, ten threads are there, and two of the jobs are never done.
#
# Twelve reminders are to be sent at nine o'clock, each takes two seconds, and the scheduler has ten threads, as it has unless told
# otherwise. One would guess that the last two are sent two seconds later. A job that gets its thread more than one second late is
# left out, and one that was to run once is gone: a warning in the log is all that is left of it. To have it done late takes an
# option, misfire_grace_time.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq python3-apscheduler=3.9.1-2 python3-tz python3-tzlocal python3-pytz-deprecation-shim python3-six \
  >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
cat >reminders.py <<'PY'
import datetime
import time

import apscheduler
from apscheduler.schedulers.background import BackgroundScheduler

print("APScheduler", apscheduler.version)
for what, options in (("as it comes", {}), ("misfire_grace_time=None", {"misfire_grace_time": None})):
    sent = []
    def remind(customer):
        time.sleep(2)
        sent.append(customer)
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.start()
    nine = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
    for customer in range(12):
        scheduler.add_job(remind, "date", run_date=nine, args=[customer], **options)
    accepted = len(scheduler.get_jobs())
    time.sleep(8)
    print(f"{what}: {accepted} jobs accepted, {len(sent)} done, {len(scheduler.get_jobs())} still to be done")
    scheduler.shutdown()
PY
/usr/bin/python3 reminders.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
APScheduler 3.9.1
as it comes: 12 jobs accepted, 10 done, 0 still to be done
misfire_grace_time=None: 12 jobs accepted, 12 done, 0 still to be done
EXPECTED
echo "as described: two jobs were accepted, and never done"
