// The presets of clients against what was measured of them: requests exactly, pauses within their formulas' bounds, and what is
// told. The table of docs/clients.md is made from runs.
#include "sim/scenario/client_presets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/scenario/conflicts.h"
#include "sim/scenario/run.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::client_presets_test {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    parts.push_back(part);
  }
  return parts;
}

// A column of the table of what was measured, and how a run makes that failure: it strikes whenever it can.
struct Way {
  std::string column;
  Failure failure;
  std::string fault;
  std::string kind;  // of fail-call
};
const std::array<Way, 7>& ways() {
  static const std::array<Way, 7> all{{{"refused", Failure::refused, "refuse-call", ""},
                                       {"reset", Failure::reset, "reset-reply", ""},
                                       {"timeout", Failure::timeout, "lose-reply", ""},
                                       {"500", Failure::error, "fail-call", "500"},
                                       {"503", Failure::unavailable, "fail-call", "503"},
                                       {"429", Failure::throttled, "fail-call", "429"},
                                       {"409", Failure::busy, "fail-call", "409"}}};
  return all;
}

// One client charges a card 30, once. Endless clients end with the fault: it strikes 200 times.
Settings failing(const std::string& client, const Way& way) {
  Lines lines{{"workload", "charge"},      {"clients", "1"},
              {"initial", "100000"},       {"amount", "30"},
              {"timeout", "1s"},           {"client", client},
              {"session-timeout", "none"}, {way.fault + ".rate", "100%"},
              {way.fault + ".max", "200"}};
  if (!way.kind.empty()) {
    lines.emplace_back("fail-call.kind", way.kind);
  }
  Settings settings = settings_of(lines);
  if (settings.retry.timeout == Duration{}) {
    settings.retry.timeout = seconds(1);  // that of whoever measured
  }
  return settings;
}

struct Measured {
  std::string client;
  std::vector<std::string> requests;  // by way
  std::string after;
  std::string pauses;
  std::string versions;
};

std::vector<Measured> measured() {
  std::ifstream file(RACELAB_SOURCE_DIR "/tests/peers/clients/measured.csv");
  std::vector<Measured> all;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells = split(line, ',');
    if (line.starts_with('#') || cells.front() == "client") {
      continue;
    }
    cells.resize(11);
    all.push_back(
        {cells[0], {cells.begin() + 1, cells.begin() + 8}, cells[8], cells[9], cells[10]});
  }
  return all;
}

std::string comment_of(const ClientPreset& preset) {
  std::string text;
  for (const std::string& line : preset.claim) {
    text += line + ' ';
  }
  return text;
}

TEST(ClientPresets, are_settings_that_agree) {
  ASSERT_GE(client_presets().size(), 70U);
  for (const ClientPreset& preset : client_presets()) {
    const Settings settings = settings_of({{"client", preset.name}});
    EXPECT_EQ(problem_with(settings), "") << preset.name;
    ASSERT_FALSE(preset.claim.empty()) << preset.name;
    const std::string text = comment_of(preset);
    const bool says_how = text.find("measured on ") != std::string::npos ||
                          text.find("not measured") != std::string::npos;
    EXPECT_TRUE(says_how) << preset.name;
  }
}

// "golang-go 2:1.19~1", "got 16.1.0; node-24 24.21.0": the library's own version, without those of a distribution.
std::string own_version(const std::string& versions) {
  std::string version = versions.substr(versions.find(' ') + 1);
  version = version.substr(0, version.find(';'));
  version.erase(0, version.find(':') + 1);
  return version.substr(0, version.find_first_of("+-~"));
}

TEST(ClientPresets, name_the_version_that_was_measured) {
  std::size_t compared = 0;
  for (const Measured& row : measured()) {
    const ClientPreset* preset = find_client_preset(row.client);
    if (preset == nullptr || row.versions.empty()) {
      continue;
    }
    EXPECT_NE(comment_of(*preset).find(own_version(row.versions)), std::string::npos)
        << row.client << ": " << row.versions;
    ++compared;
  }
  EXPECT_GE(compared, 60U);
}

TEST(ClientPresets, send_as_many_requests_as_were_measured) {
  const std::vector<Measured> all = measured();
  ASSERT_GE(all.size(), 60U);
  for (const Measured& row : all) {
    ASSERT_NE(find_client_preset(row.client), nullptr) << row.client;
    for (std::size_t i = 0; i < ways().size(); ++i) {
      const std::string& wanted = row.requests[i];
      if (wanted == "-") {
        continue;
      }
      const Way& way = ways().at(i);
      const RunResult run = run_once(failing(row.client, way), "atomic-increment", 1);
      const auto attempts = std::uint32_t{run.history.operations.front().attempts};
      const auto count = static_cast<std::uint32_t>(std::stoul(wanted));
      if (wanted.ends_with('+')) {
        EXPECT_GE(attempts, count) << row.client << ", " << way.column;
      } else {
        EXPECT_EQ(attempts, count) << row.client << ", " << way.column;
      }
      // Told: nobody knows after a reset or a timeout; a refusal or an error is certain. An endless one is told ok in the end.
      const bool in_doubt = way.failure == Failure::reset || way.failure == Failure::timeout;
      const Told told = run.history.operations.front().told;
      if (attempts <= 100) {
        EXPECT_EQ(told, in_doubt ? Told::unknown : Told::failed) << row.client << way.column;
      }
    }
  }
}

// The bounds of the k-th pause, whatever was drawn before it.
std::pair<Duration, Duration> bounds(const RetryPolicy& policy, Failure failure, std::uint16_t k) {
  std::pair<Duration, Duration> found;
  for (const bool high : {false, true}) {
    RetryState state = policy.start();
    Duration pause{};
    for (std::uint16_t attempt = 1; attempt <= k; ++attempt) {
      pause = policy
                  .after({.failure = failure, .attempt = attempt}, state,
                         [high](Duration low, Duration most) { return high ? most : low; })
                  .pause;
    }
    (high ? found.second : found.first) = pause;
  }
  return found;
}

// A measured pause has what the machine needed besides: at most 60 ms; and clocks of 1 ms.
TEST(ClientPresets, pause_as_was_measured) {
  std::size_t compared = 0;
  for (const Measured& row : measured()) {
    for (const std::string& times : split(row.pauses, '/')) {
      const RetryPolicy policy = policy_of(*find_client_preset(row.client));
      const auto way = std::find_if(ways().begin(), ways().end(),
                                    [&row](const Way& it) { return it.column == row.after; });
      ASSERT_NE(way, ways().end()) << row.client;
      std::uint16_t k = 0;
      for (const std::string& time : split(times, ' ')) {
        const auto [low, high] = bounds(policy, way->failure, ++k);
        const Duration pause = milliseconds(std::stol(time));
        EXPECT_GE(pause + milliseconds(1), low) << row.client << ", pause " << k;
        EXPECT_LE(pause, high + milliseconds(60)) << row.client << ", pause " << k;
        ++compared;
      }
    }
  }
  EXPECT_GE(compared, 60U);
}

// ---- docs/clients.md

std::string charges(const std::string& client, const Way& way, const std::string& strategy) {
  const RunResult run = run_once(failing(client, way), strategy, 1);
  const auto charged = (100'000 - run.history.rows[0].final) / 30;
  return charged >= 200 ? "∞" : std::to_string(charged);
}

std::string requests_text(const std::string& client, const Way& way) {
  const RunResult run = run_once(failing(client, way), "atomic-increment", 1);
  const auto attempts = run.history.operations.front().attempts;
  return attempts >= 200 ? "∞" : std::to_string(attempts);
}

std::string matrix() {
  std::string text =
      "| client | refused | reset | timeout | 500 | 503 | 429 | 409 | charged: reset | timeout | "
      "with a key | a new key each |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const ClientPreset& preset : client_presets()) {
    text += "| " + preset.name;
    for (const Way& way : ways()) {
      text += " | " + requests_text(preset.name, way);
    }
    const std::string key = "atomic-increment+idempotency-key";
    text += fmt::format(
        " | {} | {} | {} | {} |\n", charges(preset.name, ways()[1], "atomic-increment"),
        charges(preset.name, ways()[2], "atomic-increment"), charges(preset.name, ways()[1], key),
        charges(preset.name, ways()[1], key + "+new-key-per-attempt"));
  }
  return text;
}

// RACELAB_WRITE_TABLES=1 writes it.
TEST(ClientPresets, stand_in_the_docs_as_they_run) {
  const std::string path = RACELAB_SOURCE_DIR "/docs/clients.md";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  std::string page = text.str();
  const std::size_t begin = page.find("| client |");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = std::min(page.find("\n\n", begin) + 1, page.size());
  const std::string made = matrix();
  if (std::getenv("RACELAB_WRITE_TABLES") != nullptr) {
    std::ofstream(path) << page.substr(0, begin) + made + page.substr(end);
    return;
  }
  EXPECT_EQ(page.substr(begin, end - begin), made);
}

}  // namespace
}  // namespace racelab::lab::client_presets_test
