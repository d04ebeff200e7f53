// What a server that holds other data is asked for, and under which names: each refusal by the parsed tree, and what is not refused.
#include "sim/parse/server_sql.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/parse/binder.h"

namespace racelab::server_sql_test {
namespace {

using parse::on_server;

const sql::Schema& created() {
  static const sql::Schema schema = [] {
    sql::Schema made;
    parse::read_setup({"setup.sql",
                       "create schema shop; create table t (id serial primary key, n int);"
                       "create table shop.item (id int primary key, n int)"},
                      made);
    return made;
  }();
  return schema;
}

// What is refused, up to the colon behind it; empty: nothing is.
std::string refused(const std::string& sql) {
  try {
    parse::check_for_server({"f.sql", sql}, created());
  } catch (const parse::Problem& problem) {
    const std::string line =
        std::string(problem.what()).substr(0, std::string(problem.what()).find('\n'));
    const std::string ends = ": racelab asks no server that holds other data for that";
    EXPECT_TRUE(line.ends_with(ends)) << line;
    const std::size_t place = line.find(": ");
    return line.substr(place + 2, line.size() - place - 2 - ends.size());
  }
  return "";
}

struct Refusal {
  const char* sql;
  const char* what;
};

TEST(ServerSqlRefuses, Statements) {
  const std::vector<Refusal> all{
      {"drop table t", "DropStmt"},
      {"drop schema public cascade", "DropStmt"},
      {"truncate t", "TruncateStmt"},
      {"alter table t add column x int", "AlterTableStmt"},
      {"alter system set fsync = off", "AlterSystemStmt"},
      {"copy t from program 'id'", "CopyStmt"},
      {"do $$begin execute 'drop table users'; end$$", "DoStmt"},
      {"create function f() returns int language sql as 'select 1'", "CreateFunctionStmt"},
      {"create extension dblink", "CreateExtensionStmt"},
      {"create view v as select 1", "ViewStmt"},
      {"create rule r as on insert to t do also delete from t", "RuleStmt"},
      {"create trigger x after insert on t execute function f()", "CreateTrigStmt"},
      {"create role r superuser", "CreateRoleStmt"},
      {"create database d", "CreatedbStmt"},
      {"grant all on t to public", "GrantStmt"},
      {"grant pg_read_all_data to plain", "GrantRoleStmt"},
      {"set role postgres", "SET role"},
      {"set session authorization postgres", "SET session_authorization"},
      {"set search_path = public", "SET search_path"},
      {"set local search_path = public", "SET search_path"},
      {"set lock_timeout = 1", "SET lock_timeout"},  // not LOCAL
      {"reset all", "SET "},
      {"prepare transaction 'x'", "PREPARE TRANSACTION"},
      {"commit prepared 'x'", "PREPARE TRANSACTION"},
      {"rollback prepared 'x'", "PREPARE TRANSACTION"},
      {"prepare p as select 1", "PrepareStmt"},
      {"execute p", "ExecuteStmt"},
      {"lock table t", "LockStmt"},
      {"listen x", "ListenStmt"},
      {"notify x", "NotifyStmt"},
      {"vacuum", "VacuumStmt"},
      {"explain analyze delete from t", "ExplainStmt"},
      {"comment on table t is 'x'", "CommentStmt"},
      {"call p()", "CallStmt"},
      {"create table u as select 1", "CreateTableAsStmt"},
      {"select 1 into u", "'intoClause' in SelectStmt"},
      {"declare c cursor for select 1", "DeclareCursorStmt"},
      {"security label on table t is 'x'", "SecLabelStmt"},
      {"merge into t using t as u on true when matched then delete", "MergeStmt"},
      {"create type e as enum ('a')", "CreateEnumStmt"},
  };
  for (const Refusal& it : all) {
    EXPECT_EQ(refused(it.sql), it.what) << it.sql;
  }
}

// Each relation must be one of the setup's, wherever it stands, with a schema or without.
TEST(ServerSqlRefuses, Relations) {
  const std::vector<Refusal> all{
      {"select * from users", "users, which the setup does not create"},
      {"select * from public.users", "public.users, which the setup does not create"},
      {"select * from item", "item, which the setup does not create"},  // it is shop.item
      {"select * from other.t", "other.t, which the setup does not create"},
      {"select * from pg_authid", "pg_authid, which the setup does not create"},
      {"select * from pg_catalog.pg_class", "pg_catalog.pg_class, which the setup does not create"},
      {"select * from information_schema.tables",
       "information_schema.tables, which the setup does not create"},
      {"select * from racelab_0001.t", "racelab_0001.t, which the setup does not create"},
      {"select * from d.public.t", "a relation of the database d"},
      {"insert into users values (1)", "users, which the setup does not create"},
      {"insert into t select * from users", "users, which the setup does not create"},
      {"update users set n = 1", "users, which the setup does not create"},
      {"update t set n = (select n from users)", "users, which the setup does not create"},
      {"update t set n = u.n from users u", "users, which the setup does not create"},
      {"delete from users", "users, which the setup does not create"},
      {"delete from t using users", "users, which the setup does not create"},
      {"select 1 where exists (select from users)", "users, which the setup does not create"},
      {"select 1 from t join users using (id)", "users, which the setup does not create"},
      {"with x as (delete from users returning id) select * from x",
       "users, which the setup does not create"},
      {"select 1 union select id from users", "users, which the setup does not create"},
      // A name of WITH is known only where it can be seen, and nothing is written to it.
      {"select (with users as (select 1) select 1 from users), (select id from users)",
       "users, which the setup does not create"},
      {"with a as (select * from users), users as (select 1) select 1 from a",
       "users, which the setup does not create"},
      {"with users as (select 1) delete from users", "users, which the setup does not create"},
      {"create table u (id int references users (id))", "u, which the setup does not create"},
      {"create index on users (id)", "users, which the setup does not create"},
      {"create temporary table t (id int)", "a temporary table"},
      {"select nextval('users_id_seq')", "nextval of 'users_id_seq'"},
      {"select nextval('public.t_id_seq')", "nextval of 'public.t_id_seq'"},
      {"select nextval('T_ID_SEQ')", "nextval of 'T_ID_SEQ'"},
      {"select nextval('t_id_' || 'seq')", "nextval of ''"},
      {"select other.t.n from t", "a column of the schema other"},
  };
  for (const Refusal& it : all) {
    EXPECT_EQ(refused(it.sql), it.what) << it.sql;
  }
}

TEST(ServerSqlRefuses, FunctionsTypesAndWhatHangsOnATable) {
  const std::vector<Refusal> all{
      {"select pg_read_file('/etc/passwd')", "the function pg_read_file"},
      {"select pg_sleep(1)", "the function pg_sleep"},
      {"select pg_catalog.pg_advisory_lock(1)", "the function pg_catalog.pg_advisory_lock"},
      {"select pg_catalog.now()", "the function pg_catalog.now"},
      {"select public.lower('x')", "the function public.lower"},
      {"select set_config('role', 'postgres', false)", "the function set_config"},
      {"select dblink('x', 'y')", "the function dblink"},
      {"select lo_import('/etc/passwd')", "the function lo_import"},
      {"select pg_terminate_backend(1)", "the function pg_terminate_backend"},
      {"select pg_advisory_unlock_all()", "the function pg_advisory_unlock_all"},
      {"select setval('t_id_seq', 1)", "the function setval"},
      {"select query_to_xml('select 1', true, true, '')", "the function query_to_xml"},
      {"select * from generate_series(1, 2)", "RangeFunction"},
      {"select current_user", "a value of the session"},
      {"select 'users'::regclass", "the type regclass"},
      {"select '1'::public.int4", "the type int4"},
      {"select 1 operator(public.+) 1", "an operator of another schema"},
      {"select n collate \"C\" from t", "CollateClause"},
      {"select count(*) over () from t", "'over' in FuncCall"},
      {"select * from t tablesample system (1)", "RangeTableSample"},
      {"create table t (id int) tablespace big", "'tablespacename' in CreateStmt"},
      {"create table t (id int) with (fillfactor = 10)", "the option 'fillfactor'"},
      {"create table t () inherits (users)", "'inhRelations' in CreateStmt"},
      {"create table t partition of users default", "'inhRelations' in CreateStmt"},
      {"create table t (like users)", "TableLikeClause"},
      {"create table t of users", "'ofTypename' in CreateStmt"},
      {"create table t (id int default pg_backend_pid())", "the function pg_backend_pid"},
      {"create table t (id int check (id > pg_backend_pid()))", "the function pg_backend_pid"},
      {"create index on t (n) tablespace big", "'tableSpace' in IndexStmt"},
      {"create index concurrently on t (n)", "'concurrent' in IndexStmt"},
      {"create sequence t_id_seq owned by users.id", "the option 'owned_by'"},
      {"create schema x authorization postgres", "'authrole' in CreateSchemaStmt"},
      {"create schema x create table users (id int)", "'schemaElts' in CreateSchemaStmt"},
      {"create schema pg_mine", "a schema called pg_mine"},
      {"create schema racelab", "a schema called racelab"},
      {"begin deferrable", "the option 'transaction_deferrable'"},
  };
  for (const Refusal& it : all) {
    EXPECT_EQ(refused(it.sql), it.what) << it.sql;
  }
}

TEST(ServerSqlAllows, WhatTheStoreModels) {
  for (
      const char* sql :
      {"create schema shop; create table if not exists t (id serial primary key, n varchar(3) not "
       "null default 'x', check (id > 0), unique (n))",
       "create table t (id int references shop.item (id) on delete cascade)",
       "create unique index i on t (n) where n > 1", "create sequence t_id_seq start 5 increment 2",
       "select public.t.n, t.id from public.t for update of t skip locked",
       "with x as (select 1 as id) select * from x join t using (id) left join shop.item i on true",
       "insert into t (n) values (1), (default) on conflict (id) do update set n = excluded.n "
       "returning *",
       "update t set (id, n) = (1, 2) where id = any('{1}'::int[])",
       "delete from t using shop.item where shop.item.id = t.id",
       "select nextval('t_id_seq'), now(), current_timestamp, pg_try_advisory_xact_lock(1, 2)",
       "select case when true then 1 else coalesce(null, 2) end, greatest(1, 2), count(distinct n) "
       "from t group by n having true order by 1 desc nulls last limit 1 offset 1",
       "begin isolation level serializable read write; savepoint a; rollback to a; release a",
       "set local lock_timeout = '1s'", "commit", "rollback"}) {
    EXPECT_EQ(refused(sql), "") << sql;
  }
}

TEST(ServerSqlNames, AreTheRunsOwn) {
  EXPECT_EQ(on_server("select * from t", "racelab_0a1b"), "select * from t");  // search_path has it
  EXPECT_EQ(on_server("select * from public.t", "racelab_0a1b"),
            "select * from \"racelab_0a1b\".t");
  EXPECT_EQ(on_server("/* shop.item */ select Shop . item.n, 'shop.item' from \"shop\".item",
                      "racelab_0a1b"),
            "/* shop.item */ select \"racelab_0a1b_shop\" . item.n, 'shop.item' from "
            "\"racelab_0a1b_shop\".item");
  EXPECT_EQ(on_server("update \"a\"\"b\".t set n = 1", "racelab_0a1b"),
            "update \"racelab_0a1b_a\"\"b\".t set n = 1");
  EXPECT_EQ(on_server("create schema shop; create table shop.t (id int)", "racelab_0a1b"),
            "; create table \"racelab_0a1b_shop\".t (id int)");
  // A name that the parser understands, and that cannot be found in the text as it is.
  EXPECT_THROW(on_server("select * from U&\"sh\\006Fp\".item", "racelab_0a1b"), parse::Problem);
}

}  // namespace
}  // namespace racelab::server_sql_test
