// `racelab run` from end to end: the first screen, exit codes, --seed, --trace, --format, --color.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/cli/command.h"

namespace racelab::lab::run_test {
namespace {

namespace json = boost::json;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

json::object run_json_of(const std::string& line) {
  return json::parse(racelab_of(line + " --format json").output).as_object();
}

// The first line of a report.
std::string verdict(const std::string& text) { return text.substr(0, text.find('\n')); }

TEST(Run, the_first_screen_is_this) {
  const CommandResult outcome = racelab_of("run two-writers");
  EXPECT_EQ(code(outcome), 1);
  EXPECT_EQ(outcome.errors, "");
  EXPECT_EQ(outcome.output, R"(VIOLATED  1 lost update: B was told ok, and its +1 is gone
   ms   A                      B                          n
  1.8                          SELECT n  -> 0             0
  2.3   SELECT n  -> 0                                    0
  2.7                          UPDATE n = 1               1
  3.5   UPDATE n = 1                                      1  B overwritten
why     A read n = 0 at 2.3 ms; B wrote n = 1 at 2.7 ms; A, still at 0, wrote
        n = 1 at 3.5 ms
ledger  0 + 2 acknowledged - 1 overwritten = 1
again   racelab run two-writers --seed 1
fix     racelab run two-writers --seed 1 --strategy atomic-increment
proof   racelab explore two-writers     # 4 of 6 orders lose an update
least   racelab explain 0.1.0:two-writers:read-modify-write::ABBA:6f442
with    strategy=read-modify-write workload=increment clients=2 operations=1
        initial=0 amount=1 isolation=autocommit tries-max=3 latency=1ms
        latency-spread=25% session-timeout=30ms timeout=50ms attempts-max=3
        backoff=exponential backoff-base=5ms backoff-cap=1s jitter=full
)");
}

TEST(Run, exits_0_when_nothing_was_lost_or_done_twice) {
  const CommandResult outcome = racelab_of("run two-writers --strategy atomic-increment");
  EXPECT_EQ(code(outcome), 0);
  EXPECT_EQ(verdict(outcome.output), "HOLDS  2 of 2 updates survive, each once");
}

TEST(Run, commands_that_the_report_suggests_do_what_it_says) {
  for (const char* line :
       {"run two-writers", "run two-writers --seed 5 --clients 4", "run retried-payment",
        "run dropped-call --lose-reply.rate 30%", "run hot-counter", "run money-transfer",
        "run two-writers --clients 3"}) {
    SCOPED_TRACE(line);
    const std::string text = racelab_of(line).output;
    const auto suggested = [&text](const std::string& label) {
      const std::size_t at = text.find("\n" + label + " racelab ") + label.size() + 10;
      return text.substr(at, text.find('\n', at) - at);
    };
    ASSERT_TRUE(contains(text, "\nagain   racelab ")) << text;
    ASSERT_TRUE(contains(text, "\nfix     racelab ")) << text;
    EXPECT_EQ(racelab_of(suggested("again  ")).output, text);
    EXPECT_EQ(code(racelab_of(suggested("fix    "))), 0);
  }
}

TEST(Run, is_the_same_for_the_same_seed_and_another_for_another) {
  std::set<std::string> hashes;
  for (const char* seed : {"1", "2", "3", "18446744073709551615"}) {
    const std::string line = std::string("run hot-counter --seed ") + seed;
    EXPECT_EQ(racelab_of(line).output, racelab_of(line).output);
    const json::object run = run_json_of(line);
    EXPECT_EQ(run.at("seed").as_string(), seed);
    hashes.insert(std::string(run.at("trace_hash").as_string()));
  }
  EXPECT_EQ(hashes.size(), 4U);
  EXPECT_EQ(racelab_of("run two-writers --seed 1").output, racelab_of("run two-writers").output);
}

TEST(Run, takes_every_setting_as_a_flag) {
  const json::object run = run_json_of(
      "run two-writers --clients 3 --operations=2 --timeout 80ms --lose-reply.rate 0.5% "
      "--lose-reply.max 1 --isolation repeatable-read --initial -30 --strategy pessimistic-lock");
  const json::object& used = run.at("options").as_object();
  EXPECT_EQ(used.at("clients").as_string(), "3");
  EXPECT_EQ(used.at("operations").as_string(), "2");
  EXPECT_EQ(used.at("timeout").as_string(), "80ms");
  EXPECT_EQ(used.at("lose-reply.rate").as_string(), "0.5%");
  EXPECT_EQ(used.at("lose-reply.max").as_string(), "1");
  EXPECT_EQ(used.at("isolation").as_string(), "repeatable-read");
  EXPECT_EQ(used.at("initial").as_string(), "-30");
  EXPECT_EQ(run.at("calls").as_object().at("operations").as_int64(), 6);
}

TEST(Run, with_trace_adds_every_event_after_the_same_report) {
  for (const char* line : {"run two-writers", "run hot-counter", "run retried-payment --seed 9",
                           "run two-writers --clients 100 --operations 60"}) {
    SCOPED_TRACE(line);
    const CommandResult without = racelab_of(line);
    const CommandResult with = racelab_of(std::string(line) + " --trace");
    EXPECT_EQ(with.exit, without.exit);
    ASSERT_TRUE(with.output.starts_with(without.output)) << with.output.substr(0, 2'000);
    const std::string added = with.output.substr(without.output.size());
    // A heading, a line per event, and one that says the hash and how many events there were.
    const auto lines = static_cast<std::int64_t>(std::count(added.begin(), added.end(), '\n'));
    EXPECT_EQ(lines, run_json_of(line).at("events").as_int64() + 2);
    EXPECT_TRUE(contains(
        added, "trace hash " + std::string(run_json_of(line).at("trace_hash").as_string())));
  }
}

TEST(Run, with_trace_adds_two_members_to_the_json_and_changes_no_other) {
  for (const char* line : {"run two-writers", "run hot-counter --seed 3",
                           "run two-writers --clients 100 --operations 60"}) {
    SCOPED_TRACE(line);
    const json::object without = run_json_of(line);
    json::object with = run_json_of(std::string(line) + " --trace");
    ASSERT_TRUE(with.contains("trace"));
    EXPECT_EQ(static_cast<std::int64_t>(with.at("trace").as_array().size()),
              with.at("events").as_int64());
    EXPECT_TRUE(with.at("trace_complete").as_bool());
    with.erase("trace");
    with.erase("trace_complete");
    EXPECT_FALSE(without.contains("trace"));
    EXPECT_EQ(with, without);
  }
}

// Into a pipe or a file a long result goes as it is made: 6,000 operations are a megabyte of text.
TEST(Run, tells_a_long_trace_a_piece_at_a_time) {
  const std::string line = "run two-writers --clients 100 --operations 60 --trace";
  for (const char* format : {"text", "json"}) {
    const std::string words = line + " --format " + format;
    std::string told;
    std::size_t longest = 0;
    Environment pipe;
    pipe.conversation.say = [&](std::string_view piece) {
      told += piece;
      longest = std::max(longest, piece.size());
      return true;
    };
    const CommandResult said = racelab_of(words, pipe);
    const CommandResult whole = racelab_of(words);
    EXPECT_EQ(said.exit, whole.exit);
    EXPECT_EQ(said.output, "");
    EXPECT_EQ(told, whole.output);
    EXPECT_GT(told.size(), 1'000'000U);
    EXPECT_LT(longest, 70'000U);
  }
}

TEST(Run, the_trace_names_every_event_in_order) {
  const std::string text =
      racelab_of("run two-writers --clients 1 --strategy atomic-increment --trace").output;
  const std::size_t begin = text.find("          ms  who");
  ASSERT_NE(begin, std::string::npos) << text;
  EXPECT_EQ(text.substr(begin, text.find("trace hash") - begin),
            R"(          ms  who       event
       0.000  A         operation starts
       0.000  A.1       client sends the request
       1.193  A.1       request arrives, handler starts
       2.303  A.1       UPDATE n = n + 1
       2.303  A.1       service replies ok
       3.433  A.1       client hears ok
       3.433  A.1       client knows: ok
)");
}

TEST(Run, colors_the_text_only_where_someone_looks) {
  const Environment terminal{.terminal = true, .no_color = false};
  const Environment terminal_without_color{.terminal = true, .no_color = true};
  const Environment pipe{};
  const auto colored = [](const char* line, const Environment& environment) {
    return contains(racelab_of(line, environment).output, "\x1b[");
  };
  EXPECT_TRUE(colored("run two-writers", terminal));
  EXPECT_FALSE(colored("run two-writers", terminal_without_color));
  EXPECT_FALSE(colored("run two-writers", pipe));
  EXPECT_TRUE(colored("run two-writers --color auto", terminal));
  EXPECT_FALSE(colored("run two-writers --color never", terminal));
  EXPECT_TRUE(colored("run two-writers --color always", pipe));
  EXPECT_TRUE(colored("run two-writers --color always", terminal_without_color));
  EXPECT_FALSE(colored("run two-writers --format json --color always", terminal));
}

TEST(Run, colors_change_no_word) {
  for (const char* line : {"run two-writers", "run hot-counter", "run money-transfer",
                           "run two-writers --strategy atomic-increment"}) {
    SCOPED_TRACE(line);
    std::string text = racelab_of(std::string(line) + " --color always").output;
    for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
      text.erase(at, text.find('m', at) + 1 - at);
    }
    EXPECT_EQ(text, racelab_of(line).output);
  }
}

// A run that cannot end ends, and says who waits for whom.

TEST(StuckRun, whose_reply_never_comes_says_so) {
  const CommandResult outcome =
      racelab_of("run retried-payment --timeout none --strategy read-modify-write");
  EXPECT_EQ(code(outcome), 1);
  EXPECT_EQ(verdict(outcome.output), "VIOLATED  stuck: A waits for an answer that will not come");
  EXPECT_TRUE(contains(outcome.output,
                       "why     A waits for an answer that will not come (timeout=none); its reply "
                       "was\n        lost at 4.7 ms\n"))
      << outcome.output;
}

TEST(StuckRun, behind_a_dead_handler_says_who_holds_what) {
  const CommandResult outcome = racelab_of(
      "run two-writers --strategy pessimistic-lock --clients 3 --timeout none --session-timeout "
      "none --lose-session.rate 100% --lose-session.side after --lose-session.max 2 --seed 1");
  EXPECT_EQ(code(outcome), 1);
  EXPECT_TRUE(verdict(outcome.output).starts_with("VIOLATED  stuck")) << outcome.output;
  EXPECT_TRUE(contains(outcome.output, " waits for n, which ")) << outcome.output;
  EXPECT_TRUE(contains(outcome.output, "C's handler is dead")) << outcome.output;
  EXPECT_TRUE(contains(outcome.output, "session-timeout=none")) << outcome.output;
}

TEST(StuckRun, counts_the_operations_that_never_ended) {
  const json::object run = run_json_of("run retried-payment --timeout none");
  EXPECT_EQ(run.at("verdict").as_string(), "violated");
  EXPECT_EQ(run.at("anomalies").as_object().at("stuck").as_int64(), 1);
  EXPECT_TRUE(run.at("latency_us").as_object().at("p50").is_null());
}

TEST(GivenUpRun, exits_3_and_never_reads_as_holding) {
  const CommandResult outcome =
      racelab_of("run hot-counter --strategy atomic-increment --events-max 100");
  EXPECT_EQ(code(outcome), 3);
  EXPECT_TRUE(outcome.output.starts_with("GAVE UP  after 100 events, at ")) << outcome.output;
  EXPECT_TRUE(verdict(outcome.output).ends_with(": nothing is proved")) << outcome.output;
  EXPECT_FALSE(contains(outcome.output, "HOLDS"));
  EXPECT_FALSE(contains(outcome.output, "\nfix "));
  EXPECT_EQ(run_json_of("run hot-counter --strategy atomic-increment --events-max 100")
                .at("verdict")
                .as_string(),
            "gave-up");
}

TEST(GivenUpRun, exits_1_when_it_saw_a_violation_first) {
  const CommandResult outcome = racelab_of("run hot-counter --events-max 100");
  EXPECT_EQ(code(outcome), 1);
  EXPECT_TRUE(contains(verdict(outcome.output), "(given up after 100 events)")) << outcome.output;
}

// A's first +1 is overwritten, and what is done after that is not done again: only the third is one too many.
TEST(Run, a_duplicate_is_told_by_what_stands) {
  const std::string text =
      racelab_of("run two-writers --seed 3 --lose-reply.rate 60% --attempts-max 4").output;
  EXPECT_TRUE(contains(text, "\n 61.5   UPDATE n = 2                                      2\n"))
      << text;
  EXPECT_TRUE(contains(text,
                       "\n123.1   UPDATE n = 3                                      3  A done "
                       "again\n"))
      << text;
  EXPECT_TRUE(
      contains(text,
               "why     A's +1 was done at 61.5 ms; its reply was lost at 62.6 ms; A heard\n"
               "        nothing, gave up at 108.7 ms and asked again; at 123.1 ms it was done\n"
               "        again: nothing recognised the repeat\n"))
      << text;
}

// The client gave up on the attempt that was done, not on the last one before it was done again.
TEST(Run, a_client_is_said_to_give_up_when_it_did) {
  const std::string text = racelab_of("run ambiguous-commit").output;
  EXPECT_TRUE(contains(text, "gave up at 310.3 ms and asked again")) << text;
}

// atomic-increment held under this seed, but slow calls repeat, and it withstands no repeat.
TEST(Run, a_fix_withstands_what_the_faults_make) {
  EXPECT_TRUE(contains(racelab_of("run two-writers --slow-call.rate 50%").output,
                       "\nfix     racelab run two-writers --seed 1 --strategy "
                       "atomic-increment+idempotency-key --slow-call.rate 50%\n"));
}

TEST(Run, that_holds_by_luck_is_told_so) {
  const std::string text =
      racelab_of("run ambiguous-commit --seed 2 --strategy pessimistic-lock").output;
  EXPECT_EQ(verdict(text).substr(0, 5), "HOLDS");
  EXPECT_TRUE(contains(text,
                       "\nbut     racelab explore ambiguous-commit --strategy pessimistic-lock     "
                       "# its small twin: 1 of 16 orders does one twice\n"))
      << text;
}

TEST(Run, long_times_keep_their_column) {
  const std::string text = racelab_of("run two-writers --latency 1min --timeout none").output;
  EXPECT_TRUE(contains(text,
                       "\n      ms   A                      B                          n\n"
                       "110468.6                          SELECT n  -> 0             0\n"))
      << text;
}

}  // namespace
}  // namespace racelab::lab::run_test
