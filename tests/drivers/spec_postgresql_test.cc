// Isolation specs on a real PostgreSQL: it prints what the store prints, and tables look as libpq aligns them.
#include "sim/drivers/spec_postgresql.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "sim/drivers/driver_error.h"
#include "sim/explore/spec_explore.h"
#include "sim/parse/isolation_spec_file.h"
#include "sim/parse/spec_for_store.h"
#include "sim/report/spec_report.h"
#include "tests/explore/small_specs.h"

namespace racelab::lab::spec_postgresql_test {
namespace {

std::string printed(const IsolationSpec& spec, SpecServer& server) {
  std::string all = isolation_head(spec);
  SpecExploreOptions options;
  options.every_way = false;
  options.visit = [&](const SpecRun& run, const std::string& why_not) {
    all += isolation_run_text(spec, run, why_not);
  };
  explore_spec(spec, server, options);
  return all;
}

TEST(SpecPostgresql, PrintsWhatTheStorePrints) {
  for (const char* text : alike_on_a_server) {
    const IsolationSpec spec = parse::read_isolation_spec({"x.spec", text});
    const SpecForStore compiled = parse::compile_for_store(spec);
    SpecStore store(spec, compiled);
    std::string note;
    const std::unique_ptr<SpecServer> server = drivers::start_spec_server("postgresql", spec, note);
    EXPECT_EQ(printed(spec, *server), printed(spec, store));
  }
}

// 20 permutations, as on the store: 18 are write skew.
TEST(SpecPostgresql, FindsTheSameWriteSkew) {
  const IsolationSpec spec = parse::read_isolation_spec({"x.spec", write_skew("repeatable read")});
  std::string note;
  const std::unique_ptr<SpecServer> server = drivers::start_spec_server("postgresql", spec, note);
  SpecExploreOptions options;
  options.one_transaction = parse::one_transaction_each(spec);
  const SpecExploration found = explore_spec(spec, *server, options);
  EXPECT_EQ(found.ran, 20U);
  EXPECT_EQ(found.orders_wrong, 18U);
}

// b1 waits for a, which sends nothing more before b's next step.
TEST(SpecPostgresql, GivesUpAStepThatWouldWaitForEver) {
  const IsolationSpec spec = parse::read_isolation_spec(
      {"x.spec",
       "setup { create table t (id int primary key, n int); insert into t values (1, 0); }\n"
       "teardown { drop table t; }\n"
       "session a setup { begin; } step a1 { update t set n = 1; } step a2 { commit; }\n"
       "session b setup { begin; } step b1 { update t set n = 2; } step b2 { commit; }\n"
       "permutation a1 b1 b2 a2\n"
       "permutation a1 b1 a2 b2\n"});
  std::string note;
  const std::unique_ptr<SpecServer> server = drivers::start_spec_server("postgresql", spec, note);
  const SpecExploration found = explore_spec(spec, *server, {});
  EXPECT_EQ(found.impossible, 1U);
  EXPECT_EQ(found.ran, 1U);
}

TEST(SpecPostgresql, ASessionIsNoSuperuser) {
  const IsolationSpec spec = parse::read_isolation_spec(
      {"x.spec", "session a step out { copy (select 1) to program 'true'; }"});
  std::string note;
  const std::unique_ptr<SpecServer> server = drivers::start_spec_server("postgresql", spec, note);
  const std::string text = printed(spec, *server);
  EXPECT_NE(text.find("ERROR:  must be superuser or have privileges of the "
                      "pg_execute_server_program role to COPY to or from an external program"),
            std::string::npos)
      << text;
  EXPECT_THROW(drivers::start_spec_server("oracle", spec, note), drivers::DriverError);
}

// The same table through libpq's own PQprint.
std::string printed_by_libpq(const SpecAnswer::Table& table) {
  PGresult* result = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
  std::vector<PGresAttDesc> columns;
  std::vector<std::string> names = table.columns;
  for (std::string& name : names) {
    columns.push_back({name.data(), 0, 0, 0, 25, -1, -1});
  }
  PQsetResultAttrs(result, static_cast<int>(columns.size()), columns.data());
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    for (std::size_t column = 0; column < columns.size(); ++column) {
      SpecAnswer::Cell cell = table.rows[row][column];
      PQsetvalue(result, static_cast<int>(row), static_cast<int>(column),
                 cell ? cell->data() : nullptr, cell ? static_cast<int>(cell->size()) : -1);
    }
  }
  char* text = nullptr;
  std::size_t size = 0;
  FILE* stream = open_memstream(&text, &size);
  PQprintOpt options{};
  std::string separator = "|";
  options.header = 1;
  options.align = 1;
  options.fieldSep = separator.data();
  PQprint(stream, result, &options);
  std::fclose(stream);
  const std::string printed(text, size);
  std::free(text);
  PQclear(result);
  return printed;
}

TEST(SpecPostgresql, TablesLookAsLibpqAlignsThem) {
  const std::vector<std::string> words{"",     "1",    "-12.5", "E5", "1e",
                                       "1E5",  "text", "12 ",   " 3", "1|2",
                                       "Käse", "0x1",  "-",     "t",  "2025-01-01 00:00:00"};
  for (const std::string& a : words) {
    for (const std::string& b : words) {
      const SpecAnswer::Table table{{"a", "a_longer_name"}, {{a, b}, {std::nullopt, a}, {b, "7"}}};
      EXPECT_EQ(aligned_table(table), printed_by_libpq(table)) << a << " and " << b;
    }
  }
  const SpecAnswer::Table empty{{"n", "word"}, {}};
  EXPECT_EQ(aligned_table(empty), printed_by_libpq(empty));
  const SpecAnswer::Table one{{"n"}, {{"1"}}};
  EXPECT_EQ(aligned_table(one), printed_by_libpq(one));
}

}  // namespace
}  // namespace racelab::lab::spec_postgresql_test
