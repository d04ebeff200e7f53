// CSV for spreadsheets: one line of names, one of values, the same numbers as the JSON; what holds a comma is quoted.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/report/report_of.h"

namespace racelab::lab::run_csv_test {
namespace {

// The fields of one line, quotes taken off.
std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> all{""};
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool doubled = quoted && line[i] == '"' && i + 1 < line.size() && line[i + 1] == '"';
    if (doubled) {
      all.back() += line[i++];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      all.emplace_back();
    } else {
      all.back() += line[i];
    }
  }
  EXPECT_FALSE(quoted);
  return all;
}

std::map<std::string, std::string> read(const std::string& csv) {
  const std::size_t end = csv.find('\n');
  EXPECT_EQ(csv.find('\n', end + 1), csv.size() - 1) << "two lines";
  const std::vector<std::string> names = fields(csv.substr(0, end));
  const std::vector<std::string> values = fields(csv.substr(end + 1, csv.size() - end - 2));
  EXPECT_EQ(names.size(), values.size());
  std::map<std::string, std::string> all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_TRUE(all.emplace(names[i], values[i]).second) << names[i];
  }
  return all;
}

TEST(RunCsv, holds_the_numbers_of_the_run) {
  std::map<std::string, std::string> run =
      read(run_csv(report_of("two-writers", "read-modify-write")));
  EXPECT_EQ(run["schema"], "racelab.run/1");
  EXPECT_EQ(run["seed"], "1");
  EXPECT_EQ(run["verdict"], "violated");
  EXPECT_EQ(run["ledger.acknowledged"], "2");
  EXPECT_EQ(run["ledger.overwritten"], "1");
  EXPECT_EQ(run["ledger.final"], "1");
  EXPECT_EQ(run["told.ok.0"], "1");
  EXPECT_EQ(run["told.ok.1"], "1");
  EXPECT_EQ(run["options.latency"], "1ms");
  EXPECT_EQ(run["trace_hash"].size(), 16U);
}

TEST(RunCsv, quotes_what_holds_a_comma_and_leaves_out_what_is_not_known) {
  std::map<std::string, std::string> run = read(
      run_csv(report_of("retried-payment", "read-modify-write,atomic-increment", 1,
                        {{"clients", "2"}, {"timeout", "none"}, {"lose-request.rate", "100%"}})));
  EXPECT_EQ(run["strategy"], "read-modify-write,atomic-increment");
  EXPECT_EQ(run["latency_us.p50"], "");
}

}  // namespace
}  // namespace racelab::lab::run_csv_test
