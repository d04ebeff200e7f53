#!/usr/bin/env bash
# JDBC driver 42.5.5 on PostgreSQL 15.20: the finally that tidies up commits what a handler left half-done.
#
# The handler switches autocommit off, dies between two statements, and its finally switches autocommit on again before the
# connection goes back, without a rollback. One would guess that what was not committed is lost, or that the driver refuses, as
# psycopg2 does. Switching autocommit on commits the open transaction: JDBC wants it so. The caller gets the exception, and the
# first half is stored. (Needs java, 11 or later.)
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
  libpostgresql-jdbc-java=42.5.5-0+deb12u1 python3-psycopg2=2.9.5-1+b1 >apt.txt 2>&1 ||
  { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu PATH=$work/tree/usr/lib/postgresql/15/bin:$PATH
export PGHOST=$work/data PGUSER=postgres PGDATABASE=postgres PGPORT=25434
mkdir data
[ "$(id -u)" != 0 ] || chown nobody data
as_server initdb -D data -U postgres -A trust --no-sync --locale=C >initdb.txt 2>&1 || { cat initdb.txt; exit 2; }
as_server pg_ctl -s -w -D data -l data/log.txt \
  -o "-c listen_addresses=127.0.0.1 -p 25434 -c unix_socket_directories=$work/data -c fsync=off" start
psql -XAtc 'show server_version'

psql -Xq -c 'create table transfer (line text)'
cat >Transfer.java <<'JAVA'
import java.sql.*;

public class Transfer {
  static void transfer(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("insert into transfer values ('taken from one account')");
      if (true) throw new IllegalStateException("died half-way");
      statement.execute("insert into transfer values ('added to the other')");
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
  }
  public static void main(String[] arguments) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:25434/postgres?user=postgres")) {
      transfer(connection);
    } catch (IllegalStateException exception) {
      System.out.println("JDBC: " + exception.getMessage());
    }
  }
}
JAVA
cat >transfer.py <<'PY'
import psycopg2

connection = psycopg2.connect("")
connection.cursor().execute("insert into transfer values ('taken from one account')")
try:
    connection.autocommit = True
except psycopg2.ProgrammingError as error:
    print("psycopg2:", error)
PY
stored() { psql -XAtc "select 'stored: ' || coalesce(string_agg(line, ', '), 'nothing') from transfer"; }
{
  env -u LD_LIBRARY_PATH java -cp "$work/tree/usr/share/java/postgresql.jar" Transfer.java
  stored
  psql -Xq -c 'truncate transfer'
  PYTHONPATH=$work/tree/usr/lib/python3/dist-packages /usr/bin/python3 transfer.py
  stored
} | tee seen.txt

diff - seen.txt <<'EXPECTED'
JDBC: died half-way
stored: taken from one account
psycopg2: set_session cannot be used inside a transaction
stored: nothing
EXPECTED
echo "as described: the half of a transfer was committed by setAutoCommit(true)"
