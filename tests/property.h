// A property is checked on the same examples in every run, so that what passed today passes tomorrow;
// RC_PARAMS="seed=7 max_success=10000" looks elsewhere and longer. RapidCheck draws the examples and shrinks the one that fails.
// (RC_GTEST_PROP draws others in every run.)
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/detail/TestListenerAdapter.h>

#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>
#include <unordered_map>

namespace racelab {

// Fails the test with the smallest example for which `property` does not hold.
inline void check_property(int examples, const std::function<void()>& property) {
  rc::detail::TestParams params;
  params.seed = 1;
  params.maxSuccess = examples;
  if (std::getenv("RC_PARAMS") != nullptr) {
    params = rc::detail::configuration().testParams;
  }
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description =
      ::testing::UnitTest::GetInstance()->current_test_info()->name();
  rc::detail::TestListenerAdapter silent;
  const auto result = rc::detail::checkTestable(
      property, metadata, params, silent, std::unordered_map<std::string, rc::detail::Reproduce>{});
  std::ostringstream told;
  rc::detail::printResultMessage(result, told);
  ASSERT_TRUE(result.is<rc::detail::SuccessResult>()) << told.str();
}

}  // namespace racelab
