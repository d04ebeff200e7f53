// What the tests of the whole core share: settings written as a scenario file writes them, fleets by name, and how many
// seeds a test may afford.
//
// Everything goes through the doors that users go through (apply, parse_fleet), so a test cannot set up what a scenario
// could not say; a name or a value that is wrong ends the test at once.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scenario/embedded.h"
#include "sim/scenario/options.h"
#include "sim/scenario/registry.h"
#include "sim/scenario/run.h"
#include "sim/scenario/scenario.h"

namespace racelab::lab {

/// Sanitizers make a run ten times slower and more, and a second compiler need not search all over again: tests that only look
/// for a violation among many seeds divide the number by this. Tests that count harmful seeds never do: their counts are literal.
#ifdef RACELAB_FEWER_ROUNDS
constexpr std::uint64_t fewer = 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr std::uint64_t fewer = 10;
#else
constexpr std::uint64_t fewer = 1;
#endif
#else
constexpr std::uint64_t fewer = 1;
#endif

using Lines = std::vector<std::pair<std::string, std::string>>;

[[noreturn]] inline void not_as_meant(const std::string& problem) {
  std::cerr << "the test itself is wrong: " << problem << "\n";
  std::abort();
}

/// `base` with some lines of a scenario file applied to it.
inline Settings with(const Settings& base, const Lines& lines) {
  Scenario scenario;
  scenario.settings = base;
  for (const auto& [key, value] : lines) {
    const std::string problem = apply(scenario, key, value);
    if (!problem.empty()) {
      not_as_meant(problem);
    }
  }
  const std::string problem = problem_with(scenario.settings);
  if (!problem.empty()) {
    not_as_meant(problem);
  }
  return scenario.settings;
}

/// Two clients that each increment one row once, at the defaults, but for these lines.
inline Settings settings_of(const Lines& lines) {
  return with(with(Settings{}, {{"workload", "increment"}}), lines);
}

/// The settings of a scenario that ships, from its file as it is built in.
inline Settings scenario_settings(std::string_view name) {
  for (const EmbeddedScenario& embedded : embedded_scenarios()) {
    if (embedded.name != name) {
      continue;
    }
    Lines lines;
    std::string_view text = embedded.text;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      const std::size_t equals = line.find(" = ");
      if (!line.starts_with('#') && equals != std::string_view::npos &&
          !line.starts_with("explore.") && !line.starts_with("compare.")) {
        lines.emplace_back(line.substr(0, equals), line.substr(equals + 3));
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return settings_of(lines);
  }
  not_as_meant("no scenario " + std::string(name));
}

inline Fleet fleet_of(std::string_view text) {
  ParsedFleet parsed = parse_fleet(text);
  if (!parsed.problem.empty()) {
    not_as_meant(parsed.problem);
  }
  return std::move(parsed.fleet);
}

inline RunResult run_once(const Settings& settings, std::string_view fleet, std::uint64_t seed) {
  return Runner(settings, fleet_of(fleet)).run(seed, true);
}

/// Faults of one kind that struck.
inline std::uint64_t struck(const RunResult& result, FaultKind kind) {
  return result.counts.service.faults[static_cast<std::size_t>(kind)];
}

inline constexpr std::array<std::string_view, 4> all_strategies{
    "atomic-increment", "optimistic-version", "pessimistic-lock", "read-modify-write"};

/// Every way to wrap a strategy that ships, the client's mistake under each protection included.
inline constexpr std::array<std::string_view, 8> all_wraps{
    "",
    "+idempotency-key",
    "+idempotency-key-after",
    "+idempotency-key-before",
    "+new-key-per-attempt",
    "+idempotency-key+new-key-per-attempt",
    "+idempotency-key-after+new-key-per-attempt",
    "+idempotency-key-before+new-key-per-attempt"};

inline constexpr std::array<std::string_view, 3> all_isolations{"autocommit", "read-committed",
                                                                "repeatable-read"};

}  // namespace racelab::lab
