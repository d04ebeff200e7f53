#!/usr/bin/env bash
# SQLAlchemy 1.4.46 on PostgreSQL 15.20: a row locked FOR UPDATE is handed out with the balance from before the lock.
#
# A request reads an account, to see whether it may; then it reads it again with with_for_update(), and subtracts. One would guess
# that what is read under the lock is what the lock protects. The database does answer with the new balance, but the session knows
# an object of that key already and hands it out as it was: the other request's withdrawal is lost, with every lock in
# place. select(), Query and even get(…, with_for_update=True) are alike; only refresh(), or populate_existing, looks.
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
apt-get download -qq postgresql-15=$version postgresql-client-15=$version libpq5=$version \
  python3-sqlalchemy=1.4.46+ds1-1 python3-psycopg2=2.9.5-1+b1 python3-greenlet >apt.txt 2>&1 ||
  { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PGHOST=$work/data PGUSER=postgres PGDATABASE=postgres
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses='' -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

export PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
cat >withdraw.py <<'PY'
import sqlalchemy
from sqlalchemy import Column, Integer, create_engine, select, text
from sqlalchemy.orm import Session, declarative_base

print("SQLAlchemy", sqlalchemy.__version__)

class Account(declarative_base()):
    __tablename__ = "account"
    id = Column(Integer, primary_key=True)
    balance = Column(Integer)

engine = create_engine("postgresql://")
Account.metadata.create_all(engine)

def balance():
    return engine.connect().execute(text("select balance from account")).scalar()

def refreshed(session):
    account = session.get(Account, 1)
    session.refresh(account, with_for_update=True)
    return account

same = select(Account).where(Account.id == 1)
ways = {
    "select": lambda session: session.execute(same.with_for_update()).scalar_one(),
    "query": lambda session: session.query(Account).filter_by(id=1).with_for_update().one(),
    "get": lambda session: session.get(Account, 1, with_for_update=True),
    "populate_existing": lambda session: session.execute(
        same.with_for_update().execution_options(populate_existing=True)).scalar_one(),
    "refresh": refreshed,
}
for name, read_and_lock in ways.items():
    with engine.begin() as other:
        other.execute(text("delete from account"))
        other.execute(text("insert into account values (1, 100)"))
    with Session(engine) as session:
        looked_at = session.get(Account, 1)
        with engine.begin() as other:
            other.execute(text("update account set balance = balance - 30"))
        account = read_and_lock(session)
        seen = account.balance
        account.balance = seen - 10
        session.commit()
    print(f"{name}: under the lock {seen}; 100 - 30 - 10 = {balance()}")
PY
/usr/bin/python3 withdraw.py | tee seen.txt

diff - <(tail -n +2 seen.txt) <<'EXPECTED'
select: under the lock 100; 100 - 30 - 10 = 90
query: under the lock 100; 100 - 30 - 10 = 90
get: under the lock 100; 100 - 30 - 10 = 90
populate_existing: under the lock 70; 100 - 30 - 10 = 60
refresh: under the lock 70; 100 - 30 - 10 = 60
EXPECTED
echo "as described: a withdrawal was lost under a lock"
