// The table itself.
#include "sim/scenario/options.h"

#include "sim/scenario/registry.h"

namespace racelab {

namespace {

constexpr std::int64_t microseconds_per_hour = 3'600'000'000;
constexpr std::int64_t all_parts = 1'000'000'000;

using Get = std::int64_t (*)(const Settings&, std::size_t);
using Set = void (*)(Settings&, std::size_t, std::int64_t);

Option count(std::string name, std::int64_t low, std::int64_t high, std::string help, Get get,
             Set set) {
  return {.name = std::move(name),
          .form = Form::count,
          .low = low,
          .high = high,
          .none = "",
          .choices = {},
          .help = std::move(help),
          .get = get,
          .set = set};
}

Option duration(std::string name, std::int64_t low, std::string none, std::string help, Get get,
                Set set) {
  return {.name = std::move(name),
          .form = Form::duration,
          .low = low,
          .high = microseconds_per_hour,
          .none = std::move(none),
          .choices = {},
          .help = std::move(help),
          .get = get,
          .set = set};
}

Option per_second(std::string name, std::string none, std::string help, Get get, Set set) {
  return {.name = std::move(name),
          .form = Form::per_second,
          .low = 1,
          .high = 100'000,
          .none = std::move(none),
          .choices = {},
          .help = std::move(help),
          .get = get,
          .set = set};
}

Option rate(std::string name, std::string none, std::string help, Get get, Set set) {
  return {.name = std::move(name),
          .form = Form::rate,
          .low = 0,
          .high = all_parts,
          .none = std::move(none),
          .choices = {},
          .help = std::move(help),
          .get = get,
          .set = set};
}

Option choice(std::string name, std::vector<std::string> choices, std::string help, Get get,
              Set set) {
  return {.name = std::move(name),
          .form = Form::choice,
          .low = 0,
          .high = 0,
          .none = "",
          .choices = std::move(choices),
          .help = std::move(help),
          .get = get,
          .set = set};
}

// A duration that is 0 in Settings is the word in the file.
std::int64_t or_absent(Duration span) { return span == Duration{} ? absent : span.microseconds; }
Duration or_zero(std::int64_t value) { return {value == absent ? 0 : value}; }

std::vector<std::string> workload_names() {
  std::vector<std::string> names;
  for (const WorkloadEntry& workload : workloads()) {
    names.push_back(workload.name);
  }
  return names;
}

std::vector<std::string> hazard_names() {
  std::vector<std::string> names;
  names.reserve(hazard_kinds);
  for (const HazardDescription& hazard : hazard_descriptions) {
    names.emplace_back(hazard.name);
  }
  return names;
}

void add_workload_options(std::vector<Option>& table) {
  table.push_back(choice(
      "workload", workload_names(), "what the clients do",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.workload; },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.workload = static_cast<std::uint32_t>(v);
      }));
  Option hazards = choice(
      "hazards", hazard_names(), "what it can do to a strategy",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.hazards.bits(); },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.hazards = Hazards::of_bits(v == absent ? 0 : static_cast<std::uint32_t>(v));
      });
  hazards.form = Form::choices;
  hazards.none = "none";
  table.push_back(std::move(hazards));
  table.push_back(count(
      "clients", 1, 1'000, "how many clients there are",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.clients; },
      [](Settings& s, std::size_t, std::int64_t v) { s.clients = static_cast<std::uint32_t>(v); }));
  table.push_back(count(
      "operations", 1, 100'000, "operations per client",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.operations; },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.operations = static_cast<std::uint32_t>(v);
      }));
  table.push_back(count(
      "rows", 1, 1'000, "rows that the clients spread over, where the workload can",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.rows; },
      [](Settings& s, std::size_t, std::int64_t v) { s.rows = static_cast<std::uint32_t>(v); }));
  const auto amount = [&table](std::string name, std::int64_t low, std::string help, Get get,
                               Set set) {
    Option option = count(std::move(name), low, 1'000'000'000, std::move(help), get, set);
    option.form = Form::amount;
    table.push_back(std::move(option));
  };
  amount(
      "initial", -1'000'000'000, "every row's value at the start",
      [](const Settings& s, std::size_t) { return s.initial; },
      [](Settings& s, std::size_t, std::int64_t v) { s.initial = v; });
  amount(
      "amount", 1, "how much the first operation changes",
      [](const Settings& s, std::size_t) { return s.amount; },
      [](Settings& s, std::size_t, std::int64_t v) { s.amount = v; });
  amount(
      "amount-step", 0, "how much more each next operation changes",
      [](const Settings& s, std::size_t) { return s.amount_step; },
      [](Settings& s, std::size_t, std::int64_t v) { s.amount_step = v; });
}

void add_latency_options(std::vector<Option>& table) {
  table.push_back(choice(
      "latency-shape", {"even", "exponential", "normal"}, "how every latency is distributed",
      [](const Settings& s, std::size_t) { return static_cast<std::int64_t>(s.latency_shape); },
      [](Settings& s, std::size_t, std::int64_t v) { s.latency_shape = static_cast<Shape>(v); }));
  table.push_back({.name = "latency-spread",
                   .form = Form::rate,
                   .low = 0,
                   .high = all_parts,
                   .none = "",
                   .choices = {},
                   .help = "even: so much more or less; normal: the standard deviation",
                   .get = [](const Settings& s, std::size_t) -> std::int64_t {
                     return s.latency_spread_parts_per_billion;
                   },
                   .set =
                       [](Settings& s, std::size_t, std::int64_t v) {
                         s.latency_spread_parts_per_billion = static_cast<std::uint32_t>(v);
                       }});
  table.push_back(duration(
      "statement-latency", 1, "same", "of each statement to the store; same: as latency",
      [](const Settings& s, std::size_t) { return or_absent(s.statement_latency); },
      [](Settings& s, std::size_t, std::int64_t v) { s.statement_latency = or_zero(v); }));
  table.push_back(duration(
      "answer-latency", 1, "none", "of each statement's answer back to its handler",
      [](const Settings& s, std::size_t) { return or_absent(s.answer_latency); },
      [](Settings& s, std::size_t, std::int64_t v) { s.answer_latency = or_zero(v); }));
}

void add_work_options(std::vector<Option>& table) {
  table.push_back(duration(
      "service-time", 1, "none", "how long a handler works before its first statement",
      [](const Settings& s, std::size_t) { return or_absent(s.service_time); },
      [](Settings& s, std::size_t, std::int64_t v) { s.service_time = or_zero(v); }));
  table.push_back(duration(
      "service-time-per-call", 1, "none",
      "how much longer for each handler at work then, itself included",
      [](const Settings& s, std::size_t) { return or_absent(s.service_time_per_call); },
      [](Settings& s, std::size_t, std::int64_t v) { s.service_time_per_call = or_zero(v); }));
  table.push_back(choice(
      "service-shape", {"fixed", "exponential"}, "how the time that a handler works is distributed",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.service_time_varies ? 1 : 0; },
      [](Settings& s, std::size_t, std::int64_t v) { s.service_time_varies = v != 0; }));
  Option workers = count(
      "workers", 1, 100'000, "handlers that can be at work at once; any: all that arrive",
      [](const Settings& s, std::size_t) -> std::int64_t {
        return s.workers == 0 ? absent : std::int64_t{s.workers};
      },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.workers = v == absent ? 0 : static_cast<std::uint32_t>(v);
      });
  workers.none = "any";
  table.push_back(std::move(workers));
  Option queue = count(
      "queue-max", 0, 1'000'000,
      "requests that may wait for a worker; one more is turned away at once",
      [](const Settings& s, std::size_t) -> std::int64_t {
        return s.queue_max ? std::int64_t{*s.queue_max} : absent;
      },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.queue_max = v == absent ? std::nullopt : std::optional(static_cast<std::uint32_t>(v));
      });
  queue.none = "any";
  table.push_back(std::move(queue));
  table.push_back(choice(
      "expired", {"run", "drop"},
      "what becomes of a request whose client waits no longer, when a worker is free for it",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.drops_expired ? 1 : 0; },
      [](Settings& s, std::size_t, std::int64_t v) { s.drops_expired = v != 0; }));
}

void add_service_options(std::vector<Option>& table) {
  table.push_back(count(
      "layers", 1, 5,
      "services that call one another, each with the clients' timeout, attempts and backoff; the "
      "last does the work, and only calls to it meet faults",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.layers; },
      [](Settings& s, std::size_t, std::int64_t v) { s.layers = static_cast<std::uint32_t>(v); }));
  table.push_back(choice(
      "isolation", {"autocommit", "read-committed", "repeatable-read"},
      "of the handlers' transactions; autocommit: none",
      [](const Settings& s, std::size_t) { return static_cast<std::int64_t>(s.isolation); },
      [](Settings& s, std::size_t, std::int64_t v) { s.isolation = static_cast<Isolation>(v); }));
  table.push_back(count(
      "tries-max", 1, 1'000,
      "how often a handler starts again after a conflict, the first included",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.tries_max; },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.tries_max = static_cast<std::uint16_t>(v);
      }));
  table.push_back(duration(
      "latency", 1, "", "of each request and each reply",
      [](const Settings& s, std::size_t) { return s.latency.microseconds; },
      [](Settings& s, std::size_t, std::int64_t v) { s.latency = {v}; }));
  add_latency_options(table);
  table.push_back(duration(
      "lock-timeout", 1, "none", "how long a statement waits for a lock",
      [](const Settings& s, std::size_t) { return or_absent(s.lock_timeout); },
      [](Settings& s, std::size_t, std::int64_t v) { s.lock_timeout = or_zero(v); }));
  table.push_back(duration(
      "session-timeout", 1, "none", "until the store notices that a session is dead",
      [](const Settings& s, std::size_t) { return or_absent(s.session_timeout); },
      [](Settings& s, std::size_t, std::int64_t v) { s.session_timeout = or_zero(v); }));
  add_work_options(table);
}

void add_retry_limit_options(std::vector<Option>& table) {
  table.push_back(rate(
      "retry-budget", "none",
      "the share of a token that each operation adds to its client's bucket; a retry takes a whole "
      "one, and needs more than one to be there",
      [](const Settings& s, std::size_t) {
        return s.retry_budget.share ? std::int64_t{*s.retry_budget.share} : absent;
      },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.retry_budget.share =
            v == absent ? std::nullopt : std::optional(static_cast<std::uint32_t>(v));
      }));
  table.push_back(count(
      "retry-budget-burst", 1, 1'000'000, "tokens that the bucket holds, and has at the start",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.retry_budget.burst; },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.retry_budget.burst = static_cast<std::uint32_t>(v);
      }));
  table.push_back(choice(
      "breaker", {"none", "retries", "calls"},
      "what a client stops while too much fails: only retries, or every call",
      [](const Settings& s, std::size_t) { return static_cast<std::int64_t>(s.breaker.kind); },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.breaker.kind = static_cast<BreakerKind>(v);
      }));
  table.push_back(rate(
      "breaker-threshold", "",
      "too much: more than this share; of retries failed attempts per operation, of calls failed "
      "attempts",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.breaker.threshold; },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.breaker.threshold = static_cast<std::uint32_t>(v);
      }));
  Option window = count(
      "breaker-window", 1, 1'000,
      "how many of the client's last operations (retries) or attempts (calls) that is a share of; "
      "all: of calls, all since it last closed, and at least 20",
      [](const Settings& s, std::size_t) {
        return s.breaker.window == 0 ? absent : std::int64_t{s.breaker.window};
      },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.breaker.window = v == absent ? 0 : static_cast<std::uint32_t>(v);
      });
  window.none = "all";
  table.push_back(std::move(window));
  table.push_back(duration(
      "breaker-open-for", 1, "",
      "calls: how long none is made; then one is tried, and if it is ok the others may go on",
      [](const Settings& s, std::size_t) { return s.breaker.open_for.microseconds; },
      [](Settings& s, std::size_t, std::int64_t v) { s.breaker.open_for = {v}; }));
}

void add_client_options(std::vector<Option>& table) {
  table.push_back(per_second(
      "arrivals", "closed",
      "operations each client starts per second, whether or not the last has ended; closed: one "
      "after the other",
      [](const Settings& s, std::size_t) {
        return s.arrivals_per_second == 0 ? absent : s.arrivals_per_second;
      },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.arrivals_per_second = v == absent ? 0 : v;
      }));
  table.push_back(per_second(
      "spike-arrivals", "none", "the same while a spike lasts",
      [](const Settings& s, std::size_t) {
        return s.spike_arrivals_per_second == 0 ? absent : s.spike_arrivals_per_second;
      },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.spike_arrivals_per_second = v == absent ? 0 : v;
      }));
  table.push_back(duration(
      "spike-at", 0, "", "when the spike begins",
      [](const Settings& s, std::size_t) { return s.spike_at.microseconds; },
      [](Settings& s, std::size_t, std::int64_t v) { s.spike_at = {v}; }));
  table.push_back(duration(
      "spike-for", 1, "", "how long it lasts",
      [](const Settings& s, std::size_t) { return s.spike_for.microseconds; },
      [](Settings& s, std::size_t, std::int64_t v) { s.spike_for = {v}; }));
  table.push_back(duration(
      "until", 1, "none", "no operation starts later than that, however many are left",
      [](const Settings& s, std::size_t) { return or_absent(s.until); },
      [](Settings& s, std::size_t, std::int64_t v) { s.until = or_zero(v); }));
  table.push_back(duration(
      "think-time", 1, "none", "before each operation, evenly from half to one and a half of it",
      [](const Settings& s, std::size_t) { return or_absent(s.think_time); },
      [](Settings& s, std::size_t, std::int64_t v) { s.think_time = or_zero(v); }));
  table.push_back(duration(
      "timeout", 1, "none", "how long a client waits for an answer",
      [](const Settings& s, std::size_t) { return or_absent(s.retry.timeout); },
      [](Settings& s, std::size_t, std::int64_t v) { s.retry.timeout = or_zero(v); }));
  table.push_back(count(
      "attempts-max", 1, 1'000, "how often a client asks, the first included",
      [](const Settings& s, std::size_t) -> std::int64_t { return s.retry.attempts_max; },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.retry.attempts_max = static_cast<std::uint16_t>(v);
      }));
  table.push_back(choice(
      "backoff", {"none", "fixed", "exponential"}, "the pause before a client asks again",
      [](const Settings& s, std::size_t) { return static_cast<std::int64_t>(s.retry.backoff); },
      [](Settings& s, std::size_t, std::int64_t v) { s.retry.backoff = static_cast<Backoff>(v); }));
  table.push_back(duration(
      "backoff-base", 1, "", "exponential: retry k pauses base x 2^k; fixed: base",
      [](const Settings& s, std::size_t) { return s.retry.base.microseconds; },
      [](Settings& s, std::size_t, std::int64_t v) { s.retry.base = {v}; }));
  table.push_back(duration(
      "backoff-cap", 1, "", "no pause is longer",
      [](const Settings& s, std::size_t) { return s.retry.cap.microseconds; },
      [](Settings& s, std::size_t, std::int64_t v) { s.retry.cap = {v}; }));
  table.push_back(choice(
      "jitter", {"none", "full", "equal", "decorrelated"}, "how the pause is spread",
      [](const Settings& s, std::size_t) { return static_cast<std::int64_t>(s.retry.jitter); },
      [](Settings& s, std::size_t, std::int64_t v) { s.retry.jitter = static_cast<Jitter>(v); }));
  add_retry_limit_options(table);
}

void add_fault_options(std::vector<Option>& table) {
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    const FaultDescription& fault = fault_descriptions()[kind];
    table.push_back({.name = std::string(fault.name) + ".rate",
                     .form = Form::rate,
                     .low = 0,
                     .high = all_parts,
                     .none = "",
                     .choices = {},
                     .help = "share of the " + std::string(fault.chance) + " that it strikes",
                     .get = [](const Settings& s, std::size_t i) -> std::int64_t {
                       return s.faults.settings[i].rate_parts_per_billion;
                     },
                     .set =
                         [](Settings& s, std::size_t i, std::int64_t v) {
                           s.faults.settings[i].rate_parts_per_billion =
                               static_cast<std::uint32_t>(v);
                         },
                     .index = kind});
    table.push_back({.name = std::string(fault.name) + ".max",
                     .form = Form::count,
                     .low = 0,
                     .high = 1'000'000,
                     .none = "any",
                     .choices = {},
                     .help = "at most so many in a run",
                     .get = [](const Settings& s, std::size_t i) -> std::int64_t {
                       const auto& max = s.faults.settings[i].max;
                       return max ? std::int64_t{*max} : absent;
                     },
                     .set =
                         [](Settings& s, std::size_t i, std::int64_t v) {
                           auto& max = s.faults.settings[i].max;
                           max = v == absent ? std::nullopt
                                             : std::optional(static_cast<std::uint32_t>(v));
                         },
                     .index = kind});
  }
  table.push_back(choice(
      "lose-session.side", {"either", "before", "after"}, "which side of a statement it is lost on",
      [](const Settings& s, std::size_t) {
        return static_cast<std::int64_t>(s.faults.session_loss);
      },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.faults.session_loss = static_cast<SessionLoss>(v);
      }));
  Option all = count(
      "faults-max", 0, 1'000'000, "at most so many faults in a run, all together",
      [](const Settings& s, std::size_t) -> std::int64_t {
        return s.faults.total_max ? std::int64_t{*s.faults.total_max} : absent;
      },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.faults.total_max =
            v == absent ? std::nullopt : std::optional(static_cast<std::uint32_t>(v));
      });
  all.none = "any";
  table.push_back(std::move(all));
  table.push_back(count(
      "events-max", 1, 1'000'000'000, "a run that needs more is given up",
      [](const Settings& s, std::size_t) { return static_cast<std::int64_t>(s.happenings_max); },
      [](Settings& s, std::size_t, std::int64_t v) {
        s.happenings_max = static_cast<std::uint64_t>(v);
      }));
}

std::vector<Option> make_table() {
  std::vector<Option> table;
  add_workload_options(table);
  add_service_options(table);
  add_client_options(table);
  add_fault_options(table);
  return table;
}

}  // namespace

const std::vector<Option>& options() {
  static const std::vector<Option> table = make_table();
  return table;
}

const Option* find_option(std::string_view name) {
  for (const Option& option : options()) {
    if (option.name == name) {
      return &option;
    }
  }
  return nullptr;
}

}  // namespace racelab
