#!/usr/bin/env bash
# Celery 5.2.6 on Redis 7.0.15: acks_late does not give back the task of a process that was killed.
#
# acks_late means that a task is acknowledged after it was done, so that it is not lost if its worker dies on the way. One would
# guess that it is done again when the process that does it is killed, as the kernel does when memory is short. The worker's main
# process lives, writes WorkerLostError to its log, and acknowledges the task: it is half-done, and gone. To have it done again
# takes another option, task_reject_on_worker_lost.
set -euo pipefail
work=$(mktemp -d)
started=()
trap 'for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; wait "$id" 2>/dev/null || true; done; rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq redis-tools=5:7.0.15-1~deb12u10 liblzf1=3.6-3 libjemalloc2=5.3.0-1 python3-celery=5.2.6-5 python3-kombu \
  python3-redis python3-async-timeout python3-deprecated python3-packaging python3-wrapt python3-amqp python3-billiard python3-vine \
  python3-click python3-click-plugins python3-click-didyoumean python3-click-repl python3-prompt-toolkit python3-wcwidth \
  python3-tz python3-six python3-pkg-resources python3-cached-property >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
cp -L tree/usr/bin/redis-check-rdb redis-server # one program, which goes by its name
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PYTHONPATH=$work:$work/tree/usr/lib/python3/dist-packages

./redis-server --version | cut -d' ' -f1-3
./redis-server --port 0 --unixsocket "$work/socket" --save '' --dir "$work" >server.txt 2>&1 &
started+=($!)
for _ in $(seq 50); do
  [ -S socket ] && break
  sleep 0.1
done
cat >shop.py <<'PY'
import os
import signal

from celery import Celery

app = Celery("shop", broker="redis+socket://" + os.path.abspath("socket"))


def work(name, order):
    with open("done.txt", "a") as done:
        done.write(f"{name}: order {order} begun\n")
    if order == 1 and not os.path.exists(f"{name}.killed"):
        open(f"{name}.killed", "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    with open("done.txt", "a") as done:
        done.write(f"{name}: order {order} done\n")


@app.task(acks_late=True)
def late(order):
    work("acks_late", order)


@app.task(acks_late=True, reject_on_worker_lost=True)
def reject(order):
    work("acks_late and reject_on_worker_lost", order)
PY
/usr/bin/python3 -c 'import celery; print("celery", celery.__version__)'
/usr/bin/python3 -c 'import shop; [task.delay(order) for task in (shop.late, shop.reject) for order in (1, 2)]'
/usr/bin/python3 -m celery -A shop worker -c 1 --without-gossip --without-mingle --without-heartbeat >worker.txt 2>&1 &
started+=($!)
for _ in $(seq 150); do
  [ "$(grep -c done done.txt 2>/dev/null)" != 3 ] || break
  sleep 0.2
done
sleep 3 # would give the lost one time to come back
{
  LC_ALL=C sort -s -t: -k1,1 done.txt
  ask() { tree/usr/bin/redis-cli -s socket "$@"; }
  echo "left in the queue: $(ask llen celery), unacknowledged: $(ask hlen unacked)"
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
acks_late: order 1 begun
acks_late: order 2 begun
acks_late: order 2 done
acks_late and reject_on_worker_lost: order 1 begun
acks_late and reject_on_worker_lost: order 2 begun
acks_late and reject_on_worker_lost: order 2 done
acks_late and reject_on_worker_lost: order 1 begun
acks_late and reject_on_worker_lost: order 1 done
left in the queue: 0, unacknowledged: 0
EXPECTED
echo "as described: the first order was begun, acknowledged, and never done"
