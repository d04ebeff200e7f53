// What bad input gets: exit code 2, nothing on standard output, and exactly this one sentence. The sentences are spelt out,
// because they are what a newcomer reads first; whoever changes one sees it here as its readers will.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/cli/command.h"

namespace racelab::lab::mistakes_test {
namespace {

struct Mistake {
  const char* line;      // what was typed after `racelab`
  const char* sentence;  // what it says, after "racelab: "
};

void expect_refused(const CommandResult& outcome, const std::string& sentence) {
  EXPECT_EQ(code(outcome), 2);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors, "racelab: " + sentence + "\n");
}

void expect_all_refused(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(std::string("racelab ") + mistake.line);
    expect_refused(racelab_of(mistake.line), mistake.sentence);
  }
}

TEST(Mistakes, an_unknown_scenario_gets_the_nearest_name) {
  expect_all_refused({
      {"run two-writer", "there is no scenario 'two-writer'; did you mean 'two-writers'?"},
      {"run twowriters", "there is no scenario 'twowriters'; did you mean 'two-writers'?"},
      {"run hot-count", "there is no scenario 'hot-count'; did you mean 'hot-counter'?"},
      {"run droped-call", "there is no scenario 'droped-call'; did you mean 'dropped-call'?"},
      {"run xyzzy", "there is no scenario 'xyzzy'; `racelab list scenarios` shows them"},
      {"run README.md",
       "there is no scenario 'README.md'; a scenario file holds lines `key = value`, and its name "
       "ends in .ini"},
      {"run two-writers.txt",
       "there is no scenario 'two-writers.txt'; did you mean 'two-writers'?"},
      {"run",
       "which scenario? for example `racelab run two-writers`; `racelab list scenarios` shows "
       "them"},
      {"run --strategy atomic-increment",
       "which scenario? for example `racelab run two-writers`; `racelab list scenarios` shows "
       "them"},
  });
}

TEST(Mistakes, an_unknown_strategy_or_protection_gets_the_nearest_name) {
  expect_all_refused({
      {"run two-writers --strategy readmodifywrite",
       "there is no strategy 'readmodifywrite'; did you mean 'read-modify-write'?"},
      {"run two-writers --strategy optimistic",
       "there is no strategy 'optimistic'; did you mean 'optimistic-version'?"},
      {"run two-writers --strategy pesimistic-lock",
       "there is no strategy 'pesimistic-lock'; did you mean 'pessimistic-lock'?"},
      {"run two-writers --strategy xyzzy",
       "there is no strategy 'xyzzy'; `racelab list strategies` shows them"},
      {"run two-writers --strategy read-modify-write,atomic-incremnt",
       "there is no strategy 'atomic-incremnt'; did you mean 'atomic-increment'?"},
      {"run two-writers --strategy atomic-increment+idempotncy-key",
       "there is no protection 'idempotncy-key'; did you mean 'idempotency-key'?"},
      {"run two-writers --strategy atomic-increment+idempotency",
       "there is no protection 'idempotency'; did you mean 'idempotency-key'?"},
      {"run two-writers --strategy atomic-increment+new-key",
       "there is no protection 'new-key'; did you mean 'new-key-per-attempt'?"},
      {"run two-writers --strategy atomic-increment+xyzzy",
       "there is no protection 'xyzzy'; `racelab list strategies` shows them"},
  });
}

TEST(Mistakes, a_combination_that_means_nothing_is_told_why) {
  expect_all_refused({
      {"run money-transfer --strategy atomic-increment",
       "atomic-increment does not apply: no single UPDATE can express the workload 'transfer'"},
      {"run money-transfer --strategy read-modify-write,atomic-increment+idempotency-key",
       "atomic-increment does not apply: no single UPDATE can express the workload 'transfer'"},
      {"run two-writers --strategy idempotency-key",
       "'idempotency-key' is a protection: it wraps a strategy, as in "
       "read-modify-write+idempotency-key"},
      {"run two-writers --strategy atomic-increment+idempotency-key+idempotency-key",
       "'idempotency-key' stands twice in 'atomic-increment+idempotency-key+idempotency-key'"},
      {"run two-writers --strategy atomic-increment+idempotency-key+idempotency-key-after",
       "'atomic-increment+idempotency-key+idempotency-key-after' records the idempotency key more "
       "than once; keep one of them"},
      {"run two-writers --strategy atomic-increment,read-modify-write,pessimistic-lock",
       "the fleet 'atomic-increment,read-modify-write,pessimistic-lock' has 3 strategies for 2 "
       "clients"},
      {"run money-transfer --rows 3",
       "rows needs a workload that spreads over rows: it means nothing with workload=transfer"},
      {"run retried-payment --rows 2",
       "rows needs a workload that spreads over rows: it means nothing with workload=charge"},
      {"run two-writers --backoff-base 2s",
       "backoff-base (2s) must not be longer than backoff-cap (1s)"},
      {"run two-writers --arrivals 5/s --think-time 1ms",
       "think-time needs a closed loop: it means nothing with arrivals=5/s"},
      {"run two-writers --slow-call.rate 5% --timeout none",
       "slow-call needs a timeout to be slower than: it means nothing with timeout=none"},
  });
}

TEST(Mistakes, a_flag_that_changes_nothing_is_told_why) {
  expect_all_refused({
      {"run two-writers --lose-session.side before",
       "lose-session.side needs sessions to be lost: it means nothing without lose-session.rate or "
       "lose-session.max"},
      {"explore two-writers --lose-session.side before",
       "lose-session.side needs sessions to be lost: it means nothing without lose-session.rate or "
       "lose-session.max"},
      {"run two-writers --backoff none --jitter decorrelated",
       "jitter needs pauses to spread: it means nothing with backoff=none"},
      {"run two-writers --arrivals 5/s --spike-for 2s",
       "spike-for needs a spike: it means nothing with spike-arrivals=none"},
      {"run two-writers --retry-budget-burst 9",
       "retry-budget-burst needs a budget to be the size of: it means nothing with "
       "retry-budget=none"},
      {"run two-writers --breaker-threshold 10%",
       "breaker-threshold needs a breaker: it means nothing with breaker=none"},
      {"compare two-writers --breaker-window all",
       "breaker-window needs a breaker: it means nothing with breaker=none"},
      {"compare two-writers --vary breaker-threshold=10%,20%",
       "breaker-threshold needs a breaker: it means nothing with breaker=none"},
      {"compare two-writers --backoff none --vary jitter=full,equal",
       "jitter needs pauses to spread: it means nothing with backoff=none"},
  });
}

// What the file sets up a flag may switch off, and a flag may be for some cells of a comparison only.
TEST(Mistakes, a_flag_that_leaves_another_setting_idle_is_none) {
  EXPECT_NE(code(racelab_of("run metastable-spike --until 1s --spike-arrivals none")), 2);
  EXPECT_NE(code(racelab_of("compare two-writers --seeds 1 --breaker-threshold 10% "
                            "--vary breaker=none,calls")),
            2);
  EXPECT_NE(code(racelab_of("compare two-writers --seeds 1 --vary jitter=full,equal "
                            "--vary backoff=none,fixed")),
            2);
}

TEST(Mistakes, a_list_that_contradicts_itself_is_told_where) {
  expect_all_refused({
      {"run two-writers --hazards none,race",
       "hazards: 'none' stands alone, or is left out: it means that there are none"},
      {"run two-writers --hazards race,none",
       "hazards: 'none' stands alone, or is left out: it means that there are none"},
      {"run two-writers --hazards race,race", "hazards has 'race' twice; once is enough"},
      {"run two-writers --retry-on 503,timeout,503", "retry-on has '503' twice; once is enough"},
      {"run two-writers --hazards race,",
       "hazards must be race, repeat, overlap or crash, or none, not ''"},
  });
}

TEST(Mistakes, a_layer_is_a_number_and_a_client) {
  expect_all_refused({
      {"run two-writers --layer 0=ky", "layer must be from 1 to 5, not '0', as in --layer 2=nginx"},
      {"run two-writers --layer 6=ky", "layer must be from 1 to 5, not '6', as in --layer 2=nginx"},
      {"run two-writers --layer two=ky",
       "layer must be from 1 to 5, not 'two', as in --layer 2=nginx"},
      {"run two-writers --layer 2",
       "layer must be N=CLIENT, such as --layer 2=nginx, not '2'; `racelab list clients` shows "
       "them"},
      {"run two-writers --layer nginx",
       "layer must be N=CLIENT, such as --layer 2=nginx, not 'nginx'; `racelab list clients` "
       "shows them"},
      {"run two-writers --layer 2=nosuch",
       "there is no client 'nosuch'; `racelab list clients` shows them"},
      {"run two-writers --layer 2=ngnix", "there is no client 'ngnix'; did you mean 'nginx'?"},
      {"run two-writers --layer 2=nginx --layer 2=haproxy", "'--layer 2' is given twice"},
      {"run two-writers --layer 1=ky --layer 1=ky", "'--layer 1' is given twice"},
      {"run two-writers --layer 1=ky --client axios",
       "'--client axios' and '--layer 1=ky' both say whose the clients' retries are: give one"},
      {"run two-writers --layer.2.nosuch 1",
       "there is no option '--layer.2.nosuch'; `racelab run --help` lists them"},
      {"run two-writers --layer.2.time-out 1s",
       "there is no option '--layer.2.time-out'; did you mean '--layer.2.timeout'?"},
      {"run two-writers --layer 2=redis-py",
       "'redis-py' sets key, which only the clients have: it can be layer 1, and no service in "
       "between"},
      {"run two-writers --layer 2=tenacity --attempts-max 2",
       "the attempts of the layers multiply: 2 x endless could make more than 65535 calls for one "
       "operation; set layer.2.attempts-max"},
      {"run two-writers --layer.1.timeout 5s",
       "layer 1 is the clients': its settings have no prefix, as in '--timeout'"},
      {"run two-writers --layer.6.timeout 5s",
       "a layer is a number from 1 to 5, as in --layer.2.timeout, not '6'"},
      {"run two-writers --layer.2.client nginx",
       "whose retries a layer has is said by the layer itself, as in --layer 2=nginx"},
      {"run two-writers --layer.2.key new",
       "only clients have a key, and no service in between: it is set as --key"},
      {"compare two-writers --vary layer.1.timeout=1s,2s",
       "'layer.1.timeout' cannot be varied: layer 1 is the clients': its settings have no prefix, "
       "as in 'timeout'"},
      {"compare two-writers --vary layer.9.timeout=1s,2s",
       "'layer.9.timeout' cannot be varied: a layer is a number from 1 to 5, as in "
       "layer.2.timeout, not '9'"},
      {"compare two-writers --vary layer.1=ky,nope",
       "there is no client 'nope'; `racelab list clients` shows them"},
      {"compare two-writers --vary layer.2=ky,redis-py",
       "'redis-py' sets key, which only the clients have: it can be layer 1, and no service in "
       "between"},
      {"run two-writers --layers 1 --layer 2=nginx",
       "layer.2 needs layers=2 or more: it means nothing with layers=1"},
      {"explore two-writers --layer 2=nginx",
       "exploration follows one service, not several that call one another: it needs layers=1"},
      {"verify two-writers --layer 2=nginx",
       "there is no option '--layer'; `racelab verify --help` lists them"},
  });
}

TEST(Mistakes, what_exploration_cannot_follow_is_a_setting_with_a_name) {
  expect_all_refused({
      {"explore two-writers --layers 2",
       "exploration follows one service, not several that call one another: it needs layers=1"},
      {"explore two-writers --breaker calls",
       "exploration does not follow a client's breaker from one operation to the next: it needs "
       "breaker=none"},
      {"explore two-writers --workers 1",
       "workers=1 makes clients wait for each other in a queue, which exploration does not follow "
       "yet; explore with workers=any"},
      {"explore two-writers --operations 100",
       "exploration takes at most 64 operations in all, not 200; smaller settings are given as "
       "flags, or in the file as explore.KEY lines"},
  });
}

TEST(Mistakes, amounts_that_a_row_cannot_hold_are_told_the_range) {
  expect_all_refused({
      {"run two-writers --strategy atomic-increment --clients 100 --operations 2000 --amount "
       "1000000000 --amount-step 1000000000",
       "initial and the amounts of all operations, each applied up to 6 times, must sum up to at "
       "most 4000000000000000000, not 120000600000000000000"},
  });
}

TEST(Mistakes, an_unknown_flag_gets_the_nearest_one) {
  expect_all_refused({
      {"run two-writers --client 3", "there is no client '3'; did you mean '--clients 3'?"},
      {"run two-writers --client axois", "there is no client 'axois'; did you mean 'axios'?"},
      {"run two-writers --client axios --client got", "'--client' is given twice"},
      {"run two-writers --sede 3", "there is no option '--sede'; did you mean '--seed'?"},
      {"run two-writers --strat x", "there is no option '--strat'; did you mean '--strategy'?"},
      {"run two-writers --isolaton=autocommit",
       "there is no option '--isolaton'; did you mean '--isolation'?"},
      {"run two-writers --lost-reply.rate 3%",
       "there is no option '--lost-reply.rate'; did you mean '--lose-reply.rate'?"},
      {"run two-writers --lose-reply 3%",
       "there is no option '--lose-reply'; did you mean '--lose-reply.rate'?"},
      {"run two-writers --xyzzy 3",
       "there is no option '--xyzzy'; `racelab run --help` lists them"},
      {"run two-writers --version",
       "there is no option '--version'; `racelab run --help` lists them"},
      {"run two-writers --scenario-name hot-counter",
       "there is no option '--scenario-name'; `racelab run --help` lists them"},
  });
}

TEST(Mistakes, a_number_out_of_range_is_told_the_range) {
  expect_all_refused({
      {"run two-writers --clients 0", "clients must be from 1 to 1000, not '0'"},
      {"run two-writers --clients -1", "clients must be from 1 to 1000, not '-1'"},
      {"run two-writers --clients=1001", "clients must be from 1 to 1000, not '1001'"},
      {"run two-writers --clients 99999999999999999999999",
       "clients must be from 1 to 1000, not '99999999999999999999999'"},
      {"run two-writers --operations 1000000000000",
       "operations must be from 1 to 100000, not '1000000000000'"},
      {"run two-writers --clients 1000 --operations 100000",
       "clients x operations must be from 1 to 1000000, not 1000 x 100000 = 100000000"},
      {"run two-writers --lose-reply.rate 120%",
       "lose-reply.rate must be from 0% to 100%, not '120%'"},
      {"run two-writers --lose-reply.rate -5%",
       "lose-reply.rate must be from 0% to 100%, not '-5%'"},
      {"run two-writers --lose-reply.max -1",
       "lose-reply.max must be from 0 to 1000000, or any, not '-1'"},
      {"run two-writers --timeout -5ms", "timeout must be from 1us to 3600s, or none, not '-5ms'"},
      {"run two-writers --timeout 61min",
       "timeout must be from 1us to 3600s, or none, not '61min'"},
      {"run two-writers --timeout 99999999999999999999ms",
       "timeout must be from 1us to 3600s, or none, not '99999999999999999999ms'"},
      {"run two-writers --lose-reply.rate 99999999999999999999%",
       "lose-reply.rate must be from 0% to 100%, not '99999999999999999999%'"},
      {"run two-writers --arrivals 99999999999999999999999/s",
       "arrivals must be from 1/s to 100000/s, or closed, not '99999999999999999999999/s'"},
      {"run two-writers --timeout 1.0000001ms",
       "timeout must be in steps of 1us, or none, not '1.0000001ms'"},
      {"run two-writers --lose-reply.rate 0.0000000001%",
       "lose-reply.rate must be in steps of 0.0000001%, not '0.0000000001%'"},
      {"run two-writers --latency 0ms", "latency must be from 1us to 3600s, not '0ms'"},
      {"run two-writers --arrivals 0/s",
       "arrivals must be from 1/s to 100000/s, or closed, not '0/s'"},
      {"run two-writers --amount 0", "amount must be from 1 to 1000000000, not '0'"},
      {"run two-writers --initial 10000000000",
       "initial must be from -1000000000 to 1000000000, not '10000000000'"},
      {"run two-writers --seed -1",
       "seed must be a whole number from 0 to 18446744073709551615, not '-1'"},
      {"run two-writers --seed 18446744073709551616",
       "seed must be a whole number from 0 to 18446744073709551615, not '18446744073709551616'"},
  });
}

TEST(Mistakes, a_value_of_the_wrong_form_is_shown_the_right_one) {
  expect_all_refused({
      {"run two-writers --clients two", "clients must be a whole number, not 'two'"},
      {"run two-writers --clients 1.5", "clients must be a whole number, not '1.5'"},
      {"run two-writers --timeout 5",
       "timeout must be a time with its unit, such as 250us, 1.5ms, 2s or 1min, or none, not '5'"},
      {"run two-writers --timeout 2h",
       "timeout must be a time with its unit, such as 250us, 1.5ms, 2s or 1min, or none, not "
       "'2h'"},
      {"run two-writers --latency none",
       "latency must be a time with its unit, such as 250us, 1.5ms, 2s or 1min, not 'none'"},
      {"run two-writers --lose-reply.rate 0.5",
       "lose-reply.rate must be a share with a %, such as 2% or 0.5%, not '0.5'"},
      {"run two-writers --arrivals 5",
       "arrivals must be a number per second, such as 200/s, or closed, not '5'"},
      {"run two-writers --isolation repeatable",
       "isolation must be autocommit, read-committed or repeatable-read, not 'repeatable'; did you "
       "mean 'repeatable-read'?"},
      {"run two-writers --isolation serializable",
       "isolation must be autocommit, read-committed or repeatable-read, not 'serializable'"},
      {"run two-writers --jitter ful",
       "jitter must be none, full, equal, decorrelated, factor, addend or polly, not 'ful'; did "
       "you mean 'full'?"},
      {"run two-writers --workload incremnt",
       "workload must be charge, increment or transfer, not 'incremnt'; did you mean 'increment'?"},
      {"run two-writers --seed abc",
       "seed must be a whole number from 0 to 18446744073709551615, not 'abc'"},
      {"run two-writers --format xml", "format must be text, json or csv, not 'xml'"},
      {"run two-writers --format csv --trace",
       "a trace has no place in CSV's one line; --format json has it"},
      {"run two-writers --color blue", "color must be auto, always or never, not 'blue'"},
  });
}

TEST(Mistakes, an_empty_word_is_no_value) {
  expect_refused(run_command_line({"run", "two-writers", "--clients", ""}, {}),
                 "clients must be a whole number, not ''");
  expect_refused(run_command_line({"run", "two-writers", "--timeout", "5 ms"}, {}),
                 "timeout must be a time with its unit, such as 250us, 1.5ms, 2s or 1min, or none, "
                 "not '5 ms'");
  expect_refused(run_command_line({"run", "two-writers", "--output", ""}, {}),
                 "'--output' needs the name of a file");
  expect_refused(run_command_line({"run", "two-writers", "--strategy", ""}, {}),
                 "a name is missing in '': strategies are written as in atomic-increment, in "
                 "atomic-increment+idempotency-key, or with commas for clients that differ");
}

TEST(Mistakes, flags_are_given_once_and_with_a_value) {
  expect_all_refused({
      {"run two-writers --clients 2 --clients 2", "'--clients' is given twice"},
      {"run two-writers --seed 1 --clients 3 --seed 2", "'--seed' is given twice"},
      {"run two-writers --strategy atomic-increment --strategy read-modify-write",
       "'--strategy' is given twice"},
      {"run two-writers --clients", "'--clients' needs a value, as in --clients N"},
      {"run two-writers --clients=", "'--clients' needs a value, as in --clients N"},
      {"run two-writers --timeout", "'--timeout' needs a value, as in --timeout TIME|none"},
      {"run two-writers --trace=yes", "'--trace' takes no value"},
      {"run two-writers --help=yes", "'--help' takes no value"},
      {"run two-writers --trace --trace", "'--trace' is given twice"},
      {"explore two-writers --engine orders --memory-max 9",
       "'--memory-max' means nothing with --engine orders: it runs each order by itself, and keeps "
       "no states"},
  });
}

// Else `--output --trace` writes a file of that name, and `--clients --operations 3` takes "3" for a scenario.
TEST(Mistakes, a_flag_is_no_value_of_the_flag_before_it) {
  expect_all_refused({
      {"run two-writers --output --trace", "'--output' needs a value, as in --output FILE"},
      {"run two-writers --clients --operations 3", "'--clients' needs a value, as in --clients N"},
      {"run --strategy --seed 2 two-writers", "'--strategy' needs a value, as in --strategy S"},
      {"run two-writers --seed --", "'--seed' needs a value, as in --seed N"},
      {"run two-writers --strategy=--seed",
       "there is no strategy '--seed'; `racelab list strategies` shows them"},
  });
}

TEST(Mistakes, with_dashes_are_told_as_they_were_typed) {
  expect_all_refused({
      {"run two-writers -s 3", "there is no option '-s'; `racelab run --help` lists them"},
      {"run two-writers -clients 3", "there is no option '-clients'; did you mean '--clients'?"},
      {"run two-writers ---clients 3",
       "there is no option '---clients'; did you mean '--clients'?"},
      {"run two-writers --=3", "there is no option '--'; `racelab run --help` lists them"},
      {"run two-writers --trace -x", "there is no option '-x'; `racelab run --help` lists them"},
  });
  EXPECT_EQ(code(racelab_of("run -- two-writers")), 1);
}

// Names come from scripts, too: whatever is in one, the sentence is one line, and colors no terminal.
TEST(Mistakes, are_one_line_whatever_was_typed) {
  expect_refused(run_command_line({"run", "two\nwriters"}, {}),
                 "there is no scenario 'two?writers'; did you mean 'two-writers'?");
  expect_refused(run_command_line({"run", "two-writers", "--clients", "\x1b[31m\r\n3"}, {}),
                 "clients must be a whole number, not '?[31m??3'");
  expect_refused(run_command_line({"x\ty"}, {}),
                 "there is no command 'x?y'; `racelab --help` lists them");
  expect_refused(run_command_line({"run", "./caf\xc3\xa9.ini"}, {}),
                 "there is no file './caf\xc3\xa9.ini'");
}

TEST(Mistakes, quote_the_ends_of_what_is_too_long_to_read) {
  expect_refused(
      run_command_line({"run", "two-writers", "--clients", std::string(100'000, '9')}, {}),
      "clients must be from 1 to 1000, not '" + std::string(60, '9') + "..." +
          std::string(32, '9') + "'");
  // What is not quoted alone is bounded, too.
  const CommandResult outcome =
      run_command_line({"run", "two-writers", "--" + std::string(5'000, 'x') + "'"}, {});
  EXPECT_EQ(code(outcome), 2);
  EXPECT_LE(outcome.errors.size(), std::string("racelab: ").size() + 600 + 5 + 300 + 1);
  // Between letters, never inside one: each of these has two bytes.
  std::string letters;
  for (int i = 0; i < 5'000; ++i) {
    letters += "\xc3\xa9";
  }
  for (const char* begin : {"", "x"}) {
    const std::string sentence = run_command_line({"run", begin + letters}, {}).errors;
    EXPECT_NE(sentence.find("\xc3\xa9...\xc3\xa9"), std::string::npos) << sentence;
  }
}

TEST(Mistakes, a_second_scenario_is_one_too_many) {
  for (const char* line : {"run two-writers hot-counter", "run two-writers --trace yes"}) {
    SCOPED_TRACE(line);
    const CommandResult outcome = racelab_of(line);
    EXPECT_EQ(code(outcome), 2);
    EXPECT_EQ(outcome.output, "");
    EXPECT_TRUE(outcome.errors.starts_with("racelab: `racelab run` takes one scenario"))
        << outcome.errors;
  }
}

TEST(Mistakes, an_unknown_command_gets_the_nearest_one) {
  expect_all_refused({
      {"runn two-writers", "there is no command 'runn'; did you mean 'run'?"},
      {"lists", "there is no command 'lists'; did you mean 'list'?"},
      {"launch two-writers", "there is no command 'launch'; `racelab --help` lists them"},
      {"hot-counter", "there is no command 'hot-counter'; did you mean `racelab run hot-counter`?"},
      {"two-writers --seed 3",
       "there is no command 'two-writers'; did you mean `racelab run two-writers`?"},
      {"./mine.ini", "there is no command './mine.ini'; did you mean `racelab run ./mine.ini`?"},
      {"list fault", "there is nothing to list called 'fault'; did you mean 'faults'?"},
      {"list strategy", "there is nothing to list called 'strategy'; did you mean 'strategies'?"},
      {"list xyz",
       "there is nothing to list called 'xyz'; there are strategies, protections, scenarios, "
       "workloads, hazards, faults, clients and sql"},
      {"list faults hazards",
       "`racelab list` takes one kind or name: what is 'hazards' after 'faults'?"},
      {"list two-writer",
       "there is nothing to list called 'two-writer'; did you mean 'two-writers'?"},
      {"list two-writers --format json",
       "--format json is for a kind, as in `racelab list clients --format json`: 'two-writers' "
       "stands in one"},
      {"verify oversold-stock --strategy guarded-update",
       "'oversold-stock' has endpoints in SQL, and is verified with all of them: leave --strategy "
       "out"},
      {"verify oversold-stock --format markdown",
       "'oversold-stock' has endpoints in SQL, and --format markdown is a table of strategies: "
       "text, json, junit and github show endpoints, too"},
      {"verify two-writers --format xml",
       "format must be text, markdown, json, junit or github, not 'xml'"},
      {"manual run explore", "`racelab manual` takes one command: what is 'explore' after 'run'?"},
      {"completion words", "shell must be bash, zsh or fish, not 'words'"},
      {"list --all", "there is no option '--all'; `racelab list --help` lists them"},
  });
}

TEST(Mistakes, no_command_at_all_shows_the_help_as_an_error) {
  const CommandResult outcome = run_command_line({}, {});
  EXPECT_EQ(code(outcome), 2);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors, racelab_of("help").output);
}

TEST(Mistakes, asking_for_help_is_none) {
  for (const char* line :
       {"help", "--help", "-h", "run --help", "run -h", "help run", "list --help", "help list",
        "list strategies --help", "run two-writers --clients 3 --help"}) {
    SCOPED_TRACE(line);
    const CommandResult outcome = racelab_of(line);
    EXPECT_EQ(code(outcome), 0);
    EXPECT_EQ(outcome.errors, "");
    EXPECT_NE(outcome.output.find("usage: racelab "), std::string::npos);
  }
}

TEST(Mistakes, a_real_database_is_named_and_has_work_to_do) {
  expect_all_refused({
      {"agree", "on which database? for example `racelab agree --on postgresql`"},
      {"agree --on oracle",
       "--on is postgresql, mariadb, sqlite, postgresql://USER@HOST/DATABASE or exec:COMMAND, not "
       "'oracle'"},
      {"agree two-writers --on postgresql",
       "'two-writers' has no endpoints in SQL; `racelab list scenarios` shows those that have"},
      {"agree bulk-update --on postgresql --grants first",
       "'--grants first' is for the store; a server grants as it likes"},
      {"explore bulk-update --on sqlite --on postgresql --grants first",
       "'--grants first' is for the store; a server grants as it likes"},
      {"explore two-writers --on postgresql",
       "--check, --param, --order, --time-passes.*, --deadlock-timeout, --on and --orders-max are "
       "for endpoints in SQL"},
      {"explore oversold-stock --on store --on store", "--on store stands there twice"},
      {"explore oversold-stock --on sqlite:wal",
       "after sqlite: may stand journal (a rollback journal instead of WAL), immediate (BEGIN "
       "IMMEDIATE) and wait (as with a busy_timeout), with commas between them; not 'wal'"},
      {"explore oversold-stock --on mariadb:galera",
       "after mariadb: may stand snapshot (innodb_snapshot_isolation); not 'galera'"},
      {"explore oversold-stock --orders-max 4",
       "--orders-max is for --on: the store is explored by states"},
      {"explore oversold-stock --strategy guarded-update --order AB --on postgresql",
       "--order draws one order of the store; --on runs all of them on a server"},
  });
}

}  // namespace
}  // namespace racelab::lab::mistakes_test
