// The option table: every value that an option can hold is written so that it is read back the same, everything else is
// refused with the range or the form, and names that are nearly right are recognised.
#include "sim/scenario/options.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/scenario/conflicts.h"
#include "sim/scenario/registry.h"
#include "tests/property.h"

namespace racelab::lab::options_test {
namespace {

const Option& option(const std::string& name) { return *find_option(name); }

// Any value that the option can hold.
std::int64_t any_value(const Option& of) {
  if (!of.none.empty() && *rc::gen::inRange(0, 8) == 0) {
    return of.form == Form::choices ? 0 : -1;
  }
  switch (of.form) {
    case Form::choice:
      return *rc::gen::inRange<std::int64_t>(0, static_cast<std::int64_t>(of.choices.size()));
    case Form::choices:
      return *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << of.choices.size());
    default:
      break;
  }
  // Small values, any values, and the two ends.
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return of.low;
    case 1:
      return of.high;
    case 2:
      return *rc::gen::inRange(of.low, std::min(of.high, of.low + 2'000) + 1);
    default:
      return *rc::gen::inRange(of.low, of.high + 1);
  }
}

TEST(OptionsProperty, a_value_that_is_written_is_read_back_the_same) {
  check_property(1'000, [] {
    for (const Option& each : options()) {
      const std::int64_t value = any_value(each);
      const std::string text = format_value(each, value);
      const ParsedValue parsed = parse_value(each, text);
      RC_ASSERT(parsed.problem == "");
      // No hazards at all is the word "none", and that is kept as -1 until it is set.
      Settings settings;
      each.set(settings, *parsed.value);
      RC_ASSERT(each.get(settings) == value);
      RC_ASSERT(value_of(each, settings) == text);
    }
  });
}

TEST(OptionsProperty, setting_one_option_changes_no_other) {
  check_property(1'000, [] {
    const Option& changed = *rc::gen::elementOf(options());
    Settings settings;
    changed.set(settings, any_value(changed));
    const Settings defaults;
    for (const Option& other : options()) {
      if (other.name != changed.name) {
        RC_ASSERT(other.get(settings) == other.get(defaults));
      }
    }
  });
}

TEST(OptionsProperty, no_text_is_read_as_a_value_out_of_range) {
  check_property(1'000, [] {
    const auto text = *rc::gen::arbitrary<std::string>();
    for (const Option& each : options()) {
      const ParsedValue parsed = parse_value(each, text);
      RC_ASSERT(parsed.value.has_value() == parsed.problem.empty());
      const bool numeric = each.form != Form::choice && each.form != Form::choices;
      if (parsed.value && numeric && *parsed.value != -1) {
        RC_ASSERT(*parsed.value >= each.low);
        RC_ASSERT(*parsed.value <= each.high);
      }
    }
  });
}

// Texts that look like numbers reach further into the reader than any text.
TEST(OptionsProperty, no_number_is_read_as_a_value_out_of_range) {
  check_property(1'000, [] {
    const std::string digits =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789.-")));
    const std::string unit =
        *rc::gen::elementOf(std::vector<std::string>{"", "%", "us", "ms", "s", "min", "/s"});
    for (const Option& each : options()) {
      const ParsedValue parsed = parse_value(each, digits + unit);
      RC_ASSERT(parsed.value.has_value() == parsed.problem.empty());
      if (parsed.value && *parsed.value != -1) {
        RC_ASSERT(*parsed.value >= each.low);
        RC_ASSERT(*parsed.value <= each.high);
      }
    }
  });
}

TEST(Options, have_unique_names_and_a_clause_of_help) {
  std::set<std::string> names;
  for (const Option& each : options()) {
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
    EXPECT_FALSE(each.help.empty()) << each.name;
    EXPECT_FALSE(each.help.ends_with('.')) << each.name;
    EXPECT_EQ(find_option(each.name), &each);
  }
  EXPECT_EQ(find_option("explore.clients"), nullptr);
  EXPECT_EQ(find_option(""), nullptr);
}

TEST(Options, are_those_that_every_scenario_has) {
  for (const char* name : {"workload",
                           "hazards",
                           "clients",
                           "operations",
                           "isolation",
                           "timeout",
                           "attempts-max",
                           "tries-max",
                           "backoff",
                           "backoff-base",
                           "backoff-cap",
                           "jitter",
                           "latency",
                           "latency-shape",
                           "latency-spread",
                           "statement-latency",
                           "answer-latency",
                           "service-time",
                           "service-time-per-call",
                           "service-shape",
                           "workers",
                           "queue-max",
                           "expired",
                           "lock-timeout",
                           "faults-max",
                           "lose-request.rate",
                           "lose-request.max",
                           "lose-reply.rate",
                           "lose-reply.max",
                           "duplicate-delivery.rate",
                           "duplicate-delivery.max",
                           "slow-call.rate",
                           "slow-call.max",
                           "crash.rate",
                           "crash.max",
                           "lose-session.rate",
                           "lose-session.max",
                           "fail-call.rate",
                           "fail-call.max",
                           "fail-call.kind",
                           "fail-call.retry-after",
                           "refuse-call.max",
                           "reset-call.max",
                           "reset-reply.max"}) {
    EXPECT_NE(find_option(name), nullptr) << name;
  }
}

TEST(Options, start_from_values_that_they_can_hold) {
  const Settings defaults;
  for (const Option& each : options()) {
    EXPECT_EQ(parse_value(each, value_of(each, defaults)).problem, "") << each.name;
  }
  EXPECT_EQ(problem_with(defaults), "");
}

TEST(Options, read_the_same_value_in_any_unit) {
  const struct {
    const char* name;
    const char* text;
    std::int64_t value;
  } cases[] = {
      {"timeout", "1us", 1},
      {"timeout", "1.5ms", 1'500},
      {"timeout", "0.25s", 250'000},
      {"timeout", "2min", 120'000'000},
      {"timeout", "0.00000005min", 3},
      {"timeout", "1.50000000000000000000000000ms", 1'500},
      {"timeout", "0000000000000000000000000000000.5ms", 500},
      {"timeout", "60min", 3'600'000'000},
      {"timeout", "none", -1},
      {"timeout", "1500us", 1'500},
      {"lose-reply.rate", "2%", 20'000'000},
      {"lose-reply.rate", "0.5%", 5'000'000},
      {"lose-reply.rate", "0.0000001%", 1},
      {"lose-reply.rate", "100%", 1'000'000'000},
      {"lose-reply.max", "any", -1},
      {"arrivals", "200/s", 200},
      {"arrivals", "closed", -1},
      {"statement-latency", "same", -1},
      {"answer-latency", "2ms", 2'000},
      {"latency-spread", "12.5%", 125'000'000},
      {"latency-shape", "normal", 2},
      {"workers", "any", -1},
      {"queue-max", "0", 0},
      {"expired", "drop", 1},
      {"initial", "-30", -30},
      {"isolation", "repeatable-read", 2},
      {"hazards", "race", 1},
      {"hazards", "repeat, race", 3},
      {"hazards", "crash,race", 9},
  };
  for (const auto& [name, text, value] : cases) {
    const ParsedValue parsed = parse_value(option(name), text);
    EXPECT_EQ(parsed.value, std::optional<std::int64_t>(value)) << name << " = " << text;
    EXPECT_EQ(parsed.problem, "") << name << " = " << text;
  }
}

TEST(Options, refuse_what_they_cannot_hold_with_the_range_or_the_form) {
  const std::string time =
      "must be a time with its unit, such as 250us, 1.5ms, 2s or 1min, or none, not '";
  const struct {
    const char* name;
    const char* text;
    std::string problem;
  } cases[] = {
      {"clients", "0", "clients must be from 1 to 1000, not '0'"},
      {"clients", "-0", "clients must be from 1 to 1000, not '-0'"},
      {"clients", "+2", "clients must be a whole number, not '+2'"},
      {"clients", "2 ", "clients must be a whole number, not '2 '"},
      {"clients", "0x2", "clients must be a whole number, not '0x2'"},
      {"operations", "100001", "operations must be from 1 to 100000, not '100001'"},
      {"initial", "-1000000001",
       "initial must be from -1000000000 to 1000000000, not '-1000000001'"},
      {"timeout", "0s", "timeout must be from 1us to 3600s, or none, not '0s'"},
      {"timeout", "3600.000001s", "timeout must be from 1us to 3600s, or none, not '3600.000001s'"},
      {"timeout", "-1ms", "timeout must be from 1us to 3600s, or none, not '-1ms'"},
      {"timeout", "1.0001ms", "timeout must be in steps of 1us, or none, not '1.0001ms'"},
      {"timeout", "0.5us", "timeout must be in steps of 1us, or none, not '0.5us'"},
      {"timeout", "0.00000001min", "timeout must be in steps of 1us, or none, not '0.00000001min'"},
      {"timeout", "0.00000000000000000000000000000000000000000000000001s",
       "timeout must be in steps of 1us, or none, not "
       "'0.00000000000000000000000000000000000000000000000001s'"},
      {"timeout", "99999999999999999999ms",
       "timeout must be from 1us to 3600s, or none, not '99999999999999999999ms'"},
      {"timeout", "99999999999.00000000000000000000001min",
       "timeout must be from 1us to 3600s, or none, not '99999999999.00000000000000000000001min'"},
      {"timeout", "99999999999999999999", "timeout " + time + "99999999999999999999'"},
      {"timeout", "99999999999999999999xms", "timeout " + time + "99999999999999999999xms'"},
      {"timeout", "ms", "timeout " + time + "ms'"},
      {"timeout", "1.ms", "timeout " + time + "1.ms'"},
      {"timeout", "1..5ms", "timeout " + time + "1..5ms'"},
      {"timeout", "1 ms", "timeout " + time + "1 ms'"},
      {"timeout", "1h", "timeout " + time + "1h'"},
      {"timeout", "None", "timeout " + time + "None'"},
      {"lose-reply.rate", "100.0000001%",
       "lose-reply.rate must be from 0% to 100%, not '100.0000001%'"},
      {"lose-reply.rate", "%",
       "lose-reply.rate must be a share with a %, such as 2% or 0.5%, not '%'"},
      {"lose-reply.rate", "2",
       "lose-reply.rate must be a share with a %, such as 2% or 0.5%, not '2'"},
      {"lose-reply.rate", "99999999999999999999%",
       "lose-reply.rate must be from 0% to 100%, not '99999999999999999999%'"},
      {"lose-reply.rate", "0.0000000001%",
       "lose-reply.rate must be in steps of 0.0000001%, not '0.0000000001%'"},
      {"arrivals", "99999999999999999999999/s",
       "arrivals must be from 1/s to 100000/s, or closed, not '99999999999999999999999/s'"},
      {"clients", "-99999999999999999999999",
       "clients must be from 1 to 1000, not '-99999999999999999999999'"},
      {"initial", "-99999999999999999999999",
       "initial must be from -1000000000 to 1000000000, not '-99999999999999999999999'"},
      {"clients", "1.50000000000000000000",
       "clients must be a whole number, not '1.50000000000000000000'"},
      // 18446744078 x 10^9 steps is 4.29 x 10^9 and 2^64: not 4.29.
      {"backoff-factor", "18446744078", "backoff-factor must be from 1 to 10, not '18446744078'"},
      {"lose-reply.max", "1000001",
       "lose-reply.max must be from 0 to 1000000, or any, not '1000001'"},
      {"arrivals", "100001/s", "arrivals must be from 1/s to 100000/s, or closed, not '100001/s'"},
      {"backoff", "linaer",
       "backoff must be none, fixed, exponential, linear or quadratic, not 'linaer'; did you mean "
       "'linear'?"},
      {"jitter", "decorelated",
       "jitter must be none, full, equal, decorrelated, factor, addend or polly, not "
       "'decorelated'; did you mean "
       "'decorrelated'?"},
      {"lose-session.side", "middle",
       "lose-session.side must be either, before or after, not 'middle'"},
      {"hazards", "race,,crash", "hazards must be race, repeat, overlap or crash, or none, not ''"},
      {"hazards", "none,race",
       "hazards: 'none' stands alone, or is left out: it means that there are none"},
      {"hazards", "race,crash,race", "hazards has 'race' twice; once is enough"},
  };
  for (const auto& [name, text, problem] : cases) {
    EXPECT_EQ(parse_value(option(name), text).problem, problem);
  }
}

TEST(Options, that_are_in_range_but_not_together_are_refused) {
  Settings settings;
  settings.clients = 1'000;
  settings.operations = 1'000;
  EXPECT_EQ(problem_with(settings), "");
  settings.operations = 1'001;
  EXPECT_EQ(problem_with(settings),
            "clients x operations must be from 1 to 1000000, not 1000 x 1001 = 1001000");

  settings = {};
  settings.retry.base = seconds(2);
  EXPECT_EQ(problem_with(settings), "backoff-base (2s) must not be longer than backoff-cap (1s)");
  settings.retry.backoff = Backoff::none;
  EXPECT_EQ(problem_with(settings), "");

  settings = {};
  settings.rows = 3;
  for (std::uint32_t i = 0; i < workloads().size(); ++i) {
    settings.workload = i;
    EXPECT_EQ(
        problem_with(settings),
        workloads()[i].name == "increment"
            ? ""
            : "rows needs a workload that spreads over rows: it means nothing with workload=" +
                  workloads()[i].name);
  }

  settings = {};
  settings.think_time = milliseconds(1);
  EXPECT_EQ(problem_with(settings), "");
  settings.arrivals_per_second = 5;
  EXPECT_EQ(problem_with(settings),
            "think-time needs a closed loop: it means nothing with arrivals=5/s");

  settings = {};
  settings.retry.timeout = {};
  EXPECT_EQ(problem_with(settings), "");
  settings.faults[FaultKind::slow_call].rate_parts_per_billion = 1;
  EXPECT_EQ(problem_with(settings),
            "slow-call needs a timeout to be slower than: it means nothing with timeout=none");
}

// 200,000 operations of 10^9, 2 x 10^9, … come to 10^9 x 200,000 x 200,001 / 2 = 2.00001 x 10^19, and three attempts that
// are each delivered twice can apply each six times.
TEST(Options, of_amounts_may_not_sum_up_to_more_than_a_row_can_hold) {
  Settings settings;
  settings.clients = 100;
  settings.operations = 2'000;
  settings.amount = settings.amount_step = 1'000'000'000;
  EXPECT_EQ(problem_with(settings),
            "initial and the amounts of all operations, each applied up to 6 times, must sum up to "
            "at most 4000000000000000000, not 120000600000000000000");
  settings.amount_step = 0;
  EXPECT_EQ(problem_with(settings), "");
  // As many operations as there can be, each of one more than the last, are not too many.
  settings.clients = 1'000;
  settings.operations = 1'000;
  settings.amount_step = 1;
  EXPECT_EQ(problem_with(settings), "");
  // 10^6 operations of 10^9 are 10^15: 4,000 times that are allowed, and not one attempt more.
  settings.amount_step = 0;
  settings.layers = 2;
  settings.retry.attempts_max = 44;  // 2 x 44 x 44 = 3,872
  EXPECT_EQ(problem_with(settings), "");
  settings.retry.attempts_max = 45;  // 4,050
  EXPECT_EQ(problem_with(settings),
            "initial and the amounts of all operations, each applied up to 4050 times, must sum up "
            "to at most 4000000000000000000, not 4050000000000000000");
  settings.retry.attempts_max = 2;
  settings.layers = 1;
  settings.initial = -1'000'000'000;
  EXPECT_EQ(problem_with(settings), "");
}

// The options that are idle, each with what it says.
std::vector<std::string> idle(const Settings& settings) {
  std::vector<std::string> problems;
  for (const Conflict& conflict : idle_in(settings)) {
    EXPECT_EQ(conflict.keys.size(), 1U);
    EXPECT_TRUE(conflict.problem.starts_with(conflict.keys.front() + " needs "));
    problems.push_back(conflict.problem);
  }
  return problems;
}

Settings settings_with(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Settings settings;
  for (const auto& [key, value] : pairs) {
    option(key).set(settings, *parse_value(option(key), value).value);
  }
  return settings;
}

TEST(Options, that_change_nothing_are_idle) {
  using Idle = std::vector<std::string>;
  EXPECT_EQ(idle(Settings{}), Idle{});
  EXPECT_EQ(idle(settings_with({{"lose-session.side", "before"}})),
            Idle{"lose-session.side needs sessions to be lost: it means nothing without "
                 "lose-session.rate or lose-session.max"});
  EXPECT_EQ(idle(settings_with({{"lose-session.side", "before"}, {"lose-session.max", "1"}})),
            Idle{});
  EXPECT_EQ(idle(settings_with({{"lose-session.side", "before"}, {"lose-session.rate", "1%"}})),
            Idle{});
  EXPECT_EQ(idle(settings_with({{"lose-session.side", "before"},
                                {"lose-session.rate", "1%"},
                                {"lose-session.max", "0"}}))
                .size(),
            1U);
  EXPECT_EQ(idle(settings_with({{"backoff", "none"}, {"jitter", "decorrelated"}})),
            Idle{"jitter needs pauses to spread: it means nothing with backoff=none"});
  EXPECT_EQ(idle(settings_with({{"backoff", "none"}, {"jitter", "none"}})), Idle{});
  EXPECT_EQ(idle(settings_with({{"backoff", "fixed"}, {"jitter", "equal"}})), Idle{});
  EXPECT_EQ(idle(settings_with({{"arrivals", "5/s"}, {"spike-at", "1s"}, {"spike-for", "1s"}})),
            (Idle{"spike-at needs a spike: it means nothing with spike-arrivals=none",
                  "spike-for needs a spike: it means nothing with spike-arrivals=none"}));
  EXPECT_EQ(
      idle(settings_with({{"arrivals", "5/s"}, {"spike-arrivals", "9/s"}, {"spike-at", "1s"}})),
      Idle{});
  EXPECT_EQ(idle(settings_with({{"retry-budget-burst", "6"}})),
            Idle{"retry-budget-burst needs a budget to be the size of: it means nothing with "
                 "retry-budget=none"});
  EXPECT_EQ(idle(settings_with({{"retry-budget-burst", "6"}, {"retry-budget", "0%"}})), Idle{});
  EXPECT_EQ(
      idle(settings_with(
          {{"breaker-threshold", "10%"}, {"breaker-window", "all"}, {"breaker-open-for", "1s"}})),
      (Idle{"breaker-threshold needs a breaker: it means nothing with breaker=none",
            "breaker-window needs a breaker: it means nothing with breaker=none",
            "breaker-open-for needs a breaker: it means nothing with breaker=none"}));
  EXPECT_EQ(
      idle(settings_with(
          {{"breaker", "retries"}, {"breaker-threshold", "10%"}, {"breaker-open-for", "1s"}})),
      Idle{"breaker-open-for needs breaker=calls: it means nothing with breaker=retries"});
  EXPECT_EQ(idle(settings_with({{"breaker", "calls"}, {"breaker-open-for", "1s"}})), Idle{});
}

TEST(Options, of_a_spike_need_an_open_loop_that_lasts_so_long) {
  Settings settings;
  settings.spike_arrivals_per_second = 50;
  EXPECT_EQ(problem_with(settings),
            "spike-arrivals needs an open loop to be a spike of: it means nothing with "
            "arrivals=closed");
  settings.arrivals_per_second = 5;
  EXPECT_EQ(problem_with(settings), "");
  settings.until = seconds(20);
  EXPECT_EQ(problem_with(settings),
            "spike-at (20s) must be before until (20s), or the spike never comes");
  settings.spike_at = seconds(19);
  EXPECT_EQ(problem_with(settings), "");
}

// 255 x 255 = 65,025; 256 x 256 = 65,536 is one number too many.
TEST(Options, of_layers_multiply_attempts_up_to_a_limit) {
  Settings settings;
  settings.layers = 2;
  settings.retry.attempts_max = 255;
  EXPECT_EQ(problem_with(settings), "");
  settings.retry.attempts_max = 256;
  EXPECT_EQ(problem_with(settings),
            "layers and attempts-max multiply: 2 layers of 256 attempts each could make more than "
            "65535 calls for one operation");
  settings.layers = 5;
  settings.retry.attempts_max = 9;
  EXPECT_EQ(problem_with(settings), "");
  settings.retry.attempts_max = 10;
  EXPECT_NE(problem_with(settings), "");
}

TEST(Options, of_work_and_workers_mean_something_only_together) {
  Settings settings;
  settings.latency_shape = Shape::exponential;
  EXPECT_EQ(problem_with(settings), "");
  settings.latency_spread_parts_per_billion = 100'000'000;
  EXPECT_EQ(problem_with(settings),
            "latency-spread needs latency-shape=even or normal: an exponential distribution has no "
            "spread but its mean");

  settings = {};
  settings.service_time_varies = true;
  EXPECT_EQ(problem_with(settings),
            "service-shape=exponential needs a service-time: it means nothing with "
            "service-time=none");
  settings.service_time_per_call = milliseconds(1);
  EXPECT_EQ(problem_with(settings), "");

  settings = {};
  settings.queue_max = 0;
  EXPECT_EQ(problem_with(settings),
            "queue-max needs workers to wait for: it means nothing with workers=any");
  settings.queue_max = {};
  settings.drops_expired = true;
  EXPECT_EQ(problem_with(settings),
            "expired=drop needs workers to wait for: it means nothing with workers=any");
  settings.workers = 1;
  EXPECT_EQ(problem_with(settings), "");
}

TEST(Nearest, is_the_name_that_differs_least_or_none) {
  const std::vector<std::string> names{"clients",         "operations", "lose-reply.rate",
                                       "lose-reply.max",  "think-time", "lose-request.rate",
                                       "session-timeout", "seed",       "rows"};
  const struct {
    const char* name;
    const char* near;
  } cases[] = {
      {"client", "clients"},
      {"cleints", "clients"},
      {"operation", "operations"},
      {"ops", ""},
      {"lose-replies.rate", "lose-reply.rate"},
      {"lose-reply.maximum", "lose-reply.max"},
      {"lose-req", "lose-request.rate"},
      {"think", "think-time"},
      {"thinktime", "think-time"},
      {"reply", "lose-reply.rate"},
      {"repyl", "lose-reply.rate"},
      {"sede", "seed"},
      {"sessoin", "session-timeout"},
      {"version", ""},
      {"verbose", ""},
      {"events", ""},
      {"quiet", ""},
      {"row", "rows"},
      {"raw", ""},
      {"help", ""},
      {"xyzzy", ""},
      {"", ""},
      {"clients", "clients"},
  };
  for (const auto& [name, near] : cases) {
    EXPECT_EQ(nearest(name, names), near) << name;
  }
  EXPECT_EQ(nearest("clients", {}), "");
}

// A name without the status that it ends in: of backoff-base.500 and backoff-base.503 a slip may be as near to both.
std::string without_status(const std::string& name) {
  const std::size_t dot = name.find('.');
  const bool status = dot != std::string::npos && std::isdigit(name.back()) != 0;
  return status ? name.substr(0, dot) : name;
}

// One letter dropped, doubled or replaced must never lead elsewhere than back.
TEST(Nearest, leads_back_from_every_slip_of_one_letter) {
  std::vector<std::string> names;
  for (const Option& each : options()) {
    names.push_back(each.name);
  }
  for (const std::string& name : names) {
    for (std::size_t i = 0; i < name.size(); ++i) {
      const std::string dropped = name.substr(0, i) + name.substr(i + 1);
      const std::string doubled = name.substr(0, i) + name[i] + name.substr(i);
      const std::string replaced = name.substr(0, i) + '~' + name.substr(i + 1);
      for (const std::string& slip : {dropped, doubled, replaced}) {
        EXPECT_EQ(without_status(nearest(slip, names)), without_status(name)) << slip;
      }
    }
  }
}

}  // namespace
}  // namespace racelab::lab::options_test
