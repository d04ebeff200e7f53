// The settings that shaped a result, in the words of the command line.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/words.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

// Whether a setting shaped the run. What is off did not: a fault whose rate is 0, a limit that is not set, the pauses of a
// client that makes none; but what is on unless it is switched off did.
bool shapes_run(const Option& option, const Settings& settings) {
  static const Settings defaults;
  if (option.name == "hazards") {
    return false;
  }
  if (!option.none.empty() && option.name != "breaker-window" &&
      value_of(option, settings) == option.none) {
    return option.get(settings) != option.get(defaults);
  }
  if (option.name == "rows" || option.name == "amount-step" || option.name == "events-max" ||
      option.name == "latency-shape" || option.name == "service-shape" ||
      option.name == "expired" || option.name == "grants" || option.name == "on-timeout") {
    return option.get(settings) != option.get(defaults);
  }
  if (option.name == "backoff" && settings.retry.hedge_after) {
    return false;  // a hedge makes no pause
  }
  if (option.name == "latency-spread") {
    return settings.latency > Duration{} && settings.latency_shape != Shape::exponential;
  }
  const bool usual = option.get(settings) == option.get(defaults);
  const bool of_clients = option.name.starts_with("retry-") || option.name == "connection" ||
                          option.name == "resend" || option.name == "key";
  const bool seldom = option.name.starts_with("jitter-") ||
                      option.name.starts_with("retries-max.") ||
                      (option.name.starts_with("backoff-") && option.name != "backoff-base" &&
                       option.name != "backoff-cap");
  if (usual && (seldom || (of_clients && !option.name.starts_with("retry-budget")))) {
    return false;
  }
  if (of_clients && !option.name.starts_with("retry-budget")) {
    return true;
  }
  if (option.name.starts_with("retries-max.")) {
    return true;
  }
  if (option.name.starts_with("backoff-") || option.name.starts_with("jitter")) {
    return settings.retry.backoff != Backoff::none && settings.retry.attempts_max != 1 &&
           !settings.retry.hedge_after;
  }
  if (option.name == "breaker" || option.name == "layers") {
    return option.get(settings) != option.get(defaults);
  }
  if (option.name.starts_with("retry-budget-active")) {
    return settings.retry_budget.active_share.has_value();
  }
  if (option.name.starts_with("retry-budget-")) {
    return settings.retry_budget.share.has_value() &&
           (option.name == "retry-budget-burst" || !usual);
  }
  if (option.name == "breaker-window-time" || option.name == "breaker-volume") {
    return settings.breaker.kind == BreakerKind::calls && !usual;
  }
  if (option.name == "breaker-failures") {
    return settings.breaker.kind == BreakerKind::consecutive;
  }
  if (settings.breaker.kind == BreakerKind::consecutive && option.name.starts_with("breaker-")) {
    return option.name == "breaker-open-for";
  }
  if (option.name.starts_with("breaker-")) {
    return settings.breaker.kind == BreakerKind::calls ||
           (settings.breaker.kind == BreakerKind::retries && option.name != "breaker-open-for");
  }
  if (option.name == "spike-at" || option.name == "spike-for") {
    return settings.spike_arrivals_per_second > 0;
  }
  const std::size_t dot = option.name.find('.');
  if (dot == std::string::npos) {
    return true;
  }
  const Option* rate = find_option(option.name.substr(0, dot) + ".rate");
  return rate->get(settings) > 0;
}

// Whether a setting shapes an exploration: all that is time or chance does not. Of a fault its budget does: no limit, when it has
// only a rate.
bool shapes_exploration(const Option& option, const Settings& settings) {
  constexpr std::string_view of_timed_runs[] = {"latency",
                                                "latency-shape",
                                                "latency-spread",
                                                "statement-latency",
                                                "answer-latency",
                                                "service-time",
                                                "service-time-per-call",
                                                "service-shape",
                                                "session-timeout",
                                                "arrivals",
                                                "think-time",
                                                "timeout",
                                                "backoff",
                                                "jitter",
                                                "events-max"};
  const bool of_time = option.name.starts_with("backoff-") || option.name.starts_with("jitter-") ||
                       option.name.starts_with("retry-after") || option.name.ends_with(".rate") ||
                       std::find(std::begin(of_timed_runs), std::end(of_timed_runs), option.name) !=
                           std::end(of_timed_runs);
  if (option.name == "fail-call.kind") {
    return settings.faults[FaultKind::fail_call].max.value_or(0) > 0;
  }
  if (option.name.ends_with(".max")) {
    const Option* rate = find_option(option.name.substr(0, option.name.find('.')) + ".rate");
    return option.get(settings) > 0 || (option.get(settings) < 0 && rate->get(settings) > 0);
  }
  return !of_time && shapes_run(option, settings);
}

// The level at which transactions really ran: what needs one gets it at autocommit, too, and the value says for whom.
std::string isolation_text(const Experiment& report) {
  const Option& option = *find_option("isolation");
  std::string asked = value_of(option, report.settings);
  std::vector<std::string> raised;
  std::string raised_to;
  bool all = true;
  for (const Combination& combination : report.fleet) {
    const Isolation level = combination.isolation(report.settings);
    const std::string name = combination.name();
    all = all && level != report.settings.isolation;
    if (level != report.settings.isolation) {
      raised_to = format_value(option, static_cast<std::int64_t>(level));
      if (std::find(raised.begin(), raised.end(), name) == raised.end()) {
        raised.push_back(name);
      }
    }
  }
  if (raised.empty()) {
    return asked;
  }
  std::string names;
  for (std::size_t i = 0; i < raised.size(); ++i) {
    names += (i == 0 ? "" : i + 1 == raised.size() ? " and " : ", ") + raised[i];
  }
  const std::string need = raised.size() == 1 ? "needs a transaction" : "need a transaction";
  return all ? fmt::format("{} ({} {})", raised_to, names, need)
             : fmt::format("{} ({} {}: {})", asked, names, need, raised_to);
}

}  // namespace

std::string shaping_settings(const Experiment& experiment, Shaped what,
                             const std::vector<std::string>& without) {
  const auto shapes = what == Shaped::timed_run ? shapes_run : shapes_exploration;
  std::string text;
  for (const Option& option : options()) {
    if (shapes(option, experiment.settings) &&
        std::find(without.begin(), without.end(), option.name) == without.end()) {
      text += (text.empty() ? "" : " ") + option.name + '=';
      text += option.name == "isolation" ? isolation_text(experiment)
                                         : value_of(option, experiment.settings);
    }
  }
  for (const auto& [key, value] : layer_settings_shaping(experiment.settings)) {
    if (std::find(without.begin(), without.end(), key) == without.end()) {
      text += fmt::format(" {}={}", key, value);
    }
  }
  return text;
}

Labelled settings_block(const Experiment& experiment, Shaped what) {
  return {"with",
          "strategy=" + name_of(experiment.fleet) + ' ' + shaping_settings(experiment, what)};
}

std::string settings_lines(const Experiment& experiment, Shaped what) {
  return page_text({{settings_block(experiment, what)}}, {});
}

void add_differing(std::vector<std::string>& names, const Settings& one, const Settings& other) {
  for (const Option& option : options()) {
    if (option.get(one) != option.get(other)) {
      names.push_back(option.name);
    }
  }
  const auto of_one = layer_settings_shaping(one);
  const auto of_other = layer_settings_shaping(other);
  for (const auto& [some, rest] : {std::pair(&of_one, &of_other), std::pair(&of_other, &of_one)}) {
    for (const auto& setting : *some) {
      if (std::find(rest->begin(), rest->end(), setting) == rest->end()) {
        names.push_back(setting.first);
      }
    }
  }
}

}  // namespace racelab
