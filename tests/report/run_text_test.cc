// Reports as they are read, letter by letter, for a handful of runs: short ones with one, two and three clients, long ones,
// one that is stuck, one that was given up. Whoever changes a word sees here what its readers will see.
#include <gtest/gtest.h>

#include <string>

#include "tests/report/report_of.h"

namespace racelab::lab::run_text_test {
namespace {

// The report without the settings that end it; they are the business of a test of their own.
std::string told(const std::string& scenario, const std::string& strategy, std::uint64_t seed = 1,
                 const Flags& flags = {}) {
  const std::string text = "\n" + run_text(report_of(scenario, strategy, seed, flags), {});
  return text.substr(0, text.find("\nagain ") + 1);
}

// The settings that end the report, as one line.
std::string settings(const std::string& strategy, const Flags& flags = {}) {
  const std::string text = run_text(report_of("two-writers", strategy, 1, flags), {});
  std::string line = text.substr(text.find("\nwith ") + 1);
  for (std::size_t end = line.find("\n"); end != std::string::npos; end = line.find("\n")) {
    line.replace(end, line.find_first_not_of(' ', end + 1) - end,
                 end + 1 == line.size() ? "" : " ");
  }
  return line;
}

TEST(RunText, says_at_which_level_transactions_ran_and_for_whom_it_was_raised) {
  const struct {
    const char* strategy;
    const char* isolation;
  } cases[] = {
      {"read-modify-write", " isolation=autocommit tries-max="},
      {"pessimistic-lock",
       " isolation=read-committed (pessimistic-lock needs a transaction) tries-max="},
      {"pessimistic-lock,pessimistic-lock",
       " isolation=read-committed (pessimistic-lock needs a transaction) tries-max="},
      {"pessimistic-lock,atomic-increment+idempotency-key",
       " isolation=read-committed (pessimistic-lock and atomic-increment+idempotency-key need a "
       "transaction) tries-max="},
      {"pessimistic-lock,read-modify-write",
       " isolation=autocommit (pessimistic-lock needs a transaction: read-committed) tries-max="},
  };
  for (const auto& [strategy, isolation] : cases) {
    EXPECT_NE(settings(strategy).find(isolation), std::string::npos) << settings(strategy);
  }
  EXPECT_NE(settings("pessimistic-lock", {{"isolation", "repeatable-read"}})
                .find(" isolation=repeatable-read tries-max="),
            std::string::npos);
}

TEST(RunText, of_one_client_whose_reply_is_lost) {
  EXPECT_EQ(told("retried-payment", "read-modify-write"), R"(
VIOLATED  1 duplicate: A's -30 was done twice
   ms   A                        balance
  2.3   SELECT balance  -> 100       100
  3.5   UPDATE balance = 70           70
  4.7   reply lost (ok)               70
 50.0   timed out                     70
 55.7   asks again                    70
 57.8   SELECT balance  -> 70         70
 58.6   UPDATE balance = 40           40  A done again
 59.7   told ok                       40
why     A's -30 was done at 3.5 ms; its reply was lost at 4.7 ms; A heard
        nothing, gave up at 50.0 ms and asked again; at 58.6 ms it was done
        again: nothing recognised the repeat
ledger  100 - 30 acknowledged - 30 done again = 40
)");
}

TEST(RunText, of_the_same_recognised) {
  EXPECT_EQ(told("retried-payment", "read-modify-write+idempotency-key"), R"(
HOLDS  1 of 1 update survives, once
   ms   A                                                 balance
  2.3   INSERT key-A1 ON CONFLICT DO NOTHING                  100
  3.5   SELECT balance  -> 100                                100
  4.5   UPDATE balance = 70                                  (70)
  5.7   UPDATE key-A1 = ok                                   (70)
  6.9   COMMIT                                                 70
  8.0   reply lost (ok)                                        70
 50.0   timed out                                              70
 55.7   asks again                                             70
 57.8   INSERT key-A1 ON CONFLICT DO NOTHING  -> 0 rows        70
 58.6   SELECT key-A1  -> ok                                   70
 59.7   COMMIT                                                 70
 60.7   told ok                                                70
ledger  100 - 30 acknowledged = 70
)");
}

TEST(RunText, of_two_clients_where_one_waits_for_the_other) {
  EXPECT_EQ(told("two-writers", "pessimistic-lock"), R"(
HOLDS  2 of 2 updates survive, each once
   ms   A                           B                               n
  1.8                               SELECT n FOR UPDATE  -> 0       0
  2.3   SELECT n FOR UPDATE waits                                   0
  2.7                               UPDATE n = 1                  (1)
  3.9                               COMMIT                          1
  3.9   SELECT n FOR UPDATE  -> 1                                   1
  5.1   UPDATE n = 2                                              (2)
  6.1   COMMIT                                                      2
ledger  0 + 2 acknowledged = 2
)");
}

TEST(RunText, of_two_clients_where_one_starts_over) {
  EXPECT_EQ(told("two-writers", "optimistic-version"), R"(
HOLDS  2 of 2 updates survive, each once
   ms                                                      n
  1.8   B  SELECT n  -> 0                                  0
  2.3   A  SELECT n  -> 0                                  0
  2.7   B  UPDATE n = 1 WHERE version = 0                  1
  3.5   A  UPDATE n = 1 WHERE version = 0  -> 0 rows       1
  3.5   A  starts over                                     1
  4.5   A  SELECT n  -> 1                                  1
  5.7   A  UPDATE n = 2 WHERE version = 1                  2
ledger  0 + 2 acknowledged = 2
)");
}

TEST(RunText, of_a_first_updater_that_wins) {
  EXPECT_EQ(told("two-writers", "read-modify-write", 1, {{"isolation", "repeatable-read"}}), R"(
HOLDS  2 of 2 updates survive, each once
   ms   A                        B                          n
  1.8                            SELECT n  -> 0             0
  2.3   SELECT n  -> 0                                      0
  2.7                            UPDATE n = 1             (1)
  3.5   UPDATE n = 1 waits                                (1)
  3.9                            COMMIT                     1
  3.9   UPDATE n = 1  -> 40001                              1
  3.9   starts over                                         1
  4.8   SELECT n  -> 1                                      1
  6.1   UPDATE n = 2                                      (2)
  7.2   COMMIT                                              2
ledger  0 + 2 acknowledged = 2
)");
}

TEST(RunText, of_a_migration_that_was_only_half_done) {
  EXPECT_EQ(told("two-writers", "read-modify-write,atomic-increment", 3), R"(
VIOLATED  1 lost update: B was told ok, and its +1 is gone
   ms   A                      B                          n
  2.1   SELECT n  -> 0                                    0
  2.1                          UPDATE n = n + 1           1
  2.9   UPDATE n = 1                                      1  B overwritten
fleet   A read-modify-write, B atomic-increment
why     A read n = 0 at 2.055 ms; B wrote n = 1 at 2.064 ms; A, still at 0,
        wrote n = 1 at 2.933 ms
ledger  0 + 2 acknowledged - 1 overwritten = 1
)");
}

TEST(RunText, of_three_clients) {
  EXPECT_EQ(told("two-writers", "read-modify-write", 1, {{"clients", "3"}}), R"(
VIOLATED  2 lost updates: C was told ok, and its +1 is gone
   ms   A                B                C                    n
  1.6                                     SELECT n  -> 0       0
  1.8                    SELECT n  -> 0                        0
  2.3   SELECT n  -> 0                                         0
  2.5                                     UPDATE n = 1         1
  2.7                    UPDATE n = 1                          1  C overwritten
  3.5   UPDATE n = 1                                           1  B overwritten
why     B read n = 0 at 1.8 ms; C wrote n = 1 at 2.5 ms; B, still at 0, wrote
        n = 1 at 2.7 ms
ledger  0 + 3 acknowledged - 2 overwritten = 1
)");
}

TEST(RunText, of_three_clients_that_do_not_fit_side_by_side) {
  EXPECT_EQ(told("two-writers", "pessimistic-lock", 1, {{"clients", "3"}}), R"(
HOLDS  3 of 3 updates survive, each once
   ms                                      n
  1.6   C  SELECT n FOR UPDATE  -> 0       0
  1.8   B  SELECT n FOR UPDATE waits       0
  2.3   A  SELECT n FOR UPDATE waits       0
  2.5   C  UPDATE n = 1                  (1)
  3.5   C  COMMIT                          1
  3.5   B  SELECT n FOR UPDATE  -> 1       1
  4.4   B  UPDATE n = 2                  (2)
  5.6   B  COMMIT                          2
  5.6   A  SELECT n FOR UPDATE  -> 2       2
  6.8   A  UPDATE n = 3                  (3)
  7.8   A  COMMIT                          3
ledger  0 + 3 acknowledged = 3
)");
}

TEST(RunText, of_two_rows) {
  EXPECT_EQ(told("money-transfer", "read-modify-write", 1, {{"operations", "1"}}), R"(
VIOLATED  1 lost update: B was told ok, and its +10 is gone
   ms                                     a     b
  1.8   B  SELECT a, b  -> 100, 100     100   100
  2.3   A  SELECT a, b  -> 100, 100     100   100
  2.7   B  UPDATE a = 110               110   100
  3.5   A  UPDATE a = 90                 90   100  B overwritten
  3.9   B  UPDATE b = 90                 90    90
  4.5   A  UPDATE b = 110                90   110  B overwritten
why     A read a = 100 at 2.3 ms; B wrote a = 110 at 2.7 ms; A, still at 100,
        wrote a = 90 at 3.5 ms
ledger  a: 100 + (10-10) acknowledged - 10 overwritten = 90
        b: 100 + (10-10) acknowledged + 10 overwritten = 110
)");
}

// Of two losses on row a one gave and one took: the sum of what was overwritten is 0, and is not left out.
TEST(RunText, of_losses_that_cancel) {
  const std::string text = told("money-transfer", "read-modify-write", 9);
  EXPECT_EQ(text.substr(text.find("\nledger ")), R"(
ledger  a: 100 + (50-50) acknowledged - (10-10) overwritten = 100
        b: 100 + (50-50) acknowledged + 50 overwritten = 150
)");
}

TEST(RunText, of_a_key_recorded_too_early) {
  EXPECT_EQ(told("retried-payment", "atomic-increment+idempotency-key-before", 11,
                 {{"lose-reply.rate", "0%"}, {"crash.rate", "50%"}, {"crash.max", "1"}}),
            R"(
VIOLATED  1 false success: A was told ok, and its -30 never happened
   ms   A                                                 balance
  2.1   INSERT key-A1 ON CONFLICT DO NOTHING                  100
  3.1   handler crashes                                       100
 50.0   timed out                                             100
 60.0   asks again                                            100
 61.9   INSERT key-A1 ON CONFLICT DO NOTHING  -> 0 rows       100
 62.7   SELECT key-A1  -> ok                                  100
 63.7   told ok                                               100
why     A's key was recorded at 2.1 ms, before the change was made; its handler
        crashed at 3.1 ms; attempt 2 found the key at 61.9 ms and took the work
        for done; A was told ok at 63.7 ms, and nothing was ever written
ledger  100 - 30 acknowledged + 30 acknowledged but never applied = 100
)");
}

TEST(RunText, of_a_request_delivered_twice) {
  EXPECT_EQ(told("retried-payment", "atomic-increment", 1,
                 {{"lose-reply.rate", "0%"},
                  {"duplicate-delivery.rate", "100%"},
                  {"duplicate-delivery.max", "1"}}),
            R"(
VIOLATED  1 duplicate: A's -30 was done twice
   ms   A                                                  balance
  1.2   request delivered twice                                100
  2.3   UPDATE balance = balance - 30 WHERE balance >= 30       70
  3.3   UPDATE balance = balance - 30 WHERE balance >= 30       40  A done again
  3.4   told ok                                                 40
  4.2   late reply ignored                                      40
why     A's -30 was done at 2.3 ms; the network had delivered that request twice
        (at 1.2 ms); at 3.3 ms it was done again: nothing recognised the repeat
ledger  100 - 30 acknowledged - 30 done again = 40
)");
}

TEST(RunText, of_a_long_run_is_drawn_with_one_row_per_client_and_a_legend) {
  EXPECT_EQ(told("hot-counter", "read-modify-write"), R"(
VIOLATED  31 lost updates, 3 duplicates: C1 was told ok, and its +1 is gone
ms      0                                                          199.2
A        .. ...x. .... x                rx x.x. .                 2.....
B        xxxx x                   2xxx ... xx.xx x.. ..x x.
C        x.xx ...x xxx .... ... .... ...
D        xx.                  2.. x.. ..x ... ..... .... .
        . kept   r kept, after a retry   2 done twice   x lost
why     B1 read n = 0 at 1.8 ms; C1 wrote n = 1 at 2.5 ms; B1, still at 0, wrote
        n = 1 at 2.7 ms
ledger  0 + 100 acknowledged + 4 done again - 32 overwritten = 72
        1 update done again survives once: neither lost nor a duplicate
told               0 survive         1        2+
        ok                31        66         3
        failed             0         0         0
        unknown            0         0         0
calls   100 operations, 104 attempts, 104 runs of a handler, 208 statements; 4
        timeouts, 0 conflicts, 0 deadlocks, 0 lock waits
faults  lose-reply 4
latency p50 4.0 ms   p90 4.3 ms   p99 57.8 ms   max 61.5 ms
)");
}

TEST(RunText, of_a_long_run_that_holds) {
  EXPECT_EQ(told("dropped-call", "read-modify-write+idempotency-key"), R"(
HOLDS  20 of 20 updates survive, each once
ms      0                                                          498.8
A               r.       r       r.....      r       r...      r.      r
        . kept   r kept, after a retry   (a mark is the worst of its slot)
ledger  0 + 20 acknowledged = 20
told               0 survive         1        2+
        ok                 0        20         0
        failed             0         0         0
        unknown            0         0         0
calls   20 operations, 27 attempts, 24 runs of a handler, 112 statements; 7
        timeouts, 0 conflicts, 0 deadlocks, 0 lock waits
faults  lose-request 3, lose-reply 4
latency p50 6.9 ms   p90 59.9 ms   p99 62.9 ms   max 62.9 ms
)");
}

// A is failed at once, B is served by the only worker, C waits for it and is gone when its turn comes, D finds no room.
TEST(RunText, of_a_crowd_before_one_worker) {
  EXPECT_EQ(told("two-writers", "atomic-increment", 1,
                 {{"clients", "4"},
                  {"workers", "1"},
                  {"queue-max", "1"},
                  {"expired", "drop"},
                  {"service-time", "10ms"},
                  {"latency-spread", "0%"},
                  {"timeout", "8ms"},
                  {"attempts-max", "1"},
                  {"fail-call.rate", "100%"},
                  {"fail-call.max", "1"}}),
            R"(
HOLDS  1 of 4 updates survive, each once; 2 told failed; 2 left in doubt (1 of
        them done)
   ms                                         n
  1.0   A  service fails at once              0
  1.0   C  waits for a worker                 0
  1.0   D  turned away: queue full            0
  2.0   A  told failed                        0
  2.0   D  told failed                        0
  8.0   B  timed out                          0
  8.0   B  told unknown: still in doubt       0
  8.0   C  timed out                          0
  8.0   C  told unknown: still in doubt       0
 12.0   B  UPDATE n = n + 1                   1
 12.0   C  dropped: nobody waits for it       1
 13.0   B  late reply ignored                 1
ledger  0 + 0 acknowledged + 1 unknown but applied = 1
)");
}

TEST(RunText, of_a_client_that_waits_for_an_answer_that_will_not_come) {
  EXPECT_EQ(told("retried-payment", "read-modify-write", 1, {{"timeout", "none"}}), R"(
VIOLATED  stuck: A waits for an answer that will not come
   ms   A                        balance
  2.3   SELECT balance  -> 100       100
  3.5   UPDATE balance = 70           70
  4.7   reply lost (ok)               70
why     A waits for an answer that will not come (timeout=none); its reply was
        lost at 4.7 ms
ledger  100 + 0 acknowledged - 30 unknown but applied = 70
)");
}

TEST(RunText, of_a_run_that_was_given_up) {
  EXPECT_EQ(told("hot-counter", "atomic-increment", 1, {{"events-max", "100"}}), R"(
GAVE UP  after 100 events, at 34.7 ms: nothing is proved
ms      0                                                           34.7
A             .     .    .    .     .    .    .     .    .    .    .   ?
B            .    .     .    .     .                                   ?
C           .   .     .     .     .    .     .    .      .    .    .   ?
D            .   .    .                                                ?
        . kept   ? unknown
ledger  0 + 30 acknowledged + 4 unknown but applied = 34
told               0 survive         1        2+
        ok                 0        30         0
        failed             0         0         0
        unknown            0         4         0
calls   100 operations, 34 attempts, 34 runs of a handler, 34 statements; 0
        timeouts, 0 conflicts, 0 deadlocks, 0 lock waits
faults  lose-reply 2
latency p50 2.9 ms   p90 3.3 ms   p99 3.4 ms   max 3.4 ms
)");
}

// A client that was thinking when the run was given up had nothing in doubt: no mark stands for what it never issued.
TEST(RunText, of_a_run_that_was_given_up_marks_only_what_was_issued) {
  const std::string text =
      told("hot-counter", "atomic-increment", 1,
           {{"events-max", "5"}, {"think-time", "50ms"}, {"lose-reply.rate", "0%"}});
  EXPECT_EQ(text.substr(0, text.find("ledger ")), R"(
GAVE UP  after 5 events, at 37.9 ms: nothing is proved
ms      0                                                           37.9
A
B                                                                      ?
C                                                             .
D
        . kept   ? unknown
)");
}

}  // namespace
}  // namespace racelab::lab::run_text_test
