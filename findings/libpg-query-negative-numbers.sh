#!/usr/bin/env bash
# libpg_query 15-4.0.0: in the JSON parse tree `select -5` and `select 0` are the same, to the byte.
#
# The library gives PostgreSQL's parse tree as JSON and as a protobuf. 5 is {"ival":{"ival":5}} in JSON, and 0, like all defaults
# of a protobuf, is left out: {"ival":{}}. One would guess that -5 is {"ival":{"ival":-5}}. It is {"ival":{}}: to whoever reads
# the JSON, -1 to -2147483647 are 0. The protobuf of the same statement still has them, as its way back to SQL shows.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

version=15-4.0.0-2
apt-get download -qq libpg-query-dev=$version libpg-query1504.0=$version >apt.txt 2>&1 || { cat apt.txt; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" tree; done
cat >literals.c <<'C'
#include <pg_query.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  const char* statements[] = {"select 5", "select 0", "select -5", "select -2147483648", "select -5.5"};
  printf("PostgreSQL's parser %s\n", PG_VERSION);
  for (size_t i = 0; i < sizeof statements / sizeof *statements; ++i) {
    PgQueryParseResult json = pg_query_parse(statements[i]);
    PgQueryProtobufParseResult protobuf = pg_query_parse_protobuf(statements[i]);
    PgQueryDeparseResult again = pg_query_deparse_protobuf(protobuf.parse_tree);
    const char* literal = strstr(json.parse_tree, "\"A_Const\":{") + strlen("\"A_Const\":{");
    const int length = (int)(strstr(literal, ",\"location\"") - literal);
    printf("%s: JSON %.*s, back from protobuf %s\n", statements[i], length, literal, again.query);
    pg_query_free_deparse_result(again);
    pg_query_free_protobuf_parse_result(protobuf);
    pg_query_free_parse_result(json);
  }
  return 0;
}
C
libraries=$work/tree/usr/lib/x86_64-linux-gnu
cc -Itree/usr/include literals.c -o literals "$libraries"/libpg_query.so.* -Wl,-rpath,"$libraries"
./literals | tee seen.txt

diff - seen.txt <<'EXPECTED'
PostgreSQL's parser 15.1
select 5: JSON "ival":{"ival":5}, back from protobuf SELECT 5
select 0: JSON "ival":{}, back from protobuf SELECT 0
select -5: JSON "ival":{}, back from protobuf SELECT -5
select -2147483648: JSON "fval":{"fval":"-2147483648"}, back from protobuf SELECT -2147483648
select -5.5: JSON "fval":{"fval":"-5.5"}, back from protobuf SELECT -5.5
EXPECTED
echo "as described: -5 became a 0 that nobody can tell from a 0"
