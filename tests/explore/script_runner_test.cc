// Timed runs of endpoints in SQL against exploration: what a run comes to, exploration lists, and both judge it alike.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "sim/cli/script_scenario.h"
#include "sim/explore/script_explore.h"
#include "sim/explore/script_runner.h"
#include "sim/scenario/embedded.h"

namespace racelab::script_runner_test {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

parse::ScriptScenario counter(const char* endpoint, const Settings& settings) {
  parse::FolderTexts texts;
  texts.name = "test";
  texts.setup = {"setup.sql",
                 "create table t (id int primary key, n int not null);"
                 "insert into t values (1, 0);"};
  texts.endpoints.emplace_back("e", parse::Source{"e.sql", endpoint});
  return parse::compile(texts, settings);
}

std::shared_ptr<const ScriptSetup> shared_setup(const parse::ScriptScenario& scenario,
                                                const std::string& strategy) {
  return std::make_shared<const ScriptSetup>(parse::setup_of(scenario, strategy));
}

constexpr const char* read_modify_write =
    "select n from t where id = 1 \\gset\n"
    "update t set n = :n + 1 where id = 1;\n";

// What everybody was told and what the tables hold, up to times and generated numbers.
std::string came_to(const ScriptEnding& ending) {
  std::string text;
  const auto add = [&text](const sql::Value& value) {
    const bool named = !value.is_null && value.generator != 0;
    text += (named ? "#" : value.type == sql::Type::timestamptz ? "@" : sql::to_text(value)) + ' ';
  };
  for (const ScriptOperation& it : ending.operations) {
    text += std::to_string(static_cast<int>(it.told)) + ' ' +
            (it.answered() ? std::to_string(it.reply.status) : "") + ": ";
    for (std::size_t i = 0; it.answered() && i < it.reply.values.size(); ++i) {
      add(it.reply.values[i]);
    }
    for (const auto& rows : it.reply.rows) {
      text += it.answered() ? std::to_string(rows.size()) + " rows " : "";
    }
  }
  for (const auto& table : ending.contents) {
    text += "; ";
    std::vector<std::string> rows;
    for (const sql::Values& row : table) {
      const std::string before = std::move(text);
      text.clear();
      std::for_each(row.begin(), row.end(), add);
      rows.push_back(text);
      text = before;
    }
    std::sort(rows.begin(), rows.end());
    for (const std::string& row : rows) {
      text += row + '|';
    }
  }
  return text + (ending.stuck > 0 ? " stuck" : "");
}

TEST(ScriptRunner, a_run_is_wrong_when_an_update_is_lost) {
  const auto setup = shared_setup(counter(read_modify_write, {{"clients", "2"}}), "e");
  ScriptRunner runner(setup);
  std::map<std::int64_t, int> by_sum;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const RunResult result = runner.run(seed, false, true);
    const std::int64_t n = result.scripts->ending.contents[0][0][1].number;
    ++by_sum[n];
    EXPECT_EQ(result.verdict, n == 2 ? Verdict::holds : Verdict::violated) << seed;
    EXPECT_EQ(result.scripts->circle.name, n == 2 ? "" : "lost update") << seed;
    EXPECT_EQ(result.counts.service.statements, 4U);
    EXPECT_FALSE(result.scripts->ending.by_dependency);
  }
  EXPECT_GT(by_sum[1], 0);
  EXPECT_GT(by_sum[2], 0);
  EXPECT_EQ(by_sum[1] + by_sum[2], 100);
}

TEST(ScriptRunner, the_same_seed_is_the_same_run) {
  const auto setup =
      shared_setup(counter(read_modify_write,
                           {{"clients", "4"}, {"operations", "3"}, {"lose-reply.rate", "20%"}}),
                   "e");
  ScriptRunner one(setup);
  ScriptRunner other(setup);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunResult first = one.run(seed);
    const RunResult second = other.run(seed, true, true);
    EXPECT_EQ(first.trace_hash, second.trace_hash);
    EXPECT_EQ(first.verdict, second.verdict);
    EXPECT_EQ(came_to(first.scripts->ending), came_to(second.scripts->ending));
  }
}

TEST(ScriptRunner, many_increments_are_right_and_many_lost_updates_are_not) {
  // 20 x 10 operations are too many for all sequences: the commits give the one that explains them.
  const Settings many{{"clients", "20"}, {"operations", "10"}};
  ScriptRunner right(shared_setup(counter("update t set n = n + 1 where id = 1;", many), "e"));
  const RunResult good = right.run(1);
  EXPECT_EQ(good.verdict, Verdict::holds);
  EXPECT_EQ(good.scripts->ending.contents[0][0][1].number, 200);
  EXPECT_EQ(good.scripts->ending.sequence.size(), 200U);

  ScriptRunner wrong(shared_setup(counter(read_modify_write, many), "e"));
  const RunResult bad = wrong.run(1);
  EXPECT_EQ(bad.verdict, Verdict::violated);
  EXPECT_TRUE(bad.scripts->ending.by_dependency);
  EXPECT_EQ(bad.scripts->circle.name, "lost update");
}

TEST(ScriptRunner, random_numbers_are_drawn_from_the_seed) {
  const auto setup = shared_setup(counter("\\set by random(1, 6)\n"
                                          "update t set n = n + :by where id = 1;\n",
                                          {{"clients", "1"}, {"operations", "8"}}),
                                  "e");
  ScriptRunner runner(setup);
  std::map<std::int64_t, int> sums;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunResult result = runner.run(seed);
    EXPECT_EQ(result.verdict, Verdict::holds) << "an explaining sequence draws the same";
    const std::int64_t n = result.scripts->ending.contents[0][0][1].number;
    EXPECT_GE(n, 8);
    EXPECT_LE(n, 48);
    ++sums[n];
  }
  EXPECT_GT(sums.size(), 5U);
}

// Both engines, every built-in scenario and strategy, three levels, a fault of each kind.
class AgainstExploration : public testing::TestWithParam<std::string> {};

TEST_P(AgainstExploration, a_run_comes_to_what_exploration_lists) {
  const parse::FolderTexts texts = load_folder(GetParam());
  std::size_t compared = 0;
  for (const char* isolation : {"read-committed", "repeatable-read", "serializable"}) {
    const parse::ScriptScenario scenario =
        parse::compile(texts, {{"isolation", isolation}, {"time-passes.max", "0"}});
    for (const std::string& strategy : scenario.strategies) {
      const auto setup = shared_setup(scenario, strategy);
      ExploreOptions options;
      options.limits.states = 50'000;
      options.examples = false;
      const ScriptExploration all = explore(*setup, options);
      if (!all.complete()) {
        continue;
      }
      std::map<std::string, bool> listed;  // whether it is wrong
      for (const ScriptOutcome& outcome : all.outcomes) {
        listed[came_to(*outcome.ending)] = outcome.violated();
      }
      ScriptRunner runner(setup);
      for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const RunResult result = runner.run(seed);
        const std::string end = came_to(result.scripts->ending);
        ASSERT_TRUE(listed.contains(end))
            << GetParam() << ' ' << strategy << ' ' << isolation << " seed " << seed << '\n'
            << end;
        EXPECT_EQ(result.verdict == Verdict::violated, listed[end])
            << GetParam() << ' ' << strategy << ' ' << isolation << " seed " << seed << '\n'
            << end;
        ++compared;
      }
    }
  }
  // At least three strategies, where there are so many: at three levels, forty seeds each.
  EXPECT_GE(compared, 120U * std::min<std::size_t>(3, texts.endpoints.size()));
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const ListedScenario& it : listed_script_scenarios()) {
    names.push_back(it.name);
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(ScriptRunner, AgainstExploration, testing::ValuesIn(scenarios()),
                         [](const auto& name) {
                           std::string made = name.param;
                           std::replace(made.begin(), made.end(), '-', '_');
                           return made;
                         });

}  // namespace
}  // namespace racelab::script_runner_test
