// The table itself: a line for every setting, with its name, where it stands in Settings, its values and what it means.
#include "sim/scenario/options.h"

#include <type_traits>

#include "sim/scenario/layers.h"
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
  } else if constexpr (std::is_same_v<T, Hazards> || std::is_same_v<T, Failures>) {
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
  } else if constexpr (std::is_same_v<T, Hazards> || std::is_same_v<T, Failures>) {
    setting = T::of_bits(number == absent ? 0 : static_cast<std::uint32_t>(number));
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
Values rate(Range range = {0, all_parts}) {
  return {.form = Form::rate, .range = range, .none = "", .choices = {}};
}
Values factor() {
  return {.form = Form::factor, .range = {all_parts, 10 * all_parts}, .none = "", .choices = {}};
}
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
          .of_layer = false,
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
      option("layers", at(&Settings::layers), count({1, layers_max}),
             "services that call one another, each with the clients' timeout, attempts and "
             "backoff unless --layer says otherwise; the last does the work, and only calls to it "
             "meet faults"),
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
      option("grants", at(&Settings::grants_first), one_of({"any", "first"}),
             "who has a row next that has changed while several waited; first: as they came"),
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
  };
}

std::vector<std::string> failure_words() { return {failure_names.begin(), failure_names.end()}; }

template <class T>
Place of_retry(T RetryPolicy::*member) {
  return at(&Settings::retry, member);
}
// A setting for each failure.
template <class T>
Place of_failure(std::array<T, failure_kinds> RetryPolicy::*member, std::size_t failure) {
  return found_by(
      [ member, failure ](auto& settings) -> auto& { return (settings.retry.*member)[failure]; });
}

std::vector<Option> retry_options() {
  std::vector<Option> table{
      option("timeout", of_retry(&RetryPolicy::timeout), duration().or_word("none"),
             "how long a client waits for an answer"),
      option("deadline", of_retry(&RetryPolicy::deadline), duration().or_word("none"),
             "how long an operation may take, all attempts and pauses; a pause that would end "
             "later is not begun"),
      option("attempts-max", of_retry(&RetryPolicy::attempts_max),
             count({1, 1'000}).or_word("endless"), "how often a client asks, the first included"),
      option("on-timeout", of_retry(&RetryPolicy::cancels), one_of({"nothing", "cancel"}),
             "what a client that waits no longer does about it; cancel: the service is told, and "
             "ends what it still does for the attempt"),
      option("hedge-after", of_retry(&RetryPolicy::hedge_after),
             duration({0, hour}).or_word("none"),
             "a client that has no answer for so long asks once more beside, up to attempts-max, "
             "and after a failure at once; the first ok counts"),
      option("retry-on", of_retry(&RetryPolicy::retry_on), some_of(failure_words()).or_word("none"),
             "after which failures a client asks again; conflict: the store's, as 40001"),
  };
  for (std::size_t failure = 0; failure < failure_kinds; ++failure) {
    table.push_back(option("retries-max." + std::string(failure_names[failure]),
                           of_failure(&RetryPolicy::retries_max, failure),
                           count({0, 1'000}).or_word("any"),
                           "at most so many retries of an operation after this failure"));
  }
  return table;
}

std::vector<Option> backoff_options() {
  std::vector<Option> table{
      option("backoff", of_retry(&RetryPolicy::backoff),
             one_of({"none", "fixed", "exponential", "linear", "quadratic"}),
             "the pause before a client asks again"),
      option("backoff-base", of_retry(&RetryPolicy::base), duration(),
             "exponential: retry k pauses base x 2^k; linear: base x k; quadratic: base x k^2; "
             "fixed: base"),
  };
  for (std::size_t failure = 0; failure < failure_kinds; ++failure) {
    table.push_back(option("backoff-base." + std::string(failure_names[failure]),
                           of_failure(&RetryPolicy::base_after, failure),
                           duration().or_word("same"), "the base after this failure"));
  }
  for (Option& each : std::vector<Option>{
           option("backoff-factor", of_retry(&RetryPolicy::multiplier), factor(),
                  "exponential: by what each pause is longer than the one before"),
           option("backoff-from", of_retry(&RetryPolicy::power_first), count({0, 1}),
                  "what k counts from: with 0 the first pause is base (linear: none)"),
           option("backoff-first", of_retry(&RetryPolicy::first),
                  duration({0, hour}).or_word("formula"), "the first pause, whatever the others"),
           option("backoff-min", of_retry(&RetryPolicy::floor), duration().or_word("none"),
                  "no pause is shorter"),
           option("backoff-cap", of_retry(&RetryPolicy::cap), duration().or_word("none"),
                  "no pause is longer"),
           option("jitter", of_retry(&RetryPolicy::jitter),
                  one_of({"none", "full", "equal", "decorrelated", "factor", "addend", "polly"}),
                  "how the pause is spread"),
           option("jitter-low", of_retry(&RetryPolicy::factor_low), rate({0, 4 * all_parts}),
                  "jitter=factor: at least this share of the pause"),
           option("jitter-high", of_retry(&RetryPolicy::factor_high), rate({0, 4 * all_parts}),
                  "jitter=factor: at most"),
           option("jitter-place", of_retry(&RetryPolicy::factor_after_cap),
                  one_of({"before-cap", "after-cap"}),
                  "jitter=factor: whether the cap bounds what is spread, or the pause"),
           option("jitter-addend", of_retry(&RetryPolicy::addend), duration().or_word("none"),
                  "jitter=addend: the pause is up to so much longer"),
           option("retry-after", of_retry(&RetryPolicy::retry_after),
                  one_of({"ignored", "replaces", "at-least"}),
                  "what a client makes of an answer's Retry-After: the pause, or its least"),
           option("retry-after-max", of_retry(&RetryPolicy::retry_after_max),
                  duration().or_word("none"), "a longer one counts as this"),
           option("retry-after-slack", of_retry(&RetryPolicy::retry_after_slack),
                  duration().or_word("any"), "it makes a pause longer by at most so much"),
           option("retry-after-end", of_retry(&RetryPolicy::retry_after_end),
                  duration().or_word("none"), "a longer one ends the retries"),
           option("connection", of_retry(&RetryPolicy::connection_kept), one_of({"new", "kept"}),
                  "of the first attempt: made for it, or kept open from before"),
           option("resend", of_retry(&RetryPolicy::resend), one_of({"never", "always", "keyed"}),
                  "when a kept connection is reset: the request is sent again, at once, and counts "
                  "as no retry; keyed: only with a key"),
           option("key", of_retry(&RetryPolicy::key), one_of({"kept", "new", "none"}),
                  "the idempotency key of a client's attempts: one for all, or a new one each")}) {
    table.push_back(std::move(each));
  }
  return table;
}

std::vector<Option> retry_limit_options() {
  return {
      option("retry-budget", at(&Settings::retry_budget, &RetryBudgetSettings::share),
             rate().or_word("none"),
             "how much of a token each operation adds to its client's bucket; a retry takes one "
             "token, and only where there is more than one"),
      option("retry-budget-burst", at(&Settings::retry_budget, &RetryBudgetSettings::burst),
             count({1, 1'000'000}), "tokens that the bucket holds, and has at the start"),
      option("retry-budget-filled-by", at(&Settings::retry_budget, &RetryBudgetSettings::filled_by),
             one_of({"operation", "ok"}), "what adds to it"),
      option("retry-budget-taken-by", at(&Settings::retry_budget, &RetryBudgetSettings::taken_by),
             one_of({"retry", "failure"}),
             "what takes from it; failure: one token each, and a retry none"),
      option("retry-budget-cost", at(&Settings::retry_budget, &RetryBudgetSettings::cost),
             count({1, 1'000}), "tokens that a retry takes"),
      option("retry-budget-cost.429",
             at(&Settings::retry_budget, &RetryBudgetSettings::cost_throttled),
             count({1, 1'000}).or_word("same"), "tokens that a retry after a 429 takes"),
      option("retry-budget-refund", at(&Settings::retry_budget, &RetryBudgetSettings::refund),
             one_of({"no", "yes"}), "whether an ok gives back what the retry before it took"),
      option("retry-budget-threshold", at(&Settings::retry_budget, &RetryBudgetSettings::threshold),
             rate(), "taken by failures: a retry needs more than this share of the bucket"),
      option("retry-budget-active", at(&Settings::retry_budget, &RetryBudgetSettings::active_share),
             rate().or_word("none"),
             "retries under way are at most this share of the client's requests under way"),
      option("retry-budget-active-min",
             at(&Settings::retry_budget, &RetryBudgetSettings::active_min), count({0, 1'000'000}),
             "but so many may be, however few the requests are"),
      option("breaker", at(&Settings::breaker, &BreakerSettings::kind),
             one_of({"none", "retries", "calls", "consecutive"}),
             "what a client stops while too much fails: only retries, or every call; consecutive: "
             "every call, after so many failures in a row"),
      option("breaker-threshold", at(&Settings::breaker, &BreakerSettings::threshold), rate(),
             "the breaker acts above this share of failures: failed attempts per operation "
             "(retries), or per attempt (calls)"),
      option("breaker-window", at(&Settings::breaker, &BreakerSettings::window),
             count({1, 1'000}).or_word("all"),
             "how many of the client's last operations (retries) or attempts (calls) count; all: "
             "every one (calls: since the breaker last closed, and at least 20)"),
      option("breaker-window-time", at(&Settings::breaker, &BreakerSettings::window_time),
             duration().or_word("any"), "calls: only attempts not older than that count"),
      option("breaker-volume", at(&Settings::breaker, &BreakerSettings::volume),
             count({1, 1'000}).or_word("window"),
             "calls: so many attempts must count before it acts; window: as many as its window"),
      option("breaker-failures", at(&Settings::breaker, &BreakerSettings::failures_max),
             count({1, 1'000}), "consecutive: so many failures in a row open it"),
      option("breaker-open-for", at(&Settings::breaker, &BreakerSettings::open_for), duration(),
             "calls: how long the breaker stays open; then one call is tried, and if it is ok it "
             "closes"),
  };
}

// All by which a caller goes. A service in between passes keys on: it has none of its own.
std::vector<Option> policy_options() {
  std::vector<Option> table;
  for (const auto& part : {retry_options, backoff_options, retry_limit_options}) {
    for (Option& each : part()) {
      each.of_layer = each.name != "key";
      table.push_back(std::move(each));
    }
  }
  return table;
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
  const auto failed_call = [](auto member) {
    return found_by([member](auto& settings) -> auto& { return settings.failed_call.*member; });
  };
  table.push_back(option("fail-call.kind", failed_call(&FailedCallSettings::kind),
                         one_of({"500", "503", "429", "409"}), "what it answers"));
  table.push_back(option("fail-call.retry-after", failed_call(&FailedCallSettings::retry_after),
                         duration().or_word("none"),
                         "how long its answer asks the client to wait"));
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
                           policy_options, fault_options}) {
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

Option deadline_passed_option() {
  Option made =
      option("deadline-passed", of_retry(&RetryPolicy::deadline_passed), one_of({"no", "yes"}),
             "whether it gives up when its caller does: a deadline comes with each request");
  made.of_layer = true;
  return made;
}

const Option* find_option(std::string_view name) {
  if (const Option* of_layer = find_layer_option(name)) {
    return of_layer;
  }
  for (const Option& option : options()) {
    if (option.name == name) {
      return &option;
    }
  }
  return nullptr;
}

}  // namespace racelab
