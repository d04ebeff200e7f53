// JSON for programs: the keys that are promised, in their order, with their types; its arithmetic; and that numbers which a
// double cannot hold are strings.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/report/report_of.h"

namespace racelab::lab::run_json_test {
namespace {

namespace json = boost::json;

json::object json_of(const RunReport& report) { return json::parse(run_json(report)).as_object(); }

std::vector<std::string> keys_of(const json::object& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object) {
    keys.emplace_back(key);
  }
  return keys;
}

using Keys = std::vector<std::string>;

// `fixed`, in this order, perhaps with others between them.
void expect_in_order(const Keys& all, const Keys& fixed) {
  std::size_t next = 0;
  for (const std::string& key : all) {
    next += next < fixed.size() && key == fixed[next] ? 1 : 0;
  }
  EXPECT_EQ(next, fixed.size()) << "missing or out of order: "
                                << (next < fixed.size() ? fixed[next] : "");
}

const Keys ledger_keys{"initial",
                       "acknowledged",
                       "unknown_applied",
                       "failed_applied",
                       "extra_applications",
                       "overwritten",
                       "acknowledged_never_applied",
                       "final"};

bool adds_up(const json::object& ledger) {
  const auto term = [&ledger](const char* key) { return ledger.at(key).as_int64(); };
  return term("final") == term("initial") + term("acknowledged") + term("unknown_applied") +
                              term("failed_applied") + term("extra_applications") -
                              term("overwritten") - term("acknowledged_never_applied");
}

TEST(RunJson, has_the_promised_keys_in_order) {
  const json::object run = json_of(report_of("hot-counter", "read-modify-write"));
  expect_in_order(keys_of(run), {"schema", "scenario", "strategy", "seed", "options", "verdict",
                                 "ledger", "anomalies", "told", "calls", "latency_us",
                                 "virtual_time_us", "events", "trace_hash"});
  EXPECT_EQ(keys_of(run.at("ledger").as_object()), ledger_keys);
  expect_in_order(keys_of(run.at("anomalies").as_object()),
                  {"lost_updates", "duplicates", "false_successes", "false_failures", "stuck",
                   "invariant_broken"});
  EXPECT_EQ(keys_of(run.at("told").as_object()), (Keys{"ok", "failed", "unknown"}));
  for (const char* told : {"ok", "failed", "unknown"}) {
    EXPECT_EQ(keys_of(run.at("told").at(told).as_object()), (Keys{"0", "1", "2+"}));
  }
  expect_in_order(keys_of(run.at("calls").as_object()),
                  {"operations", "attempts", "deliveries", "statements", "timeouts", "conflicts",
                   "deadlocks", "retries_denied", "calls_refused_by_breaker"});
  EXPECT_EQ(keys_of(run.at("latency_us").as_object()), (Keys{"p50", "p90", "p99", "max"}));
}

TEST(RunJson, has_the_promised_types) {
  const json::object run = json_of(report_of("hot-counter", "read-modify-write", UINT64_MAX));
  EXPECT_EQ(run.at("schema").as_string(), "racelab.run/1");
  EXPECT_EQ(run.at("scenario").as_string(), "hot-counter");
  EXPECT_EQ(run.at("strategy").as_string(), "read-modify-write");
  EXPECT_EQ(run.at("seed").as_string(), "18446744073709551615");
  EXPECT_EQ(run.at("verdict").as_string(), "violated");
  ASSERT_TRUE(run.at("trace_hash").is_string());
  EXPECT_EQ(run.at("trace_hash").as_string().size(), 16U);
  for (const char* object : {"ledger", "anomalies", "calls", "latency_us"}) {
    for (const auto& [key, value] : run.at(object).as_object()) {
      EXPECT_TRUE(value.is_int64()) << object << '.' << std::string(key);
    }
  }
  for (const auto& [key, row] : run.at("told").as_object()) {
    for (const auto& [column, count] : row.as_object()) {
      EXPECT_TRUE(count.is_int64()) << std::string(key);
    }
  }
  EXPECT_TRUE(run.at("virtual_time_us").is_int64());
  EXPECT_TRUE(run.at("events").is_int64());
}

// The parser refuses what is not UTF-8. A file may be called anything: cut-off letters, Latin-1, "/" in three bytes, a
// surrogate, past the last letter; what is UTF-8 stays.
TEST(RunJson, is_utf8_whatever_the_scenario_is_called) {
  const std::string bad = "\xEF\xBF\xBD";
  const struct {
    std::string name;
    std::string written;
  } cases[] = {
      {"./caf\xC3\xA9.ini", "./caf\xC3\xA9.ini"},
      {"./\xE2\x9C\x93\xF0\x9F\x94\xA5.ini", "./\xE2\x9C\x93\xF0\x9F\x94\xA5.ini"},
      {"./caf\xE9.ini", "./caf" + bad + ".ini"},
      {"./\xE2\x9C.ini", "./" + bad + bad + ".ini"},
      {"./x\xC3", "./x" + bad},
      {"./\xE0\x80\xAF", "./" + bad + bad + bad},
      {"./\xC0\xAF", "./" + bad + bad},
      {"./\xED\xA0\x80", "./" + bad + bad + bad},
      {"./\xF4\x90\x80\x80", "./" + bad + bad + bad + bad},
      {"./\xFF\xFE", "./" + bad + bad},
  };
  RunReport report = report_of("two-writers", "read-modify-write");
  for (const auto& [name, written] : cases) {
    report.scenario = name;
    EXPECT_EQ(json_of(report).at("scenario").as_string(), written);
  }
}

TEST(RunJson, writes_every_option_as_a_flag_would_take_it) {
  const RunReport report = report_of("hot-counter", "read-modify-write");
  const json::object run = json_of(report);
  Scenario again;
  for (const auto& [key, value] : run.at("options").as_object()) {
    EXPECT_EQ(apply(again, std::string(key), std::string(value.as_string())), "");
  }
  Runner runner(again.settings, report.fleet);
  EXPECT_EQ(runner.run(1).trace_hash, report.result.trace_hash);
}

TEST(RunJson, has_a_ledger_by_row_where_there_are_several) {
  const json::object two = json_of(report_of("money-transfer", "read-modify-write"));
  ASSERT_TRUE(two.contains("ledger_by_row"));
  const json::object& rows = two.at("ledger_by_row").as_object();
  EXPECT_EQ(keys_of(rows), (Keys{"a", "b"}));
  std::int64_t sum = 0;
  for (const auto& [name, ledger] : rows) {
    EXPECT_EQ(keys_of(ledger.as_object()), ledger_keys);
    EXPECT_TRUE(adds_up(ledger.as_object()));
    sum += ledger.at("final").as_int64();
  }
  EXPECT_EQ(sum, two.at("ledger").at("final").as_int64());
  EXPECT_FALSE(json_of(report_of("hot-counter", "read-modify-write")).contains("ledger_by_row"));
}

TEST(RunJson, has_no_latency_where_no_operation_ended) {
  const json::object run =
      json_of(report_of("retried-payment", "read-modify-write", 1, {{"timeout", "none"}}));
  for (const char* key : {"p50", "p90", "p99", "max"}) {
    EXPECT_TRUE(run.at("latency_us").at(key).is_null()) << key;
  }
  EXPECT_EQ(run.at("anomalies").at("stuck").as_int64(), 1);
}

TEST(RunJson, says_which_level_a_combination_really_ran_at) {
  const json::object run = json_of(report_of("two-writers", "pessimistic-lock,read-modify-write"));
  EXPECT_EQ(run.at("options").at("isolation").as_string(), "autocommit");
  EXPECT_EQ(run.at("isolation_used").at("pessimistic-lock").as_string(), "read-committed");
  EXPECT_EQ(run.at("isolation_used").at("read-modify-write").as_string(), "autocommit");
}

TEST(RunJson, adds_up_whatever_happened) {
  for_each_report(20, [](const RunReport& report) {
    const json::object run = json_of(report);
    EXPECT_TRUE(adds_up(run.at("ledger").as_object()));
    EXPECT_TRUE(run.at("ledger_adds_up").as_bool());
    std::int64_t told = 0;
    for (const auto& [name, row] : run.at("told").as_object()) {
      for (const auto& [column, count] : row.as_object()) {
        told += count.as_int64();
      }
    }
    EXPECT_EQ(told, run.at("calls").at("operations").as_int64());
    const json::object& anomalies = run.at("anomalies").as_object();
    std::int64_t found = 0;
    for (const char* key : {"lost_updates", "duplicates", "false_successes", "false_failures"}) {
      found += anomalies.at(key).as_int64();
    }
    EXPECT_EQ(found, static_cast<std::int64_t>(run.at("findings").as_array().size()));
    std::int64_t harmed = found + anomalies.at("stuck").as_int64();
    harmed += anomalies.at("invariant_broken").as_int64();
    EXPECT_EQ(run.at("verdict").as_string(), harmed > 0 ? "violated" : "holds");
    const json::object& calls = run.at("calls").as_object();
    EXPECT_GE(calls.at("attempts").as_int64() + calls.at("calls_refused_by_breaker").as_int64(),
              calls.at("operations").as_int64());
    const json::object& latency = run.at("latency_us").as_object();
    EXPECT_LE(latency.at("p50").as_int64(), latency.at("p90").as_int64());
    EXPECT_LE(latency.at("p90").as_int64(), latency.at("p99").as_int64());
    EXPECT_LE(latency.at("p99").as_int64(), latency.at("max").as_int64());
    EXPECT_LE(latency.at("max").as_int64(), run.at("virtual_time_us").as_int64());
  });
}

}  // namespace
}  // namespace racelab::lab::run_json_test
