#!/usr/bin/env bash
# filelock 3.9.0 and fasteners 0.17.3: `with lock:` lets a second thread of the process in, and filelock a forked child.
#
# A module makes one lock for a file, and whoever writes that file says `with lock:`. Other processes are kept out. One would guess
# that threads of this one are as well, or that to share a lock is refused. filelock counts how often the object was taken and asks
# the system for the first time only; a child that is forked meanwhile inherits the count. fasteners asks each time, and the
# system grants a process what it has already, even by another object. (If the object is shared, the second to leave gets an error,
# when both have written.) Of two withdrawals one is lost. filelock 3.11 and later count for each thread.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq python3-filelock=3.9.0-1+deb12u1 python3-fasteners=0.17.3-2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
cat >withdraw.py <<'PY'
import importlib.metadata
import multiprocessing
import pathlib
import threading
import time

import fasteners
import filelock

account = pathlib.Path("account.txt")

def withdraw(lock):
    with lock:
        balance = int(account.read_text())
        time.sleep(1)
        account.write_text(str(balance - 10))

def withdraw_with_a_new_lock(kind):
    withdraw(kind("account.lock"))

def twice(start, target, argument):
    account.write_text("100")
    workers = [start(target=target, args=(argument,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return account.read_text()

processes = multiprocessing.get_context("fork")
for name, kind in (("filelock", filelock.FileLock), ("fasteners", fasteners.InterProcessLock)):
    print(name, importlib.metadata.version(name), flush=True)
    print("  two processes, a lock each: 100 - 10 - 10 =", twice(processes.Process, withdraw_with_a_new_lock, kind))
    print("  two threads, a lock each: 100 - 10 - 10 =", twice(threading.Thread, withdraw_with_a_new_lock, kind))
print("filelock, two threads, one lock: 100 - 10 - 10 =", twice(threading.Thread, withdraw, filelock.FileLock("account.lock")))
account.write_text("100")
lock = filelock.FileLock("account.lock")
with lock:
    balance = int(account.read_text())
    child = processes.Process(target=withdraw, args=(lock,))
    child.start()
    time.sleep(2)
    account.write_text(str(balance - 10))
child.join()
print("filelock, a child forked while the lock is held: 100 - 10 - 10 =", account.read_text())
PY
/usr/bin/python3 withdraw.py | tee seen.txt

diff - seen.txt <<'EXPECTED'
filelock 3.9.0
  two processes, a lock each: 100 - 10 - 10 = 80
  two threads, a lock each: 100 - 10 - 10 = 80
fasteners 0.17.3
  two processes, a lock each: 100 - 10 - 10 = 80
  two threads, a lock each: 100 - 10 - 10 = 90
filelock, two threads, one lock: 100 - 10 - 10 = 90
filelock, a child forked while the lock is held: 100 - 10 - 10 = 90
EXPECTED
echo "as described: two were in at once, each with the lock"
