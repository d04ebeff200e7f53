// The reason tells its events in the order in which they happened: read, then overwritten behind its back, then written. In
// a transaction what counts is the COMMIT: before it nobody else can see what was written.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "sim/report/why.h"
#include "tests/report/report_of.h"

namespace racelab::lab::why_test {
namespace {

std::vector<double> times_in(const std::string& text) {
  std::vector<double> times;
  const std::regex time("at ([0-9.]+) ms");
  for (std::sregex_iterator match(text.begin(), text.end(), time), end; match != end; ++match) {
    times.push_back(std::stod((*match)[1]));
  }
  return times;
}

TEST(Why, tells_the_events_of_a_lost_update_in_order_whatever_the_isolation) {
  int told = 0;
  for (const char* isolation : {"autocommit", "read-committed"}) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
      const RunReport report =
          report_of("two-writers", "read-modify-write", seed,
                    {{"isolation", isolation}, {"clients", "3"}, {"think-time", "2ms"}});
      if (report.result.judgement.count(Anomaly::lost_update) > 0) {
        const std::vector<double> times = times_in(why(report));
        ASSERT_EQ(times.size(), 3U) << why(report);
        EXPECT_TRUE(std::is_sorted(times.begin(), times.end())) << why(report);
        ++told;
      }
    }
  }
  EXPECT_GT(told, 500);  // most of the 1,000 lose something
}

TEST(Why, counts_the_commit_and_not_the_write) {
  EXPECT_EQ(
      why(report_of("two-writers", "read-modify-write", 1, {{"isolation", "read-committed"}})),
      "A read n = 0 at 2.3 ms; B committed n = 1 at 3.9 ms; A, still at 0, wrote n = 1 at 3.9 ms");
}

TEST(Why, is_exact_to_the_microsecond_where_the_order_would_not_show) {
  EXPECT_EQ(why(report_of("two-writers", "read-modify-write,atomic-increment", 3)),
            "A read n = 0 at 2.055 ms; B wrote n = 1 at 2.064 ms; A, still at 0, wrote n = 1 at "
            "2.933 ms");
}

}  // namespace
}  // namespace racelab::lab::why_test
