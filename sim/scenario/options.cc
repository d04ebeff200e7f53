// The table itself: a line for every setting, with its name, where it stands in Settings, its values and what it means.
#include "sim/scenario/options.h"

#include <type_traits>

#include "sim/scenario/registry.h"

namespace racelab {

namespace {

constexpr std::int64_t hour = 3'600'000'000;  // in microseconds
constexpr std::int64_t all_parts = 1'000'000'000;

// A setting as the one integer that an option keeps. An empty optional is `absent`.
template <class T>
std::int64_t number_of(const T& setting) {
  if constexpr (std::is_same_v<T, Duration>) {
    return setting.microseconds;
  } else if constexpr (std::is_same_v<T, Hazards>) {
    return setting.bits();
  } else if constexpr (std::is_same_v<T, std::optional<std::uint32_t>>) {
    return setting ? std::int64_t{*setting} : absent;
  } else {
    return static_cast<std::int64_t>(setting);
  }
}

template <class T>
void assign(T& setting, std::int64_t number) {
  if constexpr (std::is_same_v<T, std::optional<std::uint32_t>>) {
    setting = number == absent ? std::nullopt : std::optional(static_cast<std::uint32_t>(number));
  } else if constexpr (std::is_same_v<T, Duration>) {
    setting = {number == absent ? 0 : number};
  } else if constexpr (std::is_same_v<T, Hazards>) {
    setting = Hazards::of_bits(number == absent ? 0 : static_cast<std::uint32_t>(number));
  } else {
    setting = static_cast<T>(number == absent ? 0 : number);
  }
}

// Where a setting stands: reads and writes it.
struct Place {
  std::function<std::int64_t(const Settings&)> get;
  std::function<void(Settings&, std::int64_t)> set;
};

template <class Find>
Place found_by(Find find) {
  return {
      .get = [find](const Settings& settings) { return number_of(find(settings)); },
      .set = [find](Settings& settings, std::int64_t number) { assign(find(settings), number); }};
}

// at(&Settings::retry, &RetryPolicy::base) is settings.retry.base.
template <class... Members>
Place at(Members... members) {
  return found_by([members...](auto& settings) -> auto& { return (settings.*....*members); });
}

struct Range {
  std::int64_t low;
  std::int64_t high;
};

// What may be given for a setting.
struct Values {
  Form form = Form::count;
  Range range{0, 0};
  std::string none;  // as Option::none
  std::vector<std::string> choices;

  [[nodiscard]] Values or_word(std::string word) && {
    none = std::move(word);
    return std::move(*this);
  }
};

Values count(Range range) {
  return {.form = Form::count, .range = range, .none = "", .choices = {}};
}
Values amount(Range range) {
  return {.form = Form::amount, .range = range, .none = "", .choices = {}};
}
Values duration(Range range = {1, hour}) {
  return {.form = Form::duration, .range = range, .none = "", .choices = {}};
}
Values rate() { return {.form = Form::rate, .range = {0, all_parts}, .none = "", .choices = {}}; }
Values per_second() {
  return {.form = Form::per_second, .range = {1, 100'000}, .none = "", .choices = {}};
}
Values one_of(std::vector<std::string> choices) {
  return {.form = Form::choice, .range = {0, 0}, .none = "", .choices = std::move(choices)};
}
Values some_of(std::vector<std::string> choices) {
  return {.form = Form::choices, .range = {0, 0}, .none = "", .choices = std::move(choices)};
}

Option option(std::string name, const Place& place, Values values, std::string help) {
  // Where 0 is no value that can be given, it is how a setting without one is kept.
  const bool zero_is_absent = !values.none.empty() && values.range.low > 0;
  return {.name = std::move(name),
          .form = values.form,
          .low = values.range.low,
          .high = values.range.high,
          .none = std::move(values.none),
          .choices = std::move(values.choices),
          .help = std::move(help),
          .get =
              [get = place.get, zero_is_absent](const Settings& settings) {
                const std::int64_t number = get(settings);
                return zero_is_absent && number == 0 ? absent : number;
              },
          .set = place.set};
}

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

std::vector<Option> workload_options() {
  return {
      option("workload", at(&Settings::workload), one_of(workload_names()), "what the clients do"),
      option("hazards", at(&Settings::hazards), some_of(hazard_names()).or_word("none"),
             "what it can do to a strategy"),
      option("clients", at(&Settings::clients), count({1, 1'000}), "how many clients there are"),
      option("operations", at(&Settings::operations), count({1, 100'000}), "operations per client"),
      option("rows", at(&Settings::rows), count({1, 1'000}),
             "rows that the clients spread over, where the workload can"),
      option("initial", at(&Settings::initial), amount({-1'000'000'000, 1'000'000'000}),
             "every row's value at the start"),
      option("amount", at(&Settings::amount), amount({1, 1'000'000'000}),
             "how much the first operation changes"),
      option("amount-step", at(&Settings::amount_step), amount({0, 1'000'000'000}),
             "how much more each next operation changes"),
  };
}

std::vector<Option> service_options() {
  return {
      option("layers", at(&Settings::layers), count({1, 5}),
             "services that call one another, each with the clients' timeout, attempts and "
             "backoff; the last does the work, and only calls to it meet faults"),
      option(
          "isolation", at(&Settings::isolation),
          one_of({"autocommit", "read-committed", "repeatable-read"}),
          "of the handlers' transactions; autocommit: none; endpoints in SQL: serializable, too"),
      option("tries-max", at(&Settings::tries_max), count({1, 1'000}),
             "how often a handler starts again after a conflict, the first included"),
      option("latency", at(&Settings::latency), duration(), "of each request and each reply"),
      option("latency-shape", at(&Settings::latency_shape),
             one_of({"even", "exponential", "normal"}), "how every latency is distributed"),
      option("latency-spread", at(&Settings::latency_spread_parts_per_billion), rate(),
             "even: so much more or less; normal: the standard deviation"),
      option("statement-latency", at(&Settings::statement_latency), duration().or_word("same"),
             "of each statement to the store; same: as latency"),
      option("answer-latency", at(&Settings::answer_latency), duration().or_word("none"),
             "of each statement's answer back to its handler"),
      option("lock-timeout", at(&Settings::lock_timeout), duration().or_word("none"),
             "how long a statement waits for a lock"),
      option("session-timeout", at(&Settings::session_timeout), duration().or_word("none"),
             "until the store notices that a session is dead"),
  };
}

std::vector<Option> worker_options() {
  return {
      option("service-time", at(&Settings::service_time), duration().or_word("none"),
             "how long a handler works before its first statement"),
      option("service-time-per-call", at(&Settings::service_time_per_call),
             duration().or_word("none"),
             "how much longer for each handler at work then, itself included"),
      option("service-shape", at(&Settings::service_time_varies), one_of({"fixed", "exponential"}),
             "how the time that a handler works is distributed"),
      option("workers", at(&Settings::workers), count({1, 100'000}).or_word("any"),
             "handlers that can be at work at once; any: all that arrive"),
      option("queue-max", at(&Settings::queue_max), count({0, 1'000'000}).or_word("any"),
             "requests that may wait for a worker; one more is turned away at once"),
      option("expired", at(&Settings::drops_expired), one_of({"run", "drop"}),
             "what happens to a request whose client has given up, when its turn comes"),
  };
}

std::vector<Option> client_options() {
  return {
      option("arrivals", at(&Settings::arrivals_per_second), per_second().or_word("closed"),
             "operations each client starts per second, whether or not the last has ended; "
             "closed: one after the other"),
      option("spike-arrivals", at(&Settings::spike_arrivals_per_second),
             per_second().or_word("none"), "the same while a spike lasts"),
      option("spike-at", at(&Settings::spike_at), duration({0, hour}), "when the spike begins"),
      option("spike-for", at(&Settings::spike_for), duration(), "how long it lasts"),
      option("until", at(&Settings::until), duration().or_word("none"),
             "no operation starts later than that, however many are left"),
      option("think-time", at(&Settings::think_time), duration().or_word("none"),
             "before each operation, evenly from half to one and a half of it"),
      option("timeout", at(&Settings::retry, &RetryPolicy::timeout), duration().or_word("none"),
             "how long a client waits for an answer"),
      option("attempts-max", at(&Settings::retry, &RetryPolicy::attempts_max), count({1, 1'000}),
             "how often a client asks, the first included"),
      option("backoff", at(&Settings::retry, &RetryPolicy::backoff),
             one_of({"none", "fixed", "exponential"}), "the pause before a client asks again"),
      option("backoff-base", at(&Settings::retry, &RetryPolicy::base), duration(),
             "exponential: retry k pauses base x 2^k; fixed: base"),
      option("backoff-cap", at(&Settings::retry, &RetryPolicy::cap), duration(),
             "no pause is longer"),
      option("jitter", at(&Settings::retry, &RetryPolicy::jitter),
             one_of({"none", "full", "equal", "decorrelated"}), "how the pause is spread"),
  };
}

std::vector<Option> retry_limit_options() {
  return {
      option("retry-budget", at(&Settings::retry_budget, &RetryBudgetSettings::share),
             rate().or_word("none"),
             "how much of a token each operation adds to its client's bucket; a retry takes one "
             "token, and only where there is more than one"),
      option("retry-budget-burst", at(&Settings::retry_budget, &RetryBudgetSettings::burst),
             count({1, 1'000'000}), "tokens that the bucket holds, and has at the start"),
      option("breaker", at(&Settings::breaker, &BreakerSettings::kind),
             one_of({"none", "retries", "calls"}),
             "what a client stops while too much fails: only retries, or every call"),
      option("breaker-threshold", at(&Settings::breaker, &BreakerSettings::threshold), rate(),
             "the breaker acts above this share of failures: failed attempts per operation "
             "(retries), or per attempt (calls)"),
      option("breaker-window", at(&Settings::breaker, &BreakerSettings::window),
             count({1, 1'000}).or_word("all"),
             "how many of the client's last operations (retries) or attempts (calls) count; all: "
             "every one (calls: since the breaker last closed, and at least 20)"),
      option("breaker-open-for", at(&Settings::breaker, &BreakerSettings::open_for), duration(),
             "calls: how long the breaker stays open; then one call is tried, and if it is ok it "
             "closes"),
  };
}

std::vector<Option> fault_options() {
  std::vector<Option> table;
  for (const FaultDescription& fault : fault_descriptions()) {
    const auto setting = [kind = fault.kind](auto member) {
      return found_by(
          [ kind, member ](auto& settings) -> auto& { return settings.faults[kind].*member; });
    };
    table.push_back(option(std::string(fault.name) + ".rate",
                           setting(&FaultSetting::rate_parts_per_billion), rate(),
                           "share of the " + std::string(fault.chance) + " that it strikes"));
    table.push_back(option(std::string(fault.name) + ".max", setting(&FaultSetting::max),
                           count({0, 1'000'000}).or_word("any"), "at most so many in a run"));
  }
  table.push_back(option("lose-session.side", at(&Settings::faults, &FaultPlan::session_loss),
                         one_of({"either", "before", "after"}),
                         "which side of a statement it is lost on"));
  table.push_back(option("faults-max", at(&Settings::faults, &FaultPlan::total_max),
                         count({0, 1'000'000}).or_word("any"),
                         "at most so many faults in a run, all together"));
  table.push_back(option("events-max", at(&Settings::happenings_max), count({1, 1'000'000'000}),
                         "a run that needs more is given up"));
  return table;
}

std::vector<Option> make_table() {
  std::vector<Option> table;
  for (const auto& part : {workload_options, service_options, worker_options, client_options,
                           retry_limit_options, fault_options}) {
    for (Option& each : part()) {
      table.push_back(std::move(each));
    }
  }
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
