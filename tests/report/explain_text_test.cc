// Explanations, whole: what a room sees on the projector.
#include <gtest/gtest.h>

#include "tests/cli/command.h"

namespace racelab::lab::explain_text_test {
namespace {

TEST(ExplainText, two_writers) {
  EXPECT_EQ(racelab_of("explain two-writers").output,
            R"(LOST UPDATE   read-modify-write, autocommit   smallest: 2 clients, 4 steps

    client A                  row n                 client B           odds of a
        |                       |                       |              violation
        |                     n = 0                     |                   50 %
  1     |------ SELECT n ------>|                       |
        |<---------- 0 ---------|                       |                   50 %
  2     |                       |<------ SELECT n ------|
        |                       |---------- 0 --------->|     DOOMED HERE  100 %
  3     |                       |<---- UPDATE n = 1 ----|
        |                     n = 1                     |                  100 %
  4     |---- UPDATE n = 1 ---->|                       |
        |                     n = 1  B overwritten      |                  100 %

ends    n = 1; 1 lost update: B was told ok, and its +1 is gone
B < A   because A overwrote the n = 1 that B wrote (write-write, steps 3-4)
A < B   because A read n = 0 and did not see B's write (read-write, steps 1-3)
        Each comes before the other: no serial order explains this history.
swap    1 and 2-3: B reads, B writes, A reads, A writes: n = 2, right
fixes   isolation=repeatable-read  UPDATE n = 1: A waits for B at step 4, then
                                   gets 40001 and starts over
        atomic-increment           UPDATE n = n + 1: one statement reads and
                                   writes
        optimistic-version         UPDATE n = 1 WHERE version = 0: A changes 0
                                   rows at step 4 and starts over
        pessimistic-lock           SELECT n FOR UPDATE: B waits for A at step 2
again   racelab replay 0.1.0:two-writers:read-modify-write::ABBA:6f442
compare racelab replay 0.1.0:two-writers:read-modify-write::ABBA:6f442 --isolation repeatable-read
)");
}

TEST(ExplainText, a_payment_done_twice) {
  EXPECT_EQ(racelab_of("explain retried-payment --strategy atomic-increment").output,
            R"(DUPLICATE   atomic-increment, autocommit   smallest: 1 client, 2 steps, 1 fault

    client A               row balance              A': again          odds of a
        |                       |                       |              violation
        |                 balance = 100                 |                   50 %
  1     |  UPDATE balance =     |                       |
        |  balance - 30         |                       |
        |- WHERE balance >= 30 >|                       |
        |                 balance = 70                  |
        |   X---- reply lost ---|                       |
        |                       | no answer: asks again |     DOOMED HERE  100 %
  2     |                       |  UPDATE balance =     |
        |                       |  balance - 30         |
        |                       |<- WHERE balance >= 30 |
        |                 balance = 40  A done again    |
        |                       |               told ok |                  100 %

ends    balance = 40; 1 duplicate: A's -30 was done twice
why     A's second attempt was done although the first had been (steps 1-2)
        A's -30 was done at step 1; its reply was lost at step 1; A heard
        nothing, gave up at step 1 and asked again; at step 2 it was done again:
        nothing recognised the repeat
fixes   +idempotency-key         INSERT key-A1 ON CONFLICT DO NOTHING: A' finds
                                 the key: nothing is done again
        +idempotency-key-before  INSERT key-A1 ON CONFLICT DO NOTHING: A' finds
                                 the key: nothing is done again; no help against
                                 crash
        +idempotency-key-after   SELECT key-A1: A' finds the saved reply:
                                 nothing is done again; no help against overlap,
                                 crash
again   racelab replay 0.1.0:retried-payment:atomic-increment::ArA:33f80
compare racelab replay 0.1.0:retried-payment:atomic-increment::ArA:33f80 --strategy atomic-increment+idempotency-key
)");
}

TEST(ExplainText, two_rows_and_a_broken_rule) {
  EXPECT_EQ(racelab_of("explain money-transfer").output,
            R"(LOST UPDATE, INVARIANT BROKEN   smallest: 2 clients, 6 steps
under   read-modify-write, autocommit

    client A                rows a, b               client B           odds of a
        |                       |                       |              violation
        |               a = 100, b = 100                |                   75 %
  1     |----- SELECT a, b ---->|                       |
        |<------ 100, 100 ------|                       |                   75 %
  2     |---- UPDATE a = 90 --->|                       |
        |                a = 90, b = 100                |                   50 %
  3     |                       |<----- SELECT a, b ----|
        |                       |------- 90, 100 ------>|     DOOMED HERE  100 %
  4     |                       |<--- UPDATE a = 100 ---|
        |               a = 100, b = 100                |                  100 %
  5     |                       |<---- UPDATE b = 90 ---|
        |                a = 100, b = 90                |                  100 %
  6     |--- UPDATE b = 110 --->|                       |
        |               a = 100, b = 110  B overwritten |                  100 %

ends    a = 100, b = 110; 1 lost update, 1 broken invariant: B was told ok, and
        its -10 is gone
A < B   because B overwrote the a = 90 that A wrote (write-write, steps 2-4)
B < A   because A overwrote the b = 90 that B wrote (write-write, steps 5-6)
        Each comes before the other: no serial order explains this history.
why     the rule "a + b stays what it was" is broken: a = 100, b = 100 at the
        start, a = 100, b = 110 at the end
swap    3-5 and 6: A reads, A writes, A writes, B reads, B writes, B writes:
        a = 100, b = 100, right
fixes   isolation=repeatable-read  UPDATE a = 110: B waits for A at step 4, then
                                   gets 40001 and starts over
        optimistic-version         UPDATE a = 110 WHERE version = 0: B waits for
                                   A at step 4, then changes 0 rows and starts
                                   over
        pessimistic-lock           SELECT a, b FOR UPDATE: B waits for A at step
                                   3
again   racelab replay 0.1.0:money-transfer:read-modify-write::AABBBA:5f29d
compare racelab replay 0.1.0:money-transfer:read-modify-write::AABBBA:5f29d --isolation repeatable-read
)");
}

TEST(ExplainText, a_key_recorded_before_its_change) {
  EXPECT_EQ(racelab_of("explain retried-payment --strategy "
                       "read-modify-write+idempotency-key-before --crash.max 1 --lose-reply.max 0")
                .output,
            R"(FALSE SUCCESS   smallest: 1 client, 4 steps, 1 fault
under   read-modify-write+idempotency-key-before, autocommit

    client A               row balance              A': again          odds of a
        |                       |                       |              violation
        |                 balance = 100                 |                 37.5 %
  1     |  INSERT key-A1        |                       |
        |  ON CONFLICT DO       |                       |
        |------- NOTHING ------>|                       |                   75 %
  2     X handler crashes       |                       |
        |                       | no answer: asks again |     DOOMED HERE  100 %
  3     |                       |  INSERT key-A1        |
        |                       |  ON CONFLICT DO       |
        |                       |<------- NOTHING ------|
        |                       |------- 0 rows ------->|                  100 %
  4     |                       |<---- SELECT key-A1 ---|
        |                       |--------- ok --------->|
        |                       |               told ok |                  100 %

ends    balance = 100; 1 false success: A was told ok, and its -30 never
        happened
why     A's key was recorded at step 1, before the change was made; its handler
        crashed at step 2; attempt 2 found the key at step 3 and took the work
        for done; A was told ok at step 4, and nothing was ever written
fixes   read-modify-write+idempotency-key     INSERT key-A1 ON CONFLICT DO
                                              NOTHING: A' waits for the earlier
                                              A at step 3
        read-modify-write                     holds in this order, too; no help
                                              against repeat, overlap, crash
        read-modify-write+new-key-per-attempt
                                              holds in this order, too; no help
                                              against repeat, overlap, crash
again   racelab replay 0.1.0:retried-payment:read-modify-write+idempotency-key-before:lose-reply.max=0~crash.max=1:AAcAA:6424e
compare racelab replay 0.1.0:retried-payment:read-modify-write+idempotency-key-before:lose-reply.max=0~crash.max=1:AAcAA:6424e --strategy read-modify-write+idempotency-key
)");
}

TEST(ExplainText, stuck_behind_a_dead_handler) {
  EXPECT_EQ(racelab_of("explain two-writers --strategy pessimistic-lock "
                       "--session-timeout none --crash.max 1")
                .output,
            R"(STUCK   pessimistic-lock, read-committed   smallest: 1 client, 3 steps, 1 fault

    client A                  row n                 A': again          odds of a
        |                       |                       |              violation
        |                     n = 0                     |                 37.5 %
  1     |- SELECT n FOR UPDATE >|                       |
        |<---------- 0 ---------|                       |                   75 %
  2     X handler crashes       |                       |
        |                       | no answer: asks again |     DOOMED HERE  100 %
  3     |                       |<- SELECT n FOR UPDATE |
        |                       | waits for the earlier |
        |                       |                     A |                  100 %

ends    n = 0; stuck: A waits for n, which an earlier handler of A holds
why     A waits for n, which an earlier handler of A holds; that handler is
        dead, and the store never notices (session-timeout=none)
fixes   atomic-increment    UPDATE n = n + 1: one statement reads and writes
        optimistic-version  holds in this order, too
again   racelab replay 0.1.0:two-writers:pessimistic-lock:session-timeout=none~crash.max=1~issued=1.0:AAcA:1bf2b
compare racelab replay 0.1.0:two-writers:pessimistic-lock:session-timeout=none~crash.max=1~issued=1.0:AAcA:1bf2b --strategy atomic-increment
)");
}

TEST(ExplainText, transactions_and_more_clients_than_matter) {
  EXPECT_EQ(racelab_of("explain two-writers --isolation read-committed --clients 3").output,
            R"(LOST UPDATE   read-modify-write, read-committed   smallest: 2 clients, 6 steps

    client A                  row n                 client B           odds of a
        |                       |                       |              violation
        |                     n = 0                     |                   75 %
  1     |------ SELECT n ------>|                       |
        |<---------- 0 ---------|                       |                   75 %
  2     |                       |<------ SELECT n ------|
        |                       |---------- 0 --------->|     DOOMED HERE  100 %
  3     |                       |<---- UPDATE n = 1 ----|
        |                    (n = 1)                    |                  100 %
  4     |                       |<------- COMMIT -------|
        |                     n = 1                     |                  100 %
  5     |---- UPDATE n = 1 ---->|                       |
        |                    (n = 1)  B overwritten     |                  100 %
  6     |------- COMMIT ------->|                       |
        |                     n = 1                     |                  100 %

ends    n = 1; 1 lost update: B was told ok, and its +1 is gone
B < A   because A overwrote the n = 1 that B wrote (write-write, steps 3-5)
A < B   because A read n = 0 and did not see B's write (read-write, steps 1-3)
        Each comes before the other: no serial order explains this history.
swap    1 and 2-4: B reads, B writes, B commits, A reads, A writes, A commits:
        n = 2, right
fixes   isolation=repeatable-read  UPDATE n = 1: A gets 40001 at step 5 and
                                   starts over
        atomic-increment           UPDATE n = n + 1: B waits for A at step 2
        optimistic-version         UPDATE n = 1 WHERE version = 0: A changes 0
                                   rows at step 5 and starts over
        pessimistic-lock           SELECT n FOR UPDATE: B waits for A at step 2
again   racelab replay 0.1.0:two-writers:read-modify-write:clients=3~isolation=read-committed~issued=1.1.0:ABBBAA:1a408
compare racelab replay 0.1.0:two-writers:read-modify-write:clients=3~isolation=read-committed~issued=1.1.0:ABBBAA:1a408 --isolation repeatable-read
)");
}

TEST(ExplainText, a_lost_request_costs_nothing) {
  EXPECT_EQ(racelab_of("explain dropped-call").output,
            R"(DUPLICATE   read-modify-write, autocommit   smallest: 1 client, 4 steps, 1 fault

    client A                  row n                 A': again          odds of a
        |                       |                       |              violation
        |                     n = 0                     |                 12.5 %
  1  A1 |------ SELECT n ------>|                       |
     A1 |<---------- 0 ---------|                       |                   25 %
  2  A1 |---- UPDATE n = 1 ---->|                       |
        |                     n = 1                     |
     A1 |   X---- reply lost ---|                       |
        |                       | no answer: asks again | A1'               50 %
  3     |                       |<------ SELECT n ------| A1'
        |                       |---------- 1 --------->| A1' DOOMED HERE  100 %
  4     |                       |<---- UPDATE n = 2 ----| A1'
        |                     n = 2  A1 done again      |
        |                       |               told ok | A1'              100 %

ends    n = 2; 1 duplicate: A1's +1 was done twice
why     A1's second attempt was done although the first had been (steps 2-4)
        A1's +1 was done at step 2; its reply was lost at step 2; A heard
        nothing, gave up at step 2 and asked again; at step 4 it was done again:
        nothing recognised the repeat
fixes   +idempotency-key         INSERT key-A1 ON CONFLICT DO NOTHING: A1' finds
                                 the key: nothing is done again
        +idempotency-key-before  INSERT key-A1 ON CONFLICT DO NOTHING: A1' finds
                                 the key at step 4: nothing is done again; no
                                 help against crash
        +idempotency-key-after   SELECT key-A1: A1' finds the saved reply:
                                 nothing is done again; no help against overlap,
                                 crash
again   racelab replay 0.1.0:dropped-call:read-modify-write:issued=1:AArAA:5fa24
compare racelab replay 0.1.0:dropped-call:read-modify-write:issued=1:AArAA:5fa24 --strategy read-modify-write+idempotency-key
)");
}

}  // namespace
}  // namespace racelab::lab::explain_text_test
