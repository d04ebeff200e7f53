// The same as mermaid: whole, and in its syntax.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>
#include <string>

#include "sim/report/sequence.h"
#include "tests/cli/command.h"
#include "tests/report/explain_of.h"

namespace racelab::lab::explain_mermaid_test {
namespace {

TEST(ExplainMermaid, two_writers) {
  EXPECT_EQ(racelab_of("explain two-writers --format mermaid").output, R"(sequenceDiagram
    %% LOST UPDATE: read-modify-write, autocommit, smallest: 2 clients, 4 steps
    %% racelab explain 0.1.0:two-writers:read-modify-write::ABBA:6f442
    participant p1 as client A
    participant rows as row n
    participant p2 as client B
    Note over rows: n = 0 [50 %]
    p1->>rows: 1. SELECT n
    rows-->>p1: 0 [50 %]
    p2->>rows: 2. SELECT n
    rows-->>p2: 0 [DOOMED HERE: 100 %]
    p2->>rows: 3. UPDATE n = 1
    Note over rows: n = 1 [100 %]
    p1->>rows: 4. UPDATE n = 1
    Note over rows: n = 1, B overwritten [100 %]
    Note over p1,p2: B #lt; A because A overwrote the n = 1 that B wrote (write-write, steps 3-4)
    Note over p1,p2: A #lt; B because A read n = 0 and did not see B's write (read-write, steps 1-3)
    Note over p1,p2: Each comes before the other: no serial order explains this history.
    Note over p1,p2: swap 1 and 2-3: B reads, B writes, A reads, A writes: n = 2, right
    Note over p1,p2: fix: isolation=repeatable-read: UPDATE n = 1: A waits for B at step 4, then gets 40001 and starts over
    Note over p1,p2: fix: atomic-increment: UPDATE n = n + 1: one statement reads and writes
    Note over p1,p2: fix: optimistic-version: UPDATE n = 1 WHERE version = 0: A changes 0 rows at step 4 and starts over
    Note over p1,p2: fix: pessimistic-lock: SELECT n FOR UPDATE: B waits for A at step 2
)");
}

TEST(ExplainMermaid, a_payment_done_twice) {
  EXPECT_EQ(racelab_of("explain retried-payment --strategy atomic-increment "
                       "--format mermaid")
                .output,
            R"(sequenceDiagram
    %% DUPLICATE: atomic-increment, autocommit, smallest: 1 client, 2 steps, 1 fault
    %% racelab explain 0.1.0:retried-payment:atomic-increment::ArA:33f80
    participant p1 as client A
    participant rows as row balance
    participant p2 as A': again
    Note over rows: balance = 100 [50 %]
    p1->>rows: 1. UPDATE balance = balance - 30 WHERE balance #gt;= 30
    Note over rows: balance = 70
    rows--xp1: reply lost
    Note over p2: A': no answer: asks again [DOOMED HERE: 100 %]
    p2->>rows: 2. A': UPDATE balance = balance - 30 WHERE balance #gt;= 30
    Note over rows: balance = 40, A done again
    Note over p2: A': told ok [100 %]
    Note over p1,p2: A's second attempt was done although the first had been (steps 1-2)
    Note over p1,p2: A's -30 was done at step 1#59; its reply was lost at step 1#59; A heard nothing, gave up at step 1 and asked again#59; at step 2 it was done again: nothing recognised the repeat
    Note over p1,p2: fix: +idempotency-key: INSERT key-A1 ON CONFLICT DO NOTHING: A' finds the key: nothing is done again
    Note over p1,p2: fix: +idempotency-key-before: INSERT key-A1 ON CONFLICT DO NOTHING: A' finds the key: nothing is done again
    Note over p1,p2: fix: +idempotency-key-after: SELECT key-A1: A' finds the saved reply: nothing is done again
)");
}

TEST(ExplainMermaid, says_so_when_there_is_nothing_to_draw) {
  EXPECT_EQ(racelab_of("explain two-writers --strategy atomic-increment --format mermaid").output,
            "sequenceDiagram\n"
            "    participant rows as two-writers\n"
            "    Note over rows: HOLDS  in both orders: a proof, within these settings\n");
}

TEST(ExplainMermaid, writes_what_has_a_meaning_as_an_entity) {
  EXPECT_EQ(mermaid_escaped("a >= 1; # <b>"), "a #gt;= 1#59; #35; #lt;b#gt;");
}

// Every line is one of the few forms that are used: a participant, a message, a note, a comment.
TEST(ExplainMermaid, keeps_to_its_syntax_whatever_goes_wrong) {
  const std::regex form(
      "sequenceDiagram|    %% .*"
      "|    participant (rows|p[0-9]+) as [^;<>]+"
      "|    (p[0-9]+(->>|-x)rows|rows(-->>|--x)p[0-9]+): ([^;<>]|#(lt|gt|35|59);)+"
      "|    Note over (rows|p[0-9]+)(,(rows|p[0-9]+))?: ([^;<>]|#(lt|gt|35|59);)+");
  int experiments = 0;
  for_each_experiment([&](const Experiment& experiment) {
    if (++experiments % 7 != 0) {
      return;  // one in seven meets every kind of trouble
    }
    const std::optional<ExplainReport> report = explanation_of(experiment);
    if (!report) {
      return;
    }
    std::istringstream lines(explain_mermaid(*report));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(std::regex_match(line, form)) << line;
    }
  });
}

}  // namespace
}  // namespace racelab::lab::explain_mermaid_test
