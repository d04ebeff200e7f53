#!/usr/bin/env bash
# tenacity 8.2.1 and retrying 1.3.3: a worker that is told to stop does its job again, and a cancelled task goes on.
#
# SIGTERM makes the worker leave by sys.exit, in the midst of a job that has charged a customer. Or the job is a task, and somebody
# cancels it. Retries are for failures, one would guess, and both of these pass through, as they pass through `except Exception`. With
# tenacity's plain @retry they do. With retry_if_not_exception_type, "unless the card was declined", whatever else is thrown counts
# as a failure, the order to stop included; with retrying so it does with the plain @retry. The customer is charged twice, the
# worker goes on as if nobody had told it to stop, and so does the task.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq python3-tenacity=8.2.1-1 python3-retrying=1.3.3-4 python3-six >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
cat >worker.py <<'PY'
import asyncio
import importlib.metadata
import os
import signal
import sys

import retrying
import tenacity

print("tenacity", importlib.metadata.version("tenacity"), "and retrying", importlib.metadata.version("retrying"))
signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))
charges = 0

class Declined(Exception):
    pass

def job():
    global charges
    charges += 1
    if charges == 1:
        os.kill(os.getpid(), signal.SIGTERM) # by whoever restarts the service

async def task():
    global charges
    charges += 1
    await asyncio.sleep(0.2)

async def cancel(work):
    running = asyncio.ensure_future(work())
    await asyncio.sleep(0.1)
    running.cancel()
    await running

def see(what, work):
    global charges
    charges = 0
    try:
        work()
        end = "on to the next job"
    except BaseException as error:
        end = f"ended by {type(error).__name__}"
    print(f"{what}: charges: {charges}, {end}")

three = tenacity.stop_after_attempt(3)
plain = tenacity.retry(stop=three)
unless_declined = tenacity.retry(stop=three, retry=tenacity.retry_if_not_exception_type(Declined))
see("SIGTERM, tenacity, @retry", plain(job))
see("SIGTERM, tenacity, @retry unless declined", unless_declined(job))
see("SIGTERM, retrying, @retry", retrying.retry(stop_max_attempt_number=3)(job))
see("cancelled task, tenacity, @retry", lambda: asyncio.run(cancel(plain(task))))
see("cancelled task, tenacity, @retry unless declined", lambda: asyncio.run(cancel(unless_declined(task))))
PY
/usr/bin/python3 worker.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
tenacity 8.2.1 and retrying 1.3.3
SIGTERM, tenacity, @retry: charges: 1, ended by SystemExit
SIGTERM, tenacity, @retry unless declined: charges: 2, on to the next job
SIGTERM, retrying, @retry: charges: 2, on to the next job
cancelled task, tenacity, @retry: charges: 1, ended by CancelledError
cancelled task, tenacity, @retry unless declined: charges: 2, on to the next job
EXPECTED
echo "as described: told to stop, the worker charged again, and did not stop"
