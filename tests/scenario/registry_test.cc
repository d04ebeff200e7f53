// What is plugged in: names unique and sorted whatever the link order, nothing of the folders left out, the grammar of
// fleets, and verdicts derived from what each side states.
#include "sim/scenario/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/options.h"

namespace racelab::lab::registry_test {
namespace {

template <class Entry>
std::vector<std::string> names_of(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) {
    names.push_back(entry.name);
  }
  return names;
}

// The files of a folder with that ending, without it, sorted.
std::vector<std::string> files_in(const std::string& folder, std::string_view ending) {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(RACELAB_SOURCE_DIR) + "/" + folder)) {
    if (entry.path().extension() == ending) {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

const Strategy& strategy(std::string_view name) {
  return *std::find_if(strategies().begin(), strategies().end(),
                       [name](const Strategy& s) { return s.name == name; });
}
const Protection& protection(std::string_view name) {
  return *std::find_if(protections().begin(), protections().end(),
                       [name](const Protection& p) { return p.name == name; });
}

Settings settings_at(Isolation isolation, std::string_view workload = "increment") {
  Settings settings;
  settings.isolation = isolation;
  settings.workload =
      static_cast<std::uint32_t>(*parse_value(*find_option("workload"), workload).value);
  return settings;
}

Combination combination(std::string_view text) { return parse_fleet(text).fleet.front(); }

TEST(Registry, is_sorted_by_unique_names) {
  for (const std::vector<std::string>& names :
       {names_of(strategies()), names_of(protections()), names_of(workloads())}) {
    EXPECT_FALSE(names.empty());
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  }
}

TEST(Registry, holds_each_file_of_the_folders_under_its_name) {
  std::vector<std::string> plugged = names_of(strategies());
  for (const std::string& name : names_of(protections())) {
    plugged.push_back(name);
  }
  std::sort(plugged.begin(), plugged.end());
  EXPECT_EQ(plugged, files_in("strategies", ".cc"));
  EXPECT_EQ(names_of(workloads()), files_in("scenarios/workloads", ".cc"));
}

TEST(Registry, has_one_sentence_for_each_entry) {
  const auto expect_sentence = [](const std::string& name, const std::string& sentence) {
    EXPECT_TRUE(sentence.ends_with('.')) << name << ": " << sentence;
    EXPECT_EQ(sentence.find('\n'), std::string::npos) << name;
  };
  for (const Strategy& each : strategies()) {
    expect_sentence(each.name, each.sentence);
    EXPECT_NE(each.handle, nullptr) << each.name;
  }
  for (const Protection& each : protections()) {
    expect_sentence(each.name, each.sentence);
  }
  for (const WorkloadEntry& each : workloads()) {
    expect_sentence(each.name, each.sentence);
    EXPECT_EQ(each.invariant.empty(), each.keeps_invariant == nullptr) << each.name;
  }
}

TEST(RegistryDeathTest, refuses_a_name_that_is_taken) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      RegisteredStrategy(Strategy(strategy("read-modify-write"))), testing::ExitedWithCode(2),
      "racelab: two files register the name 'read-modify-write'; each needs one of its own");
  EXPECT_EXIT(RegisteredProtection(Protection(protection("idempotency-key"))),
              testing::ExitedWithCode(2), "'idempotency-key'");
}

TEST(Fleet, is_read_and_written_the_same) {
  std::vector<std::string> texts;
  for (const Strategy& each : strategies()) {
    texts.push_back(each.name);
    for (const Protection& wrap : protections()) {
      texts.push_back(each.name + "+" + wrap.name);
      texts.push_back(each.name + "+" + wrap.name + "," + strategies().front().name);
    }
  }
  texts.emplace_back("atomic-increment+idempotency-key+new-key-per-attempt");
  texts.emplace_back("read-modify-write,read-modify-write,atomic-increment");
  for (const std::string& text : texts) {
    const ParsedFleet parsed = parse_fleet(text);
    EXPECT_EQ(parsed.problem, "") << text;
    EXPECT_EQ(name_of(parsed.fleet), text);
  }
}

TEST(Fleet, keeps_the_order_of_clients_and_of_protections) {
  const Fleet fleet =
      parse_fleet("pessimistic-lock,atomic-increment+idempotency-key+new-key-per-attempt").fleet;
  ASSERT_EQ(fleet.size(), 2U);
  EXPECT_EQ(fleet[0].strategy, &strategy("pessimistic-lock"));
  EXPECT_TRUE(fleet[0].protections.empty());
  EXPECT_EQ(fleet[1].strategy, &strategy("atomic-increment"));
  EXPECT_EQ(fleet[1].protections,
            (std::vector<const Protection*>{&protection("idempotency-key"),
                                            &protection("new-key-per-attempt")}));
}

TEST(Fleet, that_is_written_wrongly_is_told_where) {
  const struct {
    const char* text;
    const char* problem;
  } mistakes[] = {
      {"",
       "a name is missing in '': strategies are written as in atomic-increment, in "
       "atomic-increment+idempotency-key, or with commas for clients that differ"},
      {"atomic-increment,",
       "a name is missing in 'atomic-increment,': strategies are written as in atomic-increment, "
       "in "
       "atomic-increment+idempotency-key, or with commas for clients that differ"},
      {"atomic-increment,,read-modify-write",
       "a name is missing in 'atomic-increment,,read-modify-write': strategies are written as in "
       "atomic-increment, in "
       "atomic-increment+idempotency-key, or with commas for clients that differ"},
      {"atomic-increment+",
       "a name is missing in 'atomic-increment+': strategies are written as in atomic-increment, "
       "in "
       "atomic-increment+idempotency-key, or with commas for clients that differ"},
      {"+idempotency-key",
       "a name is missing in '+idempotency-key': strategies are written as in atomic-increment, in "
       "atomic-increment+idempotency-key, or with commas for clients that differ"},
      {"atomic-increment +idempotency-key",
       "there is no strategy 'atomic-increment '; did you mean 'atomic-increment'?"},
      {"Atomic-Increment",
       "there is no strategy 'Atomic-Increment'; did you mean "
       "'atomic-increment'?"},
      {"read-modify-write,pessimistic-locks",
       "there is no strategy 'pessimistic-locks'; did you mean 'pessimistic-lock'?"},
      {"atomic-increment+idempotency-keys",
       "there is no protection 'idempotency-keys'; did you mean 'idempotency-key'?"},
      {"new-key-per-attempt",
       "'new-key-per-attempt' is a protection: it wraps a strategy, as in "
       "read-modify-write+new-key-per-attempt"},
      {"atomic-increment+read-modify-write",
       "'read-modify-write' is a strategy, no protection: clients that differ are written with a "
       "comma, as in atomic-increment,read-modify-write"},
      {"atomic-increment+idempotency-key+new-key-per-attempt+idempotency-key",
       "'idempotency-key' stands twice in "
       "'atomic-increment+idempotency-key+new-key-per-attempt+idempotency-key'"},
      {"atomic-increment+idempotency-key-before+idempotency-key",
       "'atomic-increment+idempotency-key-before+idempotency-key' records the idempotency key "
       "more than once; keep one of them"},
  };
  for (const auto& [text, problem] : mistakes) {
    EXPECT_EQ(parse_fleet(text).problem, problem) << text;
  }
}

TEST(Combination, that_no_single_statement_can_express_is_refused_for_that_workload_only) {
  const Combination atomic = combination("atomic-increment+idempotency-key");
  EXPECT_EQ(problem_with(atomic, settings_at(Isolation::autocommit, "transfer")),
            "atomic-increment does not apply: no single UPDATE can express the workload "
            "'transfer'");
  EXPECT_EQ(problem_with(atomic, settings_at(Isolation::autocommit, "charge")), "");
  EXPECT_EQ(problem_with(atomic, settings_at(Isolation::autocommit, "increment")), "");
  EXPECT_EQ(problem_with(combination("read-modify-write"),
                         settings_at(Isolation::autocommit, "transfer")),
            "");
}

TEST(Combination,
     that_needs_a_transaction_gets_read_committed_at_autocommit_and_no_less_elsewhere) {
  const struct {
    const char* text;
    const char* workload;
    Isolation at_autocommit;
  } cases[] = {
      {"read-modify-write", "increment", Isolation::autocommit},
      {"read-modify-write", "transfer", Isolation::autocommit},
      {"atomic-increment", "increment", Isolation::autocommit},
      {"optimistic-version", "increment", Isolation::autocommit},
      {"optimistic-version", "transfer", Isolation::read_committed},
      {"pessimistic-lock", "increment", Isolation::read_committed},
      {"read-modify-write+idempotency-key", "increment", Isolation::read_committed},
      {"read-modify-write+idempotency-key-after", "increment", Isolation::autocommit},
      {"read-modify-write+idempotency-key-before", "increment", Isolation::autocommit},
      {"read-modify-write+new-key-per-attempt", "increment", Isolation::autocommit},
  };
  for (const auto& [text, workload, at_autocommit] : cases) {
    SCOPED_TRACE(std::string(text) + " " + workload);
    const Combination each = combination(text);
    EXPECT_EQ(each.isolation(settings_at(Isolation::autocommit, workload)), at_autocommit);
    for (const Isolation level : {Isolation::read_committed, Isolation::repeatable_read}) {
      EXPECT_EQ(each.isolation(settings_at(level, workload)), level);
    }
  }
}

TEST(Combination, withstands_what_its_parts_state) {
  const Hazards nothing;
  const Hazards race{Hazard::race};
  const Hazards all{Hazard::race, Hazard::repeat, Hazard::overlap, Hazard::crash};
  const Hazards but_race{Hazard::repeat, Hazard::overlap, Hazard::crash};
  const struct {
    const char* text;
    Hazards withstood;
  } cases[] = {
      {"read-modify-write", nothing},
      {"atomic-increment", race},
      {"optimistic-version", race},
      {"pessimistic-lock", race},
      {"read-modify-write+idempotency-key", but_race},
      {"pessimistic-lock+idempotency-key", all},
      {"atomic-increment+idempotency-key-after", {Hazard::race, Hazard::repeat}},
      {"atomic-increment+idempotency-key-before", {Hazard::race, Hazard::repeat, Hazard::overlap}},
      {"atomic-increment+new-key-per-attempt", race},
  };
  for (const auto& [text, withstood] : cases) {
    EXPECT_EQ(combination(text).withstands(settings_at(Isolation::autocommit)), withstood) << text;
  }
}

TEST(Combination, withstands_some_hazards_only_from_an_isolation_level_up) {
  const Combination each = combination("read-modify-write");
  EXPECT_FALSE(each.withstands(settings_at(Isolation::autocommit)).contain(Hazard::race));
  EXPECT_FALSE(each.withstands(settings_at(Isolation::read_committed)).contain(Hazard::race));
  EXPECT_TRUE(each.withstands(settings_at(Isolation::repeatable_read)).contain(Hazard::race));
}

TEST(Combination, is_hurt_where_a_conflict_is_retried_by_a_key_that_is_recorded_too_early) {
  const Hazards key_only{Hazard::repeat, Hazard::overlap};
  const auto key_alone = [&key_only](const char* name, const Settings& settings) {
    return combination(name).withstands(settings) == key_only;
  };
  const char* optimistic = "optimistic-version+idempotency-key-before";
  const char* atomic = "atomic-increment+idempotency-key-before";
  // Three tries fail when three other operations come in between: with four clients they can.
  Settings settings = settings_at(Isolation::autocommit);
  settings.clients = 3;
  EXPECT_FALSE(key_alone(optimistic, settings));
  settings.clients = 4;
  EXPECT_TRUE(key_alone(optimistic, settings));
  EXPECT_FALSE(key_alone(atomic, settings));
  // Who sends another key each time is never taken for done.
  EXPECT_TRUE(combination("optimistic-version+idempotency-key-before+new-key-per-attempt")
                  .withstands(settings)
                  .contain(Hazard::race));
  settings.isolation = Isolation::repeatable_read;
  EXPECT_TRUE(key_alone(atomic, settings));
  // A wait for a lock that ends is a conflict at once; at autocommit nobody holds one.
  settings = settings_at(Isolation::autocommit);
  settings.lock_timeout = milliseconds(5);
  EXPECT_FALSE(key_alone(atomic, settings));
  settings.isolation = Isolation::read_committed;
  EXPECT_TRUE(key_alone(atomic, settings));
}

// A client that changes its key with every attempt does so wherever the name stands, and no key helps it.
TEST(Combination, is_the_same_wherever_the_habit_of_its_clients_is_named) {
  const Settings settings = settings_at(Isolation::autocommit);
  for (const char* name : {"atomic-increment+idempotency-key+new-key-per-attempt",
                           "atomic-increment+new-key-per-attempt+idempotency-key"}) {
    EXPECT_EQ(combination(name).withstands(settings), Hazards{Hazard::race}) << name;
  }
}

}  // namespace
}  // namespace racelab::lab::registry_test
