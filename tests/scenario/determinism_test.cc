// The same inputs give the same bytes: whichever compiler built it, at whatever level, however often it ran before, and
// whether or not anybody keeps the trace. And two strategies under one seed meet the same weather.
//
// The hashes cover every event of a run and are literal, so every build that passes agrees with every other. When what is
// traced changes on purpose, the failure prints the whole new table.
#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/scenario/experiment.h"

namespace racelab::lab::determinism_test {
namespace {

struct Golden {
  std::string scenario;
  std::string fleet;
  std::array<std::uint64_t, 3> hashes{};  // of seeds 1, 2, 3
};

const std::vector<Golden> goldens{
    // clang-format off
    {"two-writers", "atomic-increment", {0xa9eb8ab69516bc61U, 0x798e211fcb9bb308U, 0x907690c03088582aU}},
    {"two-writers", "atomic-increment+idempotency-key", {0xbd6779233f735106U, 0xa0f9092b104c517aU, 0x108adb206d99326fU}},
    {"two-writers", "optimistic-version", {0x0931200ef1fffe98U, 0xe98d19223669b7ccU, 0x1ba7de6525717d2aU}},
    {"two-writers", "optimistic-version+idempotency-key", {0xd5bbed0b84b6b6efU, 0x803303163181f9e4U, 0x71ef31860e7fe7baU}},
    {"two-writers", "pessimistic-lock", {0xda2422283f8b8062U, 0x50bb55381d6ff132U, 0xa33d8742ea04c021U}},
    {"two-writers", "pessimistic-lock+idempotency-key", {0x9439f810f3baaea4U, 0xce99575d9d57171cU, 0x187620f074c555efU}},
    {"two-writers", "read-modify-write", {0x5e64e5d5abfd187aU, 0x86e308b1d45db781U, 0x80a7798682e49173U}},
    {"two-writers", "read-modify-write+idempotency-key", {0xd67392cf6a2bc44aU, 0x4169e4f2c8118a67U, 0xd6ab68f7170326a2U}},
    {"retried-payment", "atomic-increment", {0xee0eed57eaee0ac9U, 0x4883fbae518d5ceaU, 0x6ffcd20684c9ac52U}},
    {"retried-payment", "atomic-increment+idempotency-key", {0x83a5d427d84a6c16U, 0x2f3003f821784898U, 0x688cb879a3f1ff0cU}},
    {"retried-payment", "optimistic-version", {0x986d22baa173f511U, 0x2648e482a479ccd7U, 0xaa54c990acbb4f52U}},
    {"retried-payment", "optimistic-version+idempotency-key", {0x490eb305cc127639U, 0xe841a5aebb29c9eeU, 0x5ef25b580f3d636dU}},
    {"retried-payment", "pessimistic-lock", {0xbf97b59a61faa34cU, 0xa0839afbe1dafaa1U, 0x490175a5f7521a3dU}},
    {"retried-payment", "pessimistic-lock+idempotency-key", {0xddcc22102859ccb5U, 0x28aba964df060d98U, 0x51a034d794cc6ab1U}},
    {"retried-payment", "read-modify-write", {0xa2c08329a8aa8cf2U, 0xb52d54e9fc929f34U, 0x523b87766e4d180aU}},
    {"retried-payment", "read-modify-write+idempotency-key", {0xea7a5ee982c9708cU, 0xffa8e8352582e442U, 0x4d7c95bfa6ab003cU}},
    {"dropped-call", "atomic-increment", {0x20601f2c4563dc79U, 0x301c4eeba3b4c181U, 0x7a194444444146b5U}},
    {"dropped-call", "atomic-increment+idempotency-key", {0x3a75eb80d3311f87U, 0x8d738bb439611cccU, 0xd406c164e417e8f4U}},
    {"dropped-call", "optimistic-version", {0x50f138308f6e148fU, 0xf215f27e1438865aU, 0x3515cb54f6313307U}},
    {"dropped-call", "optimistic-version+idempotency-key", {0x7b6de64d8fbf2545U, 0x70b43ee035e20260U, 0x0e80d6731452a3d1U}},
    {"dropped-call", "pessimistic-lock", {0x9402cd42fe85a04aU, 0x6ff9931472d00617U, 0xdb68fd59ff2dbb91U}},
    {"dropped-call", "pessimistic-lock+idempotency-key", {0xece52635b8df5922U, 0xabe1b8bc1266c89fU, 0x840fbbc6fb362d43U}},
    {"dropped-call", "read-modify-write", {0xd1dd3ac12ae94fbaU, 0xc540832ebed2c89dU, 0x1289841f835f08f8U}},
    {"dropped-call", "read-modify-write+idempotency-key", {0x25e14a258455798bU, 0x5e934cefec424271U, 0x0872859423a9fc58U}},
    {"money-transfer", "optimistic-version", {0x5e8543254e01a453U, 0x9c038c42c207e525U, 0xa814d3ee0de40e4fU}},
    {"money-transfer", "optimistic-version+idempotency-key", {0xb3919b5a992595e2U, 0x801e439dc6e61775U, 0xdca830d709ec5d1bU}},
    {"money-transfer", "pessimistic-lock", {0xe6db0640c278b346U, 0x453313291d623421U, 0xab20ac8df9bf3dc1U}},
    {"money-transfer", "pessimistic-lock+idempotency-key", {0xb9c9dff927d7783dU, 0x23fdeb03e176fe71U, 0x365adc5673028907U}},
    {"money-transfer", "read-modify-write", {0xedd0519f3c4f2eefU, 0x4690093427fcf4faU, 0xd172347ac43c97aaU}},
    {"money-transfer", "read-modify-write+idempotency-key", {0xc5a38c3baaa6fc34U, 0x60933e3163e625beU, 0x3c1105b8e19cbfdbU}},
    {"hot-counter", "atomic-increment", {0x4a19904107888f3aU, 0x6c54cf9df499b80aU, 0xe9f640f24f7628e7U}},
    {"hot-counter", "atomic-increment+idempotency-key", {0xd159c1aeb595e817U, 0xa8c2d472e116e917U, 0x9c079598a99adbc3U}},
    {"hot-counter", "optimistic-version", {0xcba15ec6629fae23U, 0x1b8827b9210b6e28U, 0x1cc51d285f6b81b6U}},
    {"hot-counter", "optimistic-version+idempotency-key", {0x38182285d7aa65a9U, 0xdd6e4cdc5c385224U, 0xd4f4ca845919e3edU}},
    {"hot-counter", "pessimistic-lock", {0x29a3053db12ce18bU, 0x6ce29906325a0083U, 0x3ba23afa21962607U}},
    {"hot-counter", "pessimistic-lock+idempotency-key", {0x1b315fa751799a5fU, 0xcb2283b241fc4459U, 0x0d7435c678676f38U}},
    {"hot-counter", "read-modify-write", {0xff8217279ea9b180U, 0x4563de2395e1acfaU, 0x2b5a05de4741f9cfU}},
    {"hot-counter", "read-modify-write+idempotency-key", {0xcdcd8cab29aaadbaU, 0xa0f0446089fa16b9U, 0x6d8755a3ee8aef44U}},
    {"storm", "atomic-increment", {0x62e90b2db648482cU, 0xdf290e5f688e486cU, 0x320455593cbe8368U}},
    {"storm", "atomic-increment+idempotency-key", {0x5fcc4db80c11c4b0U, 0x7ce58c00a7ebc3b7U, 0x79fcb30a1d6bbf76U}},
    {"storm", "optimistic-version", {0xeb5c0c1b4b224654U, 0x443ce356874d61e4U, 0xc9b66e58da33a78cU}},
    {"storm", "optimistic-version+idempotency-key", {0x579a0591fb96798eU, 0x2b957666a80cd9aaU, 0x0fb24214dfef66bcU}},
    {"storm", "pessimistic-lock", {0x07933deb4dbe160fU, 0x5c6da2f28fc76d9dU, 0xe498b6c9ab090b37U}},
    {"storm", "pessimistic-lock+idempotency-key", {0xae979f68e2b1ff4bU, 0x27f83aa1917d6d6fU, 0x3a4241beed3c9d5cU}},
    {"storm", "read-modify-write", {0x6b40e95e23af398fU, 0xe95f1c3b7d45d9ddU, 0x90dd7055790ce114U}},
    {"storm", "read-modify-write+idempotency-key", {0x013498c7f2cdf1b6U, 0xdd865ad2f897671fU, 0x199d02e0201eeee2U}},
    {"crowd", "atomic-increment", {0x8a82e318393bafe7U, 0xbcc8484e4bbbf5abU, 0xd0a397e89935a5f4U}},
    {"crowd", "atomic-increment+idempotency-key", {0x1b3ac829bfcaa160U, 0xb774b99c88b25b2cU, 0x0adf9b86244cdb4eU}},
    {"crowd", "optimistic-version", {0x8ef9a886483a1c86U, 0x8bc8944ffd55d4a5U, 0x190b214739749b2fU}},
    {"crowd", "optimistic-version+idempotency-key", {0xe98adbba0eb29729U, 0x0d10e8a5cd74a791U, 0xcb584e0aa7544f7bU}},
    {"crowd", "pessimistic-lock", {0x56e8d606bab6e417U, 0xfaa42cde37e39e32U, 0x89ca176ddd30a204U}},
    {"crowd", "pessimistic-lock+idempotency-key", {0x8d1178714be2b2d1U, 0x8a372ec80b860092U, 0x2ce0d749aa922c5eU}},
    {"crowd", "read-modify-write", {0x75ccb06401844762U, 0xe9cb7d8b51eded36U, 0x1f3d5369c7939870U}},
    {"crowd", "read-modify-write+idempotency-key", {0xa8b519fd5fdaa7a4U, 0x6324e258d337a733U, 0x4532fef59be5246bU}},
    // clang-format on
};

// "storm" and "crowd" are no scenarios that ship: everything at once, so that every kind of event is under a hash; the crowd
// is a storm that meets few workers, in every shape that time can have.
Settings settings_named(const std::string& name) {
  if (name == "crowd") {
    return with(settings_named("storm"), {{"clients", "7"},
                                          {"latency-shape", "normal"},
                                          {"latency-spread", "60%"},
                                          {"statement-latency", "400us"},
                                          {"answer-latency", "300us"},
                                          {"service-time", "2ms"},
                                          {"service-time-per-call", "200us"},
                                          {"service-shape", "exponential"},
                                          {"workers", "2"},
                                          {"queue-max", "2"},
                                          {"expired", "drop"},
                                          {"fail-call.rate", "4%"}});
  }
  if (name != "storm") {
    return scenario_settings(name);
  }
  return settings_of({{"clients", "4"},
                      {"operations", "5"},
                      {"lock-timeout", "3ms"},
                      {"timeout", "12ms"},
                      {"jitter", "decorrelated"},
                      {"arrivals", "200/s"},
                      {"lose-request.rate", "4%"},
                      {"lose-reply.rate", "4%"},
                      {"duplicate-delivery.rate", "4%"},
                      {"slow-call.rate", "4%"},
                      {"crash.rate", "4%"},
                      {"lose-session.rate", "4%"}});
}

std::vector<Golden> measure() {
  std::vector<Golden> table;
  for (const std::string scenario : {"two-writers", "retried-payment", "dropped-call",
                                     "money-transfer", "hot-counter", "storm", "crowd"}) {
    const Settings settings = settings_named(scenario);
    for (const std::string_view strategy : all_strategies) {
      for (const std::string wrap : {"", "+idempotency-key"}) {
        const std::string name = std::string(strategy) + wrap;
        const Fleet fleet = fleet_of(name);
        if (!problem_with(fleet.front(), settings).empty()) {
          continue;
        }
        Runner runner(settings, fleet);
        table.push_back({scenario, name, {}});
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
          table.back().hashes[seed - 1] = runner.run(seed).trace_hash;
        }
      }
    }
  }
  return table;
}

std::string text(const std::vector<Golden>& table) {
  std::string text;
  for (const Golden& golden : table) {
    std::array<char, 100> hashes{};
    std::snprintf(hashes.data(), hashes.size(),
                  "0x%016" PRIx64 "U, 0x%016" PRIx64 "U, 0x%016" PRIx64 "U", golden.hashes[0],
                  golden.hashes[1], golden.hashes[2]);
    text +=
        "    {\"" + golden.scenario + "\", \"" + golden.fleet + "\", {" + hashes.data() + "}},\n";
  }
  return text;
}

TEST(Determinism, trace_hashes_are_the_same_everywhere) {
  const std::string measured = text(measure());
  EXPECT_TRUE(measured == text(goldens)) << "the whole table as measured:\n" << measured;
}

// Every run of the storm differs from every other, by fleet and by seed: the hash does see what happens.
TEST(Determinism, different_runs_have_different_hashes) {
  std::map<std::uint64_t, int> seen;
  Runner runner(settings_named("storm"), fleet_of("pessimistic-lock"));
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    ++seen[runner.run_only(seed)];
  }
  EXPECT_EQ(seen.size(), 2'000U);
}

// The storm stirs up every kind of event there is without a crowd, and the crowd the rest (a handler is made slow in
// replays only).
TEST(Determinism, the_storm_and_the_crowd_have_every_kind_of_event) {
  std::map<TraceKind, std::uint64_t> kinds;
  const auto look = [&kinds](const std::string& name) {
    Runner runner(settings_named(name), fleet_of("optimistic-version+idempotency-key"));
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      for (const TraceEvent& event : runner.run(seed, true).trace) {
        ++kinds[event.kind];
      }
    }
  };
  look("storm");
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(TraceKind::told) + 1);
  look("crowd");
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(TraceKind::request_failed));
  EXPECT_EQ(kinds.count(TraceKind::handler_slow), 0U);
}

class SameBytes : public ::testing::TestWithParam<std::string> {};

TEST_P(SameBytes, whether_or_not_the_trace_is_kept) {
  Runner runner(settings_named("storm"), fleet_of(GetParam()));
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const RunResult bare = runner.run(seed, false);
    const RunResult kept = runner.run(seed, true);
    EXPECT_TRUE(bare.trace.empty());
    EXPECT_EQ(kept.trace.size(), kept.events);
    EXPECT_EQ(bare.trace_hash, kept.trace_hash);
    EXPECT_EQ(bare.events, kept.events);
    EXPECT_EQ(bare.happenings, kept.happenings);
    EXPECT_EQ(bare.ended, kept.ended);
    EXPECT_EQ(runner.run_only(seed), kept.trace_hash);
    EXPECT_EQ(runner.run_explained(seed, false).trace_hash, kept.trace_hash);
  }
}

TEST_P(SameBytes, from_a_fresh_runner_and_a_used_one_and_in_any_order_of_seeds) {
  const Settings settings = settings_named("storm");
  const Fleet fleet = fleet_of(GetParam());
  std::map<std::uint64_t, std::uint64_t> fresh;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    fresh[seed] = Runner(settings, fleet).run(seed).trace_hash;
  }
  Runner used(settings, fleet);
  for (std::uint64_t seed = 20; seed >= 1; --seed) {
    EXPECT_EQ(used.run(seed).trace_hash, fresh[seed]) << seed;
  }
  for (std::uint64_t step = 1; step <= 20; ++step) {
    const std::uint64_t seed = (step * 7) % 20 + 1;
    EXPECT_EQ(used.run(seed).trace_hash, fresh[seed]) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Fleets, SameBytes,
    ::testing::Values("read-modify-write", "pessimistic-lock+idempotency-key",
                      "optimistic-version+idempotency-key-after,atomic-increment"),
    [](const auto& cell) { return "fleet_" + std::to_string(cell.index); });

// ---- the weather

// Which hop of which attempt: client, operation, attempt.
using Hop = std::tuple<std::uint32_t, std::uint32_t, std::uint16_t>;

struct Weather {
  std::map<Hop, std::int64_t> request_took;  // microseconds from sent to arrived, lost or slow
  std::map<Hop, TraceKind> request_met;      // arrived, lost or slow
};

Weather weather_of(const RunResult& run) {
  Weather weather;
  std::map<Hop, std::int64_t> sent;
  for (const TraceEvent& event : run.trace) {
    const Hop hop{event.operation.client, event.operation.operation, event.attempt};
    if (event.kind == TraceKind::request_sent) {
      sent[hop] = event.at.microseconds;
    }
    const bool met = event.kind == TraceKind::request_lost ||
                     event.kind == TraceKind::request_slow ||
                     event.kind == TraceKind::handler_started;
    if (met && event.copy == 0 && weather.request_met.emplace(hop, event.kind).second) {
      weather.request_took[hop] = event.at.microseconds - sent[hop];
    }
  }
  return weather;
}

// Every attempt that both made took as long, and met the same end. Answers how many those were.
std::size_t same_weather(const Weather& one, const Weather& other) {
  std::size_t both = 0;
  for (const auto& [hop, took] : one.request_took) {
    const auto place = other.request_took.find(hop);
    if (place != other.request_took.end()) {
      ++both;
      EXPECT_EQ(took, place->second);
      EXPECT_EQ(one.request_met.at(hop), other.request_met.at(hop));
    }
  }
  return both;
}

const Lines windy{{"clients", "3"},          {"operations", "10"},
                  {"attempts-max", "4"},     {"lose-request.rate", "15%"},
                  {"slow-call.rate", "10%"}, {"lose-reply.rate", "10%"}};

TEST(Weather, two_strategies_under_one_seed_meet_the_same) {
  std::size_t both = 0;
  std::size_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Settings settings = settings_of(windy);
    const Weather one = weather_of(run_once(settings, "atomic-increment", seed));
    for (const std::string other : {"pessimistic-lock+idempotency-key", "optimistic-version"}) {
      both += same_weather(one, weather_of(run_once(settings, other, seed)));
    }
    for (const auto& [hop, met] : one.request_met) {
      lost += met == TraceKind::request_lost ? 1 : 0;
    }
  }
  EXPECT_GE(both, 20U * 2 * 30);  // every operation's first attempt at least
  EXPECT_GT(lost, 60U);           // of 600 first attempts 15% are 90
}

// A fault that was not there before adds its own draws and leaves those of the others as they were. (These two strike
// statements: one happening meets one fault at most, so another fault of requests could take the place of one that was.)
TEST(Weather, one_more_fault_does_not_reshuffle_the_rest) {
  std::size_t both = 0;
  std::size_t struck_anew = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Settings before = settings_of(windy);
    const Settings after = with(before, {{"crash.rate", "5%"}, {"lose-session.rate", "5%"}});
    const RunResult calm = run_once(before, "optimistic-version", seed);
    const RunResult rough = run_once(after, "optimistic-version", seed);
    both += same_weather(weather_of(calm), weather_of(rough));
    struck_anew += struck(rough, FaultKind::crash) + struck(rough, FaultKind::lose_session);
  }
  EXPECT_GE(both, 20U * 30);
  EXPECT_GT(struck_anew, 100U);
}

// More of a fault strikes where less of it struck, and elsewhere besides.
TEST(Weather, a_higher_rate_strikes_all_that_a_lower_one_does) {
  const auto lost = [](const std::string& rate, std::uint64_t seed) {
    const RunResult run = run_once(settings_of({{"clients", "3"},
                                                {"operations", "20"},
                                                {"attempts-max", "1"},
                                                {"lose-request.rate", rate}}),
                                   "atomic-increment", seed);
    std::set<Hop> hops;
    for (const auto& [hop, met] : weather_of(run).request_met) {
      if (met == TraceKind::request_lost) {
        hops.insert(hop);
      }
    }
    return hops;
  };
  std::size_t few = 0;
  std::size_t many = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const std::set<Hop> at_10 = lost("10%", seed);
    const std::set<Hop> at_30 = lost("30%", seed);
    EXPECT_TRUE(std::includes(at_30.begin(), at_30.end(), at_10.begin(), at_10.end())) << seed;
    few += at_10.size();
    many += at_30.size();
  }
  // 600 requests: 60 and 180, within four standard deviations (7.3 and 11.2).
  EXPECT_NEAR(static_cast<double>(few), 60, 30);
  EXPECT_NEAR(static_cast<double>(many), 180, 45);
}

// Another seed is other weather.
TEST(Weather, changes_with_the_seed) {
  const Settings settings = settings_of(windy);
  EXPECT_NE(weather_of(run_once(settings, "atomic-increment", 1)).request_took,
            weather_of(run_once(settings, "atomic-increment", 2)).request_took);
}

}  // namespace
}  // namespace racelab::lab::determinism_test
