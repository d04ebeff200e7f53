#!/usr/bin/env bash
# MariaDB 10.11.19: a server that starts deletes the temporary tables of another one that runs.
#
# Two servers on one machine, each with a data directory and a socket of its own: one for each test job, say. One would guess that
# they have nothing to do with each other. Both keep their temporary tables in the same place, /tmp unless told otherwise, and a
# server that starts takes what lies there under such a name for its own from before a crash. Whoever uses one of those tables
# gets "Can't find file". (mariadb-install-db starts a server, too: two of them at once fail now and then.)
set -euo pipefail
work=$(mktemp -d)
started=()
trap 'for id in "${started[@]}"; do kill -9 "$id" 2>/dev/null || true; wait "$id" 2>/dev/null || true; done; rm -rf "$work"' EXIT
cd "$work"

version=1:10.11.19-0+deb12u1
apt-get download -qq mariadb-server-core=$version mariadb-client-core=$version libmariadb3=$version \
  libaio1 liburing2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
client() { tree/usr/bin/mariadb --no-defaults --socket="$work/socket-$1" "${@:2}"; }
# server NAME TMPDIR. It knows no accounts: its socket stands in this folder, which is ours alone.
server() {
  mkdir -p "data-$1" "$2"
  tree/usr/sbin/mariadbd --no-defaults --user="$(id -un)" --skip-networking --skip-grant-tables \
    --datadir="$work/data-$1" --socket="$work/socket-$1" --tmpdir="$work/$2" \
    --lc-messages-dir="$work/tree/usr/share/mysql" >"server-$1.txt" 2>&1 5>&- &
  started+=($!)
  for _ in $(seq 100); do
    client "$1" -e 'select 1' >ping.txt 2>&1 && break
    sleep 0.2
  done
}

server first shared
client first -Ne 'select version()'
client first -e 'create database test'
# report TMPDIR: a session makes a temporary table, another server starts, the session goes on.
report() {
  rm -f typed
  mkfifo typed
  client first -Nf test <typed >said.txt 2>&1 &
  local session=$!
  exec 5>typed
  echo 'create temporary table total (id int, n int) engine = aria; insert into total values (1, 10), (2, 20);' >&5
  sleep 1
  server "beside-$1" "$1"
  echo 'select a.n from total a join total b using (id) order by a.n;' >&5
  exec 5>&-
  wait "$session" || true
  echo "a server starts, its tmpdir is $1:"
  grep -v '^-*$' said.txt | sed "s|file: '.*/|file: '…/|; s|#sql-temptable-[^.]*|#sql-temptable-…|" | grep -v '^select'
}
{ report own; report shared; } >seen.txt
cat seen.txt

diff - seen.txt <<'EXPECTED'
a server starts, its tmpdir is own:
10
20
a server starts, its tmpdir is shared:
ERROR 1017 (HY000) at line 2: Can't find file: '…/#sql-temptable-….MAI' (errno: 2 "No such file or directory")
EXPECTED
echo "as described: the table was another server's, and is gone"
