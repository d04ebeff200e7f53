// Tokens of orders of endpoints in SQL: they come back as they were, and whatever is wrong with one is told.
#include "sim/cli/script_token.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/cli/usage_error.h"
#include "sim/explore/script_explore.h"
#include "sim/kernel/random.h"
#include "tests/cli/command.h"
#include "tests/cli/folder.h"

namespace racelab::lab::script_token_test {
namespace {

LoadedScripts scripts_of(const std::string& name, const Flags& flags = {}) {
  Arguments arguments;
  arguments.names = {name};
  return load_scripts(load_script_files(arguments), flags);
}

ScriptOrderReport read(const std::string& token) {
  Arguments arguments;
  arguments.names = {token};
  return read_script_token(parts_of_token(token), arguments, Limits{}).order;
}

// A token is read as the order that it was made of.
void expect_round_trip(const LoadedScripts& scripts, const std::string& strategy,
                       const ScriptOrder& order) {
  const std::string token = token_of(scripts, strategy, order.issued, order.word());
  EXPECT_EQ(token.find_first_of(" '\"$&|;<>()`\\*?!#{}[]\n"), std::string::npos) << token;
  const ScriptOrderReport again = read(token);
  EXPECT_EQ(again.token, token);
  EXPECT_EQ(again.strategy, strategy);
  EXPECT_EQ(again.order.word(), order.word()) << token;
  EXPECT_EQ(again.order.issued, order.issued) << token;
  EXPECT_EQ(again.order.outcome.contents, order.outcome.contents) << token;
  EXPECT_EQ(again.order.outcome.told, order.outcome.told) << token;
  EXPECT_EQ(again.order.outcome.rest, order.outcome.rest) << token;
  EXPECT_EQ(again.order.outcome.violated(), order.outcome.violated()) << token;
}

TEST(ScriptToken, every_smallest_counterexample_comes_back) {
  std::size_t read_back = 0;
  for (const ListedScenario& scenario : listed_script_scenarios()) {
    const LoadedScripts scripts = scripts_of(scenario.name);
    for (const std::string& strategy : scripts.scenario.strategies) {
      ExploreOptions options;
      options.limits.states = 200'000;
      const ScriptExploration found = explore(*experiment_of(scripts, strategy).setup, options);
      if (found.counterexample) {
        expect_round_trip(scripts, strategy, *found.counterexample);
        ++read_back;
      }
    }
  }
  EXPECT_GT(read_back, 40U);
}

// With every fault at once, whatever is possible is taken at random, to the end.
TEST(ScriptToken, orders_at_random_come_back_and_are_themselves_under_themselves) {
  const Flags storm{
      {"lose-reply.max", "1"},         {"lose-request.max", "1"}, {"slow-call.max", "1"},
      {"duplicate-delivery.max", "1"}, {"crash.max", "1"},        {"lose-session.max", "1"},
      {"time-passes.max", "1"},        {"faults-max", "3"},       {"lock-timeout", "5ms"},
      {"attempts-max", "2"},           {"clients", "3"}};
  const std::vector<std::pair<std::string, std::string>> places{
      {"oversold-stock", "read-then-write"}, {"oversold-stock", "select-for-update"},
      {"transfers", "as-they-come"},         {"unique-username", "with-unique-key"},
      {"job-queue", "take-skip-locked"},     {"lease-lock", "acquire:write:release"},
      {"outbox", "buy:relay-unlocked"},      {"comments", "reply,remove"}};
  std::size_t with_ways = 0;
  std::size_t with_faults = 0;
  for (std::uint32_t place = 0; place < places.size(); ++place) {
    const auto& [name, strategy] = places[place];
    const LoadedScripts scripts = scripts_of(name, storm);
    const ScriptExperiment experiment = experiment_of(scripts, strategy);
    const ScriptSetup& setup = *experiment.setup;
    OneAtATime rule(setup);
    for (std::uint32_t round = 0; round < 10; ++round) {
      ScriptModel model(setup, rule);
      ScriptWalker walker(model);
      const Random random(place + 1);
      for (std::uint32_t step = 0; !walker.ended(); ++step) {
        const std::vector<ScriptMove> next = walker.next();
        const DrawName draw{.client = round, .index = step};
        walker.take(next[random.bits(draw) % next.size()].step);
        ASSERT_FALSE(model.overflowed());
      }
      const std::vector<std::uint32_t> issued = all_issued(setup);
      const ScriptOrder order = drawn_order(setup, rule, issued, walker.moves());
      const std::string word = order.word();
      with_ways += word.find('w') != std::string::npos ? 1 : 0;
      with_faults += order.faults > 0 ? 1 : 0;
      const FollowedScript followed = follow(setup, rule, issued, word, Behind::nothing);
      ASSERT_EQ(followed.problem, "") << name << ' ' << word;
      EXPECT_TRUE(followed.ended) << word;
      EXPECT_EQ(word_of(followed.moves), word);
      const ScriptOrder again = drawn_order(setup, rule, issued, followed.moves);
      EXPECT_EQ(again.outcome.rest, order.outcome.rest) << word;
      EXPECT_EQ(again.outcome.contents, order.outcome.contents) << word;
      const ScriptSameOrder same = same_order(setup, rule, issued, walker.moves(), 1'000);
      EXPECT_TRUE(same.exactly()) << name << ' ' << word << " became " << word_of(same.moves);
      EXPECT_EQ(word_of(same.moves), word);
    }
  }
  EXPECT_GT(with_ways, 0U);
  EXPECT_GT(with_faults, 40U);
}

TEST(ScriptToken, settings_that_differ_stand_in_it_and_nothing_else) {
  const auto settings_part = [](const std::string& name, const std::string& strategy,
                                const Flags& flags) {
    const LoadedScripts scripts = scripts_of(name, flags);
    const std::vector<std::uint32_t> all = all_issued(parse::setup_of(scripts.scenario, strategy));
    const std::string token = token_of(scripts, strategy, all, "AB");
    return token.substr(0, token.rfind(':'));
  };
  const std::string start = std::string(RACELAB_VERSION) + ':';
  EXPECT_EQ(settings_part("oversold-stock", "read-then-write", {}),
            start + "oversold-stock:read-then-write::AB");
  // What the scenario says anyway, and what only `verify` reads.
  EXPECT_EQ(
      settings_part("oversold-stock", "read-then-write",
                    {{"clients", "2"}, {"isolation", "read-committed"}, {"hazards", "crash"}}),
      start + "oversold-stock:read-then-write::AB");
  EXPECT_EQ(settings_part("lease-lock", "acquire:write:release",
                          {{"isolation", "serializable"}, {"time-passes.by", "90s"}}),
            start +
                "lease-lock:acquire.write.release:time-passes.by=90s~"
                "isolation=serializable:AB");
  EXPECT_EQ(settings_part("comments", "reply,remove", {{"param.body", "it's \xC3\xA9,so & so"}}),
            start + "comments:reply,remove:param.body=it%27s%20%C3%A9,so%20%26%20so:AB");
}

TEST(ScriptToken, escapes_are_read_back) {
  std::string all;
  for (int c = 1; c < 256; ++c) {
    all += static_cast<char>(c);
  }
  EXPECT_EQ(unescaped_part(escaped_part(all)), all);
  EXPECT_EQ(escaped_part("a.b:c d"), "a.b%3Ac%20d");
  EXPECT_THROW(unescaped_part("%G0"), UsageError);
  EXPECT_THROW(unescaped_part("%2"), UsageError);
}

std::string with_checksum(const std::string& text) { return text_of(parts_of_token(text)); }

// A token of the version that is running, with a checksum that fits.
std::string made(const std::string& scenario, const std::string& fleet,
                 const std::vector<std::pair<std::string, std::string>>& settings,
                 const std::string& word) {
  TokenParts parts;
  parts.scenario = scenario;
  parts.fleet = fleet;
  parts.settings = settings;
  parts.word = word;
  return text_of(parts);
}

TEST(ScriptToken, what_is_wrong_with_one_is_told) {
  const auto refused = [](const std::string& arguments) {
    const CommandResult result = racelab_of("replay " + arguments);
    EXPECT_EQ(code(result), 2) << arguments;
    EXPECT_EQ(result.output, "");
    return result.errors;
  };
  const std::string good = made("oversold-stock", "read-then-write", {}, "ABBBBAAA");
  EXPECT_EQ(with_checksum(good), good);
  EXPECT_EQ(code(racelab_of("replay " + good)), 1);
  std::string damaged = good;
  damaged[damaged.find("ABBBB")] = 'B';
  EXPECT_NE(refused(damaged).find("the token is damaged: its last part should be "),
            std::string::npos);
  EXPECT_EQ(refused("0.0.9" + good.substr(good.find(':'))).find("racelab: the token is damaged"),
            0U);
  EXPECT_EQ(refused(made("oversold-stock", "read-then-write", {}, "ABBBB")),
            "racelab: in the token: the order 'ABBBB' stops too early: after it something can "
            "still happen\n");
  EXPECT_EQ(refused(made("oversold-stock", "read-then-write", {}, "ABBBBAAAA")),
            "racelab: in the token: the order is over at letter 9, before 'A'\n");
  EXPECT_EQ(refused(made("oversold-stock", "read-then-write", {}, "ACB")),
            "racelab: in the token: at letter 2 of the order, 'C' cannot come; what can is A, B\n");
  EXPECT_EQ(refused(made("oversold-stock", "read-then-writ", {}, "AB")),
            "racelab: in the token: there is no endpoint 'read-then-writ' in oversold-stock; did "
            "you mean 'read-then-write'?\n");
  EXPECT_EQ(refused(made("oversold-stock", "read-then-write", {{"clents", "3"}}, "AB")),
            "racelab: in the token: there is no setting 'clents'; did you mean 'clients'?\n");
  EXPECT_EQ(refused(made("oversold-stock", "read-then-write", {{"clients", "%4"}}, "AB")),
            "racelab: in the token: '%4' is no character: two hexadecimal digits were expected\n");
  EXPECT_EQ(refused(made("oversold-stok", "read-then-write", {}, "AB")),
            "racelab: there is no scenario 'oversold-stok'; did you mean 'oversold-stock'?\n");
  EXPECT_EQ(refused(made("oversold-stock", "read-then-write", {{"issued", "1.1.1"}}, "AB")),
            "racelab: in the token: 'issued' must have a number for each client, at most that of "
            "its operations\n");
  EXPECT_EQ(refused(good + " ./shop"),
            "racelab: the token names its scenario, oversold-stock: it goes with no other files\n");
  EXPECT_EQ(refused(good + " --strategy guarded-updat"),
            "racelab: there is no endpoint 'guarded-updat' in oversold-stock; did you mean "
            "'guarded-update'?\n");
  EXPECT_EQ(refused(good + " --isolation none"),
            "racelab: isolation must be one of autocommit, read-committed, repeatable-read, "
            "serializable, not 'none'\n");
}

TEST(ScriptToken, a_folder_of_ones_own_goes_with_its_token) {
  const TestFolder folder;
  folder.write("setup.sql",
               "create table t (id int primary key, n int not null);\n"
               "insert into t values (1, 0);\n");
  const std::string read = "select n from t where id = 1 \\gset\n";
  folder.write("add.sql", read + "update t set n = :n + 1 where id = 1;\n");
  folder.write("scenario.ini", "isolation = read-committed\n");
  const LoadedScripts scripts = scripts_of(folder.path(), {{"clients", "2"}});
  const std::string token = token_of(scripts, "add", {1, 1}, "ABABBA");
  const std::string replay = "replay " + token;
  const auto errors = [](const std::string& line) {
    const CommandResult result = racelab_of(line);
    EXPECT_EQ(code(result), 2) << line;
    return result.errors;
  };
  EXPECT_EQ(errors(replay),
            "racelab: this token is of SQL files of yours, which it cannot carry: give them, too, "
            "as in `racelab replay TOKEN ./shop` or with --setup and --endpoint\n");
  EXPECT_EQ(
      errors(replay + " ./nowhere"),
      "racelab: './nowhere' is no folder with SQL files, which the token is to be run with\n");
  // B waits for A from its write on, so this word cannot be; the one that explore prints can.
  EXPECT_NE(errors(replay + ' ' + folder.path()).find("at letter 5 of the order"),
            std::string::npos);
  const CommandResult found = racelab_of("explore " + folder.path() + " --strategy add");
  const std::size_t at = found.output.find("racelab replay ");
  ASSERT_NE(at, std::string::npos) << found.output;
  const std::string command = found.output.substr(at + 8, found.output.find('\n', at) - at - 8);
  EXPECT_EQ(command.substr(command.rfind(' ') + 1), folder.path());
  EXPECT_EQ(code(racelab_of(command)), 1) << command;
  // Another way to write it, and a comment elsewhere: the token is as good as before.
  folder.write("lock.sql",
               "select n from t where id = 1 for update \\gset\n"
               "update t set n = :n + 1 where id = 1;\n");
  folder.write("check.sql", "-- it counts\nselect n >= 0 from t;\n");
  EXPECT_EQ(code(racelab_of(command)), 1);
  EXPECT_EQ(code(racelab_of(command + " --strategy lock")), 0);
  // The endpoint itself: its steps may be others.
  folder.write("add.sql", read + read + "update t set n = :n + 1 where id = 1;\n");
  EXPECT_EQ(errors(command),
            "racelab: the files have changed since the token was made (the setup, the settings or "
            "an endpoint of its order), so its steps may mean something else; `racelab explore` "
            "makes a new token\n");
  std::filesystem::remove(folder.path("add.sql"));
  EXPECT_EQ(
      errors(command),
      "racelab: the token's order runs the endpoint 'add', and it is not among these files\n");
}

TEST(ScriptToken, single_files_go_with_it_too) {
  const TestFolder folder;
  folder.write("schema.sql", "create table t (n int not null);\ninsert into t values (0);\n");
  folder.write("add.sql", "select n from t \\gset\n\\set next :n + :by\nupdate t set n = :next;\n");
  const std::string files =
      " --setup " + folder.path("schema.sql") + " --endpoint " + folder.path("add.sql");
  const CommandResult found = racelab_of("explore" + files + " --param by=2");
  EXPECT_EQ(code(found), 1);
  const std::size_t at = found.output.find("racelab replay ");
  ASSERT_NE(at, std::string::npos) << found.output;
  const std::string command = found.output.substr(at + 8, found.output.find('\n', at) - at - 8);
  EXPECT_TRUE(command.ends_with(files)) << command;
  EXPECT_NE(command.find("param.by=2"), std::string::npos) << command;
  EXPECT_EQ(code(racelab_of(command)), 1) << racelab_of(command).errors;
}

}  // namespace
}  // namespace racelab::lab::script_token_test
