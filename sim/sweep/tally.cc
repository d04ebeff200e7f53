// A tally is added up from runs, and from other tallies; nothing is thrown away that a report needs.
#include "sim/sweep/tally.h"

#include <algorithm>

namespace racelab {

namespace {

constexpr std::array<Measure, cost_kinds> cost_measures{Measure::statements, Measure::latency};

Estimate scaled(Estimate estimate, double scale) {
  estimate.value *= scale;
  if (estimate.interval) {
    estimate.interval->low *= scale;
    estimate.interval->high *= scale;
  }
  return estimate;
}

}  // namespace

std::string_view name_of(RunAnomaly anomaly) {
  constexpr std::array<std::string_view, run_anomaly_kinds> names{
      "lost_updates",   "duplicates", "false_successes",
      "false_failures", "stuck",      "invariant_broken"};
  return names[static_cast<std::size_t>(anomaly)];
}

void Tally::add(const RunResult& result, const RunFigures& figures,
                const RecoveryWindows* windows) {
  ++runs;
  violated += result.verdict == Verdict::violated ? 1 : 0;
  gave_up += result.verdict == Verdict::gave_up ? 1 : 0;
  if (result.verdict == Verdict::violated && (!violating_seed || result.seed < *violating_seed)) {
    violating_seed = result.seed;
  }
  const auto saw = [this](RunAnomaly anomaly, bool there) {
    runs_with[static_cast<std::size_t>(anomaly)] += there ? 1 : 0;
  };
  const Judgement& judgement = result.judgement;
  saw(RunAnomaly::lost_updates, judgement.count(Anomaly::lost_update) > 0);
  saw(RunAnomaly::duplicates, judgement.count(Anomaly::duplicate) > 0);
  saw(RunAnomaly::false_successes, judgement.count(Anomaly::false_success) > 0);
  saw(RunAnomaly::false_failures, judgement.count(Anomaly::false_failure) > 0);
  saw(RunAnomaly::stuck, result.stuck() > 0);
  saw(RunAnomaly::invariant_broken, result.invariant_broken);
  operations += result.counts.operations;
  events += result.events;
  for (std::size_t i = 0; i < told.size(); ++i) {
    for (std::size_t j = 0; j < told[i].size(); ++j) {
      told[i][j] += judgement.told[i][j];
    }
  }
  for (std::size_t i = 0; i < measure_kinds; ++i) {
    measures[i].add(figures[i].x, figures[i].y);
  }
  for (const HistoryOperation& operation : result.history.operations) {
    refused += operation.told == Told::refused ? 1 : 0;
    if (operation.finished) {
      latency.add(operation.ended - operation.started);
    }
  }
  if (windows != nullptr) {
    recovery.add(result, *windows);
  }
}

void Tally::add_reference(const RunFigures& own, const RunFigures& reference) {
  for (std::size_t i = 0; i < measure_kinds; ++i) {
    against_reference[i].add(own[i], reference[i]);
  }
}

void Tally::add_unprotected(const RunFigures& own, const RunFigures& unprotected) {
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    const auto measure = static_cast<std::size_t>(cost_measures[i]);
    without_protection[i].add(unprotected[measure].x, own[measure].x);
  }
}

void Tally::merge(const Tally& other) {
  runs += other.runs;
  violated += other.violated;
  gave_up += other.gave_up;
  for (std::size_t i = 0; i < run_anomaly_kinds; ++i) {
    runs_with[i] += other.runs_with[i];
  }
  if (other.violating_seed) {
    violating_seed = std::min(violating_seed.value_or(UINT64_MAX), *other.violating_seed);
  }
  operations += other.operations;
  refused += other.refused;
  events += other.events;
  for (std::size_t i = 0; i < told.size(); ++i) {
    for (std::size_t j = 0; j < told[i].size(); ++j) {
      told[i][j] += other.told[i][j];
    }
  }
  for (std::size_t i = 0; i < measure_kinds; ++i) {
    measures[i].merge(other.measures[i]);
    against_reference[i].merge(other.against_reference[i]);
  }
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    without_protection[i].merge(other.without_protection[i]);
  }
  latency.merge(other.latency);
  recovery.merge(other.recovery);
}

std::optional<Estimate> Tally::estimate(Measure measure) const {
  const MeasureDescription& description = description_of(measure);
  std::optional<Estimate> estimate = sums(measure).ratio();
  if (!estimate) {
    return std::nullopt;
  }
  if (description.is_share) {
    // Where runs do not differ, their variance says nothing of the rare one that would.
    if (estimate->value == 0) {
      estimate->interval = Interval{0, clopper_pearson(0, runs).high};
    } else if (estimate->value == 1) {
      estimate->interval = Interval{clopper_pearson(runs, runs).low, 1};
    } else if (estimate->interval) {
      estimate->interval =
          Interval{std::max(0.0, estimate->interval->low), std::min(1.0, estimate->interval->high)};
    }
  }
  return scaled(*estimate, description.scale);
}

std::optional<Estimate> Tally::difference(Measure measure, const Tally& reference) const {
  const auto place = static_cast<std::size_t>(measure);
  const std::optional<Estimate> difference =
      against_reference[place].difference(measures[place], reference.measures[place]);
  return difference ? std::optional(scaled(*difference, description_of(measure).scale))
                    : std::nullopt;
}

std::optional<Estimate> Tally::protection_share(Cost cost) const {
  const std::optional<Estimate> without =
      without_protection[static_cast<std::size_t>(cost)].ratio();
  if (!without) {
    return std::nullopt;
  }
  Estimate share{1 - without->value, std::nullopt};
  if (without->interval) {
    share.interval = Interval{1 - without->interval->high, 1 - without->interval->low};
  }
  return share;
}

}  // namespace racelab
