// racelab compare and racelab merge as they are typed: what they say, what programs read, and what is not right.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/cli/command.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::compare_test {
namespace {

namespace json = boost::json;

class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("compare_test." + std::to_string(++made))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream stream(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
  }

 private:
  static inline int made = 0;
  std::filesystem::path path_;
};

json::array cells_of(const std::string& line) {
  const CommandResult result = racelab_of(line + " --format json");
  EXPECT_EQ(code(result), 0) << result.errors;
  return json::parse(result.output).at("cells").as_array();
}

// ---- what it says

TEST(Compare, opens_with_the_strategy_to_use) {
  const CommandResult result = racelab_of("compare hot-counter --seeds 200");
  EXPECT_EQ(code(result), 0);
  EXPECT_TRUE(result.output.starts_with(
      "USE     atomic-increment+idempotency-key: no update lost or done twice in 200\n"
      "        runs, "))
      << result.output;
  EXPECT_NE(result.output.find("also safe, but slower:\n        pessimistic-lock+idempotency-key"),
            std::string::npos);
  EXPECT_NE(result.output.find("\ntested  race, repeat; not tested here: overlap, crash\n"),
            std::string::npos);
}

TEST(Compare, says_that_none_is_safe_and_what_would_be) {
  const CommandResult result = racelab_of(
      "compare hot-counter --seeds 50 --strategy read-modify-write --strategy "
      "atomic-increment");
  EXPECT_TRUE(result.output.starts_with("NONE    of these is safe here: even atomic-increment"))
      << result.output;
  EXPECT_NE(result.output.find("try atomic-increment+idempotency-key"), std::string::npos);
}

// A fault that a flag added counts: what the scenario states is not all there is.
TEST(Compare, recommends_nothing_that_was_just_seen_to_fail) {
  const CommandResult result = racelab_of("compare two-writers --lose-reply.rate 5% --seeds 100");
  EXPECT_TRUE(result.output.starts_with("NONE    of these is safe here"));
  EXPECT_NE(result.output.find("try atomic-increment+idempotency-key"), std::string::npos);
}

TEST(Compare, sees_no_difference_where_there_is_none) {
  // At a quarter of what the service can do no queue is ever long: how it is bounded makes no difference.
  const CommandResult even = racelab_of("compare overload --seeds 5 --arrivals 5/s");
  EXPECT_TRUE(even.output.starts_with("EVEN    no difference seen")) << even.output;
  EXPECT_TRUE(
      racelab_of("compare metastable-spike --seeds 3 --clients 3")
          .output.starts_with("DOWN    no-backoff: it was down before the spike in 3 of 3"));
}

TEST(Compare, says_who_overtakes_whom_in_the_order_of_the_axis) {
  const std::string typed = "compare contention --seeds 60 --vary clients=";
  const std::string output = racelab_of(typed + "64,1,8").output;
  EXPECT_TRUE(output.starts_with(
      "FASTEST optimistic-version at clients=1; pessimistic-lock from clients=8 to 64\nwhy     at "
      "clients=64 optimistic-version makes "))
      << output;
  EXPECT_EQ(output, racelab_of(typed + "1,8,64").output);
}

TEST(Compare, knows_nothing_before_the_first_seed_is_done_and_of_runs_given_up) {
  EXPECT_TRUE(racelab_of("compare two-writers --events-max 5 --seeds 10")
                  .output.starts_with("GAVE UP runs reached events-max, 10 of 10 runs"));
}

TEST(Compare, fits_80_columns_with_every_strategy_there_is) {
  for (const char* line :
       {"compare hot-counter --seeds 20", "compare contention --seeds 5 --vary clients=1,2,4,8,16",
        "compare hot-counter --seeds 5 --vary clients=2,4 --vary operations=5,10",
        "compare dropped-call retried-payment --seeds 20"}) {
    const std::string text = racelab_of(line).output;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string one = text.substr(begin, end - begin);
      const auto letters = std::count_if(one.begin(), one.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
      });
      // A command to copy is one line, however long.
      EXPECT_TRUE(letters <= 80 || one.find("racelab run") != std::string::npos) << one;
      begin = end + 1;
    }
  }
}

TEST(Compare, colors_only_when_asked) {
  const std::string line = "compare two-writers --seeds 20 --vary clients=2,3";
  EXPECT_EQ(racelab_of(line).output.find('\x1b'), std::string::npos);
  const std::string colored = racelab_of(line + " --color always").output;
  EXPECT_NE(colored.find('\x1b'), std::string::npos);
  std::string stripped;
  for (std::size_t i = 0; i < colored.size(); ++i) {
    if (colored[i] == '\x1b') {
      i = colored.find('m', i);
    } else {
      stripped += colored[i];
    }
  }
  EXPECT_EQ(stripped, racelab_of(line).output);
}

TEST(Compare, shows_a_violating_seed_that_run_shows_again) {
  for (const json::value& cell :
       cells_of("compare hot-counter --seeds 30 --vary clients=2,4 --operations 10")) {
    const json::value& command = cell.at("violating_run");
    const double runs = static_cast<double>(cell.at("violated").at("runs").to_number<int>());
    EXPECT_EQ(command.is_null(), runs == 0);
    if (!command.is_null()) {
      const std::string typed(command.as_string());
      ASSERT_TRUE(typed.starts_with("racelab run hot-counter ")) << typed;
      EXPECT_EQ(code(racelab_of(typed.substr(8))), 1) << typed;
    }
  }
}

// ---- what programs read

TEST(Compare, gives_json_with_a_cell_for_each_place_and_strategy) {
  const json::array cells = cells_of(
      "compare two-writers --seeds 40 --strategy read-modify-write --strategy atomic-increment "
      "--vary clients=2,3 --vary latency=1ms,2ms");
  ASSERT_EQ(cells.size(), 8);
  EXPECT_EQ(cells[0].at("varied"), (json::object{{"clients", "2"}, {"latency", "1ms"}}));
  EXPECT_EQ(cells[0].at("strategy"), "read-modify-write");
  EXPECT_EQ(cells[7].at("varied"), (json::object{{"clients", "3"}, {"latency", "2ms"}}));
  EXPECT_EQ(cells[7].at("strategy"), "atomic-increment");
  const json::value& violated = cells[0].at("violated");
  EXPECT_EQ(violated.at("interval").as_array().size(), 2);
  EXPECT_EQ(cells[0].at("runs"), 40);
  EXPECT_EQ(cells[0].at("operations"), 80);
  EXPECT_EQ(cells[1].at("anomalies").at("lost_updates").at("runs"), 0);
  EXPECT_EQ(cells[1].at("difference").at("to"), "read-modify-write");
  EXPECT_FALSE(cells[0].as_object().contains("difference"));
}

TEST(Compare, gives_csv_whose_lines_all_have_the_same_columns) {
  const CommandResult result =
      racelab_of("compare hot-counter two-writers --seeds 10 --vary clients=2,4 --format csv");
  EXPECT_EQ(code(result), 0);
  std::size_t columns = 0;
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin < result.output.size(); ++lines) {
    const std::size_t end = result.output.find('\n', begin);
    std::size_t here = 1;
    bool quoted = false;
    for (std::size_t i = begin; i < end; ++i) {
      quoted ^= result.output[i] == '"';
      here += result.output[i] == ',' && !quoted ? 1 : 0;
    }
    columns = columns == 0 ? here : columns;
    EXPECT_EQ(here, columns) << result.output.substr(begin, end - begin);
    begin = end + 1;
  }
  // A line of names; 8 strategies of hot-counter and 4 of two-writers, each at two places.
  EXPECT_EQ(lines, 1 + (8 + 4) * 2);
  EXPECT_NE(result.output.find("goodput_per_second_interval.low"), std::string::npos);
}

TEST(Compare, gives_the_same_bytes_with_any_number_of_jobs) {
  for (const char* format : {"text", "json", "csv"}) {
    const std::string line =
        "compare hot-counter --seeds 150 --vary clients=1,2,3 --format " + std::string(format);
    const std::string one = racelab_of(line + " --jobs 1").output;
    EXPECT_EQ(racelab_of(line + " --jobs 2").output, one);
    EXPECT_EQ(racelab_of(line + " --jobs 9").output, one);
  }
}

TEST(Compare, gives_the_same_bytes_from_merged_shards) {
  const Folder folder;
  const std::string line = "compare hot-counter --seeds 101 --vary clients=1,2 --operations 5";
  std::string merge = "merge";
  for (int shard = 4; shard >= 1; --shard) {  // in any order
    const std::string file = folder.file("part" + std::to_string(shard));
    EXPECT_EQ(code(racelab_of(line + " --shard " + std::to_string(shard) + "/4 --output " + file)),
              0);
    merge += " " + file;
  }
  for (const std::string format : {" --format text", " --format json", " --format csv"}) {
    const CommandResult merged = racelab_of(merge + format);
    EXPECT_EQ(code(merged), 0) << merged.errors;
    EXPECT_EQ(merged.output, racelab_of(line + format).output);
  }
}

// ---- what is not right

void expect_mistake(const std::string& line, const std::string& sentence) {
  const CommandResult result = racelab_of(line);
  EXPECT_EQ(code(result), 2) << line;
  EXPECT_EQ(result.output, "") << line;
  EXPECT_EQ(result.errors, "racelab: " + sentence + "\n") << line;
}

TEST(Compare, says_what_is_wrong_with_a_grid) {
  expect_mistake("compare two-writers --vary clients=",
                 "there is nothing to vary in 'clients=': it needs values, such as clients=A,B,C");
  expect_mistake("compare two-writers --vary clients",
                 "vary must be KEY=A,B,C, such as clients=1,2,4, not 'clients'");
  expect_mistake("compare two-writers --vary clients=1,,2",
                 "clients must be a whole number, not ''");
  expect_mistake("compare two-writers --vary clients=1,0",
                 "clients must be from 1 to 1000, not '0'");
  expect_mistake("compare two-writers --vary clients=2,4,2",
                 "'2' stands twice in --vary clients=2,4,2");
  expect_mistake("compare two-writers --vary clients=2 --vary clients=4",
                 "'clients' is varied twice; give all its values in one --vary");
  expect_mistake("compare two-writers --vary clients=2,3 --clients 4",
                 "'clients' is varied, and given as --clients 4, too");
  expect_mistake("compare two-writers --vary client=2,3",
                 "'client' cannot be varied: it is a flag, not a setting");
  expect_mistake("compare two-writers --vary strategy=a,b",
                 "'strategy' cannot be varied: it is a flag, not a setting; --strategy may be "
                 "given several times");
  expect_mistake("compare two-writers --vary seed=1,2",
                 "'seed' cannot be varied: it is a flag, not a setting");
  expect_mistake("compare two-writers --vary workload=charge,increment",
                 "'workload' cannot be varied: it makes another scenario; name several scenarios");
}

TEST(Compare, says_what_is_wrong_with_what_is_compared) {
  expect_mistake("compare",
                 "which scenario? for example `racelab compare hot-counter`; `racelab list "
                 "scenarios` shows them");
  expect_mistake("compare two-writer",
                 "there is no scenario 'two-writer'; did you mean 'two-writers'?");
  expect_mistake("compare two-writers two-writers", "the scenario 'two-writers' is given twice");
  expect_mistake("compare two-writers --strategy atomic-increment --strategy atomic-increment",
                 "the strategy 'atomic-increment' is given twice");
  expect_mistake("compare money-transfer --strategy atomic-increment",
                 "atomic-increment does not apply: no single UPDATE can express the workload "
                 "'transfer'");
  expect_mistake("compare two-writers --seeds 0",
                 "seeds must be a whole number from 1 to 4000000000, not '0'");
  expect_mistake("compare two-writers --jobs 0",
                 "jobs must be a whole number from 1 to 1024, not '0'");
  expect_mistake("compare two-writers --seed 18446744073709551615 --seeds 2",
                 "seed 18446744073709551615 leaves no 2 seeds up to 18446744073709551615");
}

TEST(Compare, lets_no_flag_make_a_variant_what_it_is_not) {
  expect_mistake(
      "compare overload --queue-max 5",
      "'queue-max' is what overload compares: 'endless-queue' sets it to any; a scenario "
      "of your own can compare other values");
  expect_mistake("compare backoff-contention --vary jitter=none,full",
                 "'jitter' is what backoff-contention compares: 'exponential' sets it to none; a "
                 "scenario of your own can compare other values");
}

// Of a stack, too: the layers' presets and settings are in the parts.
TEST(Compare, of_a_stack_gives_the_same_bytes_from_merged_shards) {
  const Folder folder;
  const std::string line =
      "compare retry-storm --layer 1=ky-put --layer 2=nginx --layer.3.attempts-max 4 --seeds 4";
  std::string files;
  for (const char* shard : {"1", "2"}) {
    const std::string file = folder.file(std::string("part") + shard);
    EXPECT_EQ(code(racelab_of(line + " --shard " + shard + "/2 --output " + file)), 0);
    files += " " + file;
  }
  EXPECT_EQ(racelab_of("merge" + files).output, racelab_of(line).output);
}

// A stack of one's own stands instead of what the scenario compares. Every call is answered 503: ky-put asks 3 times, nginx
// once, axios-retry-put 4 times. It may tell of a refused connection after three conflicts of 2 s and pauses of at most 0.24 + 0.48 +
// 0.96 s; then nginx calls again, for up to 10 s: 17.68 s.
TEST(Compare, says_what_a_stack_comes_to) {
  const std::string text =
      racelab_of(
          "compare retry-storm --layer 1=ky-put --layer 2=nginx --layer 3=axios-retry-put "
          "--layer.3.timeout 2s --seeds 5")
          .output;
  EXPECT_NE(
      text.find("\nstack   client: ky-put, service 1: nginx, service 2: axios-retry-put\n"
                "        (timeout=2s)\n"
                "path    up to 12 calls of service 3 for one operation when every answer is a\n"
                "        503: 3 by the client x 1 by service 1 x 4 by service 2; at worst 24,\n"
                "        when every connection is refused: 3 by the client x 2 by service 1 x 4\n"
                "        by service 2\n"
                "early   the client gives up on a call after 10s, while service 1 may go on for\n"
                "        17.7s\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find(" 0 %  12.0 "), std::string::npos) << text;  // told ok, load: as measured
  EXPECT_EQ(text.find("three-layers"), std::string::npos) << text;
}

TEST(Compare, says_what_is_wrong_with_a_shard) {
  expect_mistake("compare two-writers --shard 1/2 --format csv",
                 "a shard is written for `racelab merge` and has one form; leave --format csv out "
                 "here, and give it to the merge: `racelab merge FILE... --format csv`");
  expect_mistake("compare two-writers --shard 1/2 --format text",
                 "a shard is written for `racelab merge` and has one form; leave --format text out "
                 "here, and give it to the merge: `racelab merge FILE... --format text`");
  expect_mistake("compare two-writers --shard 3", "shard must be I/N, such as 1/4, not '3'");
  expect_mistake("compare two-writers --shard 0/4", "shard must be from 1/4 to 4/4, not '0/4'");
  expect_mistake("compare two-writers --shard 5/4", "shard must be from 1/4 to 4/4, not '5/4'");
  expect_mistake("compare two-writers --shard 1/0",
                 "shard must be one of 1 to 100000 parts, not of 0");
  expect_mistake("compare two-writers --shard x/y", "shard must be I/N, such as 1/4, not 'x/y'");
}

TEST(Compare, that_gave_up_everywhere_knows_no_share) {
  const CommandResult result = racelab_of("compare two-writers --seeds 5 --events-max 3");
  EXPECT_EQ(code(result), 3);
  EXPECT_TRUE(result.output.starts_with("GAVE UP ")) << result.output;
  EXPECT_EQ(result.output.find("0 %"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("\natomic-increment                           -                -\n"
                               "  given up in 5 runs\n"),
            std::string::npos)
      << result.output;
  EXPECT_EQ(result.output.find("how fast"), std::string::npos);
  EXPECT_EQ(code(racelab_of("compare two-writers --seeds 5")), 0);
}

class Merge : public ::testing::Test {
 protected:
  std::string part(const std::string& name, const std::string& line) const {
    const CommandResult result =
        racelab_of("compare two-writers " + line + " --output " + folder_.file(name));
    EXPECT_EQ(code(result), 0) << result.errors;
    return folder_.file(name);
  }
  Folder folder_;
};

TEST_F(Merge, misses_a_shard_and_sees_one_twice) {
  const std::string one = part("1", "--seeds 20 --shard 1/3");
  const std::string three = part("3", "--seeds 20 --shard 3/3");
  expect_mistake("merge " + one + " " + three, "shard 2/3 is missing");
  expect_mistake("merge " + one + " " + one,
                 "shard 1/3 is there twice: in '" + one + "' and in '" + one + "'");
  expect_mistake("merge " + one + " " + three + " --output " + three,
                 "the output file '" + three + "' is read by this command: it would be lost");
  expect_mistake("merge",
                 "which files? those that `racelab compare ... --shard I/N --output FILE` wrote");
}

TEST_F(Merge, takes_no_parts_of_another_comparison) {
  const std::string one = part("1", "--seeds 20 --shard 1/2");
  for (const char* other :
       {"--seeds 21", "--seeds 20 --seed 2", "--seeds 20 --clients 3",
        "--seeds 20 --strategy atomic-increment", "--seeds 20 --vary clients=2"}) {
    const std::string two = part("2", std::string(other) + " --shard 2/2");
    expect_mistake("merge " + one + " " + two,
                   "'" + two +
                       "' is a part of another comparison, with other settings, strategies or "
                       "seeds, than '" +
                       one + "'");
  }
  const std::string thirds = part("3", "--seeds 20 --shard 2/3");
  expect_mistake("merge " + one + " " + thirds,
                 "'" + thirds + "' is one of 3 parts, and one of 2 is '" + one + "'");
}

TEST_F(Merge, takes_no_part_of_another_version_and_none_that_was_changed) {
  const std::string one = part("1", "--seeds 20 --shard 1/1");
  const std::string whole = folder_.text("1");
  const std::size_t version = whole.find("\"version\":\"") + 11;
  std::string older = whole;
  older.replace(version, whole.find('"', version) - version, "0.0.9");
  folder_.write("old", older);
  const CommandResult result = racelab_of("merge " + folder_.file("old"));
  EXPECT_EQ(code(result), 2);
  EXPECT_TRUE(result.errors.starts_with("racelab: '" + folder_.file("old") +
                                        "' was written by racelab 0.0.9, and this is "))
      << result.errors;

  const auto is_damaged = [this](const std::string& text) {
    folder_.write("bad", text);
    expect_mistake("merge " + folder_.file("bad"),
                   "'" + folder_.file("bad") + "' is damaged: it is not what was written");
  };
  std::string changed = whole;
  changed.replace(changed.find("\"violated\":"), 11, "\"violated\":1");
  is_damaged(changed);
  std::string moved = whole;
  moved.replace(moved.find("\"index\":1,\"of\":1"), 16, "\"index\":1,\"of\":2");
  is_damaged(moved);

  for (const std::string& text :
       {std::string("{}"), std::string(), std::string("[1]"), whole.substr(0, whole.size() / 2),
        racelab_of("compare two-writers --seeds 5 --format json").output}) {
    folder_.write("other", text);
    expect_mistake("merge " + folder_.file("other"),
                   "'" + folder_.file("other") +
                       "' is not a part of a comparison: `racelab compare ... --shard I/N "
                       "--output FILE` writes one");
  }
  expect_mistake("merge " + folder_.file("nowhere"),
                 "there is no file '" + folder_.file("nowhere") + "'");
}

TEST(Compare, a_client_of_ones_own_stands_instead_of_those_that_a_scenario_compares) {
  const std::string text = racelab_of("compare real-clients --client ky --seeds 3").output;
  EXPECT_NE(text.find("\natomic-increment "), std::string::npos) << text;
  EXPECT_EQ(text.find("axios"), std::string::npos) << text;
  // Variants that say how many layers there are keep their names: it is the client in all of them.
  const std::string storm = racelab_of("compare retry-storm --client ky --seeds 3").output;
  EXPECT_NE(storm.find("\nthree-layers "), std::string::npos) << storm;
}

TEST(Compare, reads_what_a_scenario_compares) {
  const Folder folder;
  folder.write(
      "mine.ini",
      "# Mine.\n# Two lines.\nworkload = increment\nhazards = race\n"
      "compare.strategies = pessimistic-lock, atomic-increment\ncompare.seeds = 7\n"
      "compare.slow.latency = 5ms\ncompare.slow.clients = 3\ncompare.fast.latency = 1ms\n");
  const json::array cells = cells_of("compare " + folder.file("mine.ini"));
  ASSERT_EQ(cells.size(), 4);
  EXPECT_EQ(cells[0].at("variant"), "slow");
  EXPECT_EQ(cells[0].at("strategy"), "pessimistic-lock");
  EXPECT_EQ(cells[0].at("options").at("latency"), "5ms");
  EXPECT_EQ(cells[0].at("options").at("clients"), "3");
  EXPECT_EQ(cells[0].at("runs"), 7);
  EXPECT_EQ(cells[3].at("variant"), "fast");
  EXPECT_EQ(cells[3].at("options").at("clients"), "2");

  const auto is_wrong = [&folder](const std::string& line, const std::string& problem) {
    folder.write("wrong.ini", "# Mine.\n# Two lines.\nworkload = increment\n" + line + "\n");
    expect_mistake("compare " + folder.file("wrong.ini"),
                   folder.file("wrong.ini") + ":4: " + problem);
  };
  is_wrong("compare.strategies = pesimistic-lock",
           "there is no strategy 'pesimistic-lock'; did you mean 'pessimistic-lock'?");
  is_wrong("compare.seeds = 0", "compare.seeds must be a whole number from 1 to 1000000, not '0'");
  is_wrong("compare.slow.latensy = 5ms", "there is no setting 'latensy'; did you mean 'latency'?");
  is_wrong("compare.slow = 5ms",
           "after compare. there must be strategies, seeds, or a variant and one of its settings, "
           "as in compare.patient.timeout, not 'slow'");
}

// Eight events are enough for two clients that read and write, and not for a third, nor for a lock.
TEST(Compare, draws_nothing_of_runs_that_were_given_up) {
  const std::string text =
      racelab_of("compare two-writers --vary clients=2,3 --seeds 3 --events-max 8").output;
  EXPECT_NE(text.find("C  pessimistic-lock                    gave up in 6 runs\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("C               -           -\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace racelab::lab::compare_test
