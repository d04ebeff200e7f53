#!/usr/bin/env bash
# Sequelize 6.37.8 and TypeORM 1.1.1 on MariaDB 10.11.19: an upsert of several rows hands out the ids of other rows.
#
# Tags are upserted by name, since another request may have made some of them meanwhile; then their ids are used to link an
# article. One would guess that the ids are those of the tags, or that there are none. The database says one id, that of the first
# row that was new, and the library counts on from there, through rows that were updated: "b", which is 2, is given 3, the id of
# "c". What follows is linked to somebody else's tag. TypeORM does so with the driver "mysql", and asks for the ids with "mariadb".
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

version=1:10.11.19-0+deb12u1
apt-get download -qq mariadb-server-core=$version mariadb-client-core=$version libmariadb3=$version \
  libaio1 liburing2 >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
npm install --silent --no-audit --no-fund --prefix "$work" sequelize@6.37.8 typeorm@1.1.1 reflect-metadata@0.2.2 \
  mysql2@3.24.6 mariadb@3.5.4 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
export LD_LIBRARY_PATH=$work/tree/usr/lib/x86_64-linux-gnu
client() { tree/usr/bin/mariadb --no-defaults --socket="$work/socket" "$@"; }
mkdir data
# It knows no accounts: its socket stands in this folder, which is ours alone.
tree/usr/sbin/mariadbd --no-defaults --user="$(id -un)" --skip-networking --skip-grant-tables --datadir="$work/data" \
  --socket="$work/socket" --lc-messages-dir="$work/tree/usr/share/mysql" >server.txt 2>&1 &
server=$!
for _ in $(seq 100); do
  client -e 'select 1' >ping.txt 2>&1 && break
  sleep 0.2
done
client -Ne 'select version()'
client -e 'create database test'

cat >upsert.mjs <<'JS'
import 'reflect-metadata';
import { DataTypes, Sequelize } from 'sequelize';
import typeorm from 'typeorm';
const socketPath = process.argv[2];
const tags = () => ['b', 'c', 'a', 'd'].map((name) => ({ name, uses: 1 }));
const list = (rows) => rows.map((row) => `${row.name} ${row.id}`).sort().join(', ');
const report = (library, given, stored) => console.log(`${library}: given ${list(given)}; stored ${list(stored)}`);

async function withSequelize() {
  const sequelize = new Sequelize('test', 'root', '', { dialect: 'mariadb', dialectOptions: { socketPath }, logging: false });
  const Tag = sequelize.define('tag', { name: { type: DataTypes.STRING, unique: true }, uses: DataTypes.INTEGER },
                               { timestamps: false });
  await Tag.sync({ force: true });
  for (const name of ['a', 'b']) await Tag.create({ name });
  report('sequelize', await Tag.bulkCreate(tags(), { updateOnDuplicate: ['uses'] }), await Tag.findAll());
  await sequelize.close();
}
async function withTypeOrm(type) {
  const Tag = new typeorm.EntitySchema({ name: 'tag', columns: {
    id: { type: 'int', primary: true, generated: true }, name: { type: 'varchar', unique: true },
    uses: { type: 'int', nullable: true } } });
  const source = await new typeorm.DataSource({
    type, socketPath, username: 'root', database: 'test', entities: [Tag], synchronize: true, dropSchema: true }).initialize();
  const repository = source.getRepository(Tag);
  for (const name of ['a', 'b']) await repository.save({ name });
  const given = tags();
  await repository.upsert(given, ['name']);
  report(`typeorm, ${type}`, given, await repository.find());
  await source.destroy();
}
await withSequelize();
await withTypeOrm('mysql');
await withTypeOrm('mariadb');
JS
node upsert.mjs "$work/socket" | tee seen.txt

diff - seen.txt <<'EXPECTED'
sequelize: given a 5, b 3, c 4, d 6; stored a 1, b 2, c 3, d 4
typeorm, mysql: given a 5, b 3, c 4, d 6; stored a 1, b 2, c 3, d 4
typeorm, mariadb: given a 1, b 2, c 3, d 4; stored a 1, b 2, c 3, d 4
EXPECTED
echo "as described: whoever upserted b was given the id of c"
