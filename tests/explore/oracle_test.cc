// The graph of states against the odometer: every strategy, protection, level, fault and limit, wherever running every order
// is affordable.
#include <gtest/gtest.h>

#include <string>

#include "tests/explore/oracle.h"

namespace racelab::lab {
namespace {

TEST(Oracle, scratch) {
  std::uint64_t total = 0, skipped = 0;
  const std::vector<Lines> faults{
      {},
      {{"lose-reply.max", "1"}},
      {{"lose-request.max", "1"}},
      {{"duplicate-delivery.max", "1"}},
      {{"slow-call.max", "1"}},
      {{"crash.max", "1"}},
      {{"lose-session.max", "1"}},
  };
  for (const std::string_view strategy : all_strategies) {
    for (const std::string_view wrap : all_wraps) {
      for (const std::string_view isolation : all_isolations) {
        for (const Lines& fault : faults) {
          for (const char* clients : {"1", "2"}) {
            Lines lines = fault;
            lines.emplace_back("clients", clients);
            lines.emplace_back("isolation", std::string(isolation));
            lines.emplace_back("attempts-max", "2");
            lines.emplace_back("tries-max", "2");
            std::string what = std::string(strategy) + std::string(wrap);
            for (const auto& [key, value] : lines) {
              what += " " + key + "=" + value;
            }
            const auto n =
                expect_agreement(settings_of(lines),
                                 fleet_of(std::string(strategy) + std::string(wrap)), what, 3000);
            total += n;
            skipped += n == 0;
            if (HasFailure()) return;
          }
        }
      }
    }
  }
  std::cout << total << " orders, skipped " << skipped << "\n";
}

}  // namespace
}  // namespace racelab::lab
