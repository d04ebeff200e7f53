#!/usr/bin/env bash
# Tarantool 2.6.0: an upsert that cannot be done reports success and does nothing.
#
# `upsert(row, operations)` inserts the row, or applies the operations to the one that is there. Where an operation does not fit
# that row (here: add to a field that the row does not have), `update` raises an error. One would guess that `upsert` does as
# well, or inserts. It returns as if all were well; only the server's log knows that the update was lost.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq tarantool=2.6.0-1.2+b1 libyaml-0-2 libunwind8 libgomp1 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
cat >upsert.lua <<'LUA'
box.cfg{work_dir = arg[1], log = arg[1] .. '/log.txt'}
local counters = box.schema.space.create('counters')
counters:create_index('primary')
counters:insert{1}
local add = {{'+', 2, 5}}
print('update succeeds: ' .. tostring((pcall(counters.update, counters, 1, add))))
print('upsert succeeds: ' .. tostring((pcall(counters.upsert, counters, {1, 5}, add))))
print('fields of the row: ' .. #counters:get(1))
os.exit(0)
LUA
tree/usr/bin/tarantool --version | sed -n 1p
mkdir data
tree/usr/bin/tarantool upsert.lua "$work/data" | tee seen.txt
grep -o 'UPSERT operation failed' data/log.txt | sed -n 1p | sed 's/^/in the log: /' | tee -a seen.txt

diff - seen.txt <<'EXPECTED'
update succeeds: false
upsert succeeds: true
fields of the row: 1
in the log: UPSERT operation failed
EXPECTED
echo "as described: an upsert that was told to succeed changed nothing"
