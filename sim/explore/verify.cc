// A cell costs one exploration at its own level. Every other verdict, of a hazard alone and at the other levels, is found without
// odds (without_odds.h): orders are counted only where something differs, to say in how many.
#include "sim/explore/verify.h"

#include <algorithm>

#include "sim/explore/without_odds.h"

namespace racelab {

namespace {

Exploration explored(const Settings& settings, const Combination& combination,
                     const Limits& limits) {
  ExploreOptions options;
  options.limits = limits;
  options.examples = false;
  return explore(settings, {combination}, options);
}

std::string name_of_hazard(Hazard hazard) {
  return std::string(hazard_descriptions[static_cast<std::size_t>(hazard)].name);
}

}  // namespace

Settings with_hazard_alone(const Settings& settings, Hazard hazard) {
  Settings alone = settings;
  for (const FaultDescription& fault : fault_descriptions()) {
    if (hazard_of(fault.kind) != hazard) {
      alone.faults[fault.kind] = {.rate_parts_per_billion = 0, .max = 0};
    }
  }
  if (hazard != Hazard::race) {
    alone.clients = 1;
  }
  return alone;
}

namespace {

Cell verify_at_its_level(const Settings& settings, const Combination& combination,
                         const Limits& limits) {
  Cell cell;
  cell.why_not = problem_with(combination, settings);
  if (cell.why_not.empty()) {
    cell.why_not = problem_with_exploring(settings, {combination});
  }
  if (!cell.why_not.empty()) {
    cell.applies = false;
    return cell;
  }
  const Exploration all = explored(settings, combination, limits);
  cell.explored = all.verdict;
  cell.orders = all.odds.orders;
  cell.orders_violating = all.odds.orders_violating;
  cell.states = all.states;
  const Hazards withstood = combination.withstands(settings);
  cell.not_withstood = Hazards::of_bits(settings.hazards.bits() & ~withstood.bits());
  if (!all.complete()) {
    cell.problem = "a limit was reached";
    cell.gave_up = true;
    return cell;
  }
  if (cell.not_withstood.empty() && all.verdict != Verdict::holds) {
    cell.problem = "claims to withstand every hazard here, and is hurt in " +
                   all.odds.orders_violating.str() + " of " + all.odds.orders.str() + " orders";
    return cell;
  }
  for (const HazardDescription& hazard : hazard_descriptions) {
    if (!cell.not_withstood.contain(hazard.hazard)) {
      continue;
    }
    const Settings of_it = with_hazard_alone(settings, hazard.hazard);
    if (quick_verdict(of_it, {combination}, limits).verdict == Verdict::violated) {
      continue;
    }
    const Exploration alone = explored(of_it, combination, limits);
    if (alone.verdict != Verdict::violated) {
      cell.gave_up = !alone.complete() && (cell.problem.empty() || cell.gave_up);
      cell.problem += (cell.problem.empty() ? "" : "; ") +
                      std::string("does not claim to withstand ") + name_of_hazard(hazard.hazard) +
                      ", and " +
                      (alone.complete() ? "all " + alone.odds.orders.str() + " orders of it hold"
                                        : "a limit was reached before it was hurt");
    }
  }
  return cell;
}

// Whether what is derived is what verdicts alone say; false: it is not, or a limit was reached.
bool is_as_derived(const Settings& settings, const Combination& combination, const Limits& limits) {
  if (!problem_with(combination, settings).empty() ||
      !problem_with_exploring(settings, {combination}).empty()) {
    return true;
  }
  const auto verdict = [&](const Settings& some) {
    return quick_verdict(some, {combination}, limits).verdict;
  };
  const Hazards withstood = combination.withstands(settings);
  const Hazards open = Hazards::of_bits(settings.hazards.bits() & ~withstood.bits());
  if (open.bits() == 0) {
    return verdict(settings) == Verdict::holds;
  }
  return std::all_of(std::begin(hazard_descriptions), std::end(hazard_descriptions),
                     [&](const HazardDescription& hazard) {
                       return !open.contain(hazard.hazard) ||
                              verdict(with_hazard_alone(settings, hazard.hazard)) ==
                                  Verdict::violated;
                     });
}

}  // namespace

Cell verify(const Settings& settings, const Combination& combination, const Limits& limits) {
  Cell cell = verify_at_its_level(settings, combination, limits);
  constexpr std::pair<Isolation, const char*> levels[] = {
      {Isolation::autocommit, "autocommit"},
      {Isolation::read_committed, "read-committed"},
      {Isolation::repeatable_read, "repeatable-read"}};
  for (const auto& [level, name] : levels) {
    if (!cell.applies || level == settings.isolation) {
      continue;
    }
    Settings other = settings;
    other.isolation = level;
    if (is_as_derived(other, combination, limits)) {
      continue;
    }
    const Cell there = verify_at_its_level(other, combination, limits);
    if (!there.problem.empty()) {
      cell.gave_up = there.gave_up && (cell.problem.empty() || cell.gave_up);
      cell.problem +=
          (cell.problem.empty() ? "" : "; ") + std::string("at ") + name + ": " + there.problem;
    }
  }
  return cell;
}

std::vector<Combination> every_combination() {
  std::vector<Combination> all;
  for (const Strategy& strategy : strategies()) {
    all.push_back({&strategy, {}});
    for (const Protection& protection : protections()) {
      all.push_back({&strategy, {&protection}});
      // A client's habit matters most to a service that relies on its clients.
      for (const Protection& habit : protections()) {
        if (protection.handle != nullptr && habit.handle == nullptr) {
          all.push_back({&strategy, {&protection, &habit}});
        }
      }
    }
  }
  return all;
}

}  // namespace racelab
