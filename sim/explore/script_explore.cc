// Walks the orders of endpoints in SQL and counts how they end.
#include "sim/explore/script_explore.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "sim/explore/cheapest.h"
#include "sim/explore/graph_search.h"
#include "sim/explore/schedule.h"
#include "sim/explore/script_parts.h"
#include "sim/kernel/stop.h"
#include "sim/scenario/verdict.h"

namespace racelab {

template class GraphOf<ScriptModel>;

namespace {

bool any_fault(const ScriptSetup& setup) {
  return setup.time_passes_max > 0 ||
         std::any_of(setup.faults.settings.begin(), setup.faults.settings.end(),
                     [](const FaultSetting& fault) {
                       return fault.max.value_or(fault.rate_parts_per_billion) > 0;
                     });
}

// The smallest order that violates, in a graph of these operations; nothing: none does.
std::optional<ScriptOrder> smallest_in(const ScriptSetup& setup, OneAtATime& rule,
                                       const std::vector<std::uint32_t>& issued,
                                       const Limits& limits) {
  ScriptModel model(setup, rule, issued);
  ScriptModel::Saved start;
  model.save(start);
  const ScriptGraph graph(model, limits, false, true);
  const Cheapest<ScriptModel> cheapest(graph, std::nullopt);
  if (cheapest.from(graph.root(), std::nullopt) == impossible) {
    return std::nullopt;
  }
  model.restore(start);
  std::vector<ScriptMove> moves;
  OrderGraph::Node node = graph.root();
  while (!graph.is_end(node)) {
    std::optional<std::size_t> best;
    std::string best_word;
    for (const std::size_t edge : cheapest.cheapest_edges(
             node, moves.empty() ? std::nullopt : std::optional(moves.back().who))) {
      const std::string word = word_of(move_of(model, graph.labels(node)[edge].step));
      if (!best || word < best_word) {
        best = edge;
        best_word = word;
      }
    }
    moves.push_back(move_of(model, graph.labels(node)[*best].step));
    model.take(moves.back().step);
    moves.back().unheard = model.unheard();
    node = graph.next(node)[*best];
  }
  return drawn_order(setup, rule, issued, moves, &graph);
}

using Parts = std::vector<std::vector<std::uint32_t>>;

Parts violating_parts(const ScriptExplored& found) {
  Parts parts;
  for (std::size_t part = 0; part < found.parts.size(); ++part) {
    if (found.violating[part]) {
      parts.push_back(found.parts[part]);
    }
  }
  return parts;
}

// The part whose clients are all that issue something; nullptr: there is none.
const std::vector<std::uint32_t>* part_of(const std::vector<std::uint32_t>& share,
                                          const Parts& parts) {
  const auto found = std::find_if(parts.begin(), parts.end(), [&share](const auto& part) {
    for (std::uint32_t client = 0; client < share.size(); ++client) {
      if (share[client] > 0 && std::find(part.begin(), part.end(), client) == part.end()) {
        return false;
      }
    }
    return true;
  });
  return found == parts.end() ? nullptr : &*found;
}

// Whether clients of its part issue less than they do.
bool leaves_out(const ScriptSetup& setup, const std::vector<std::uint32_t>& share,
                const Parts& parts) {
  const std::vector<std::uint32_t>& part = *part_of(share, parts);
  return std::any_of(part.begin(), part.end(), [&](std::uint32_t client) {
    return share[client] < setup.plan[client].size();
  });
}

// Fewest clients, then operations, then what Cheapest counts; ties to the alphabetically first word.
std::optional<ScriptOrder> find_smallest(const ScriptSetup& setup, OneAtATime& rule,
                                         const Limits& limits, const Parts& parts) {
  const std::uint32_t clients = setup.clients();
  std::vector<std::vector<std::uint32_t>> shares;  // operations of each client
  std::vector<std::uint32_t> share(clients);
  const std::function<void(std::uint32_t)> all = [&](std::uint32_t client) {
    if (client == clients) {
      if (part_of(share, parts) != nullptr) {
        shares.push_back(share);
      }
      return;
    }
    for (std::uint32_t n = 0; n <= setup.plan[client].size(); ++n) {
      share[client] = n;
      all(client + 1);
    }
  };
  all(0);
  const auto size = [](const std::vector<std::uint32_t>& it) {
    const auto there = std::count_if(it.begin(), it.end(), [](std::uint32_t n) { return n > 0; });
    return std::pair(there, std::accumulate(it.begin(), it.end(), 0U));
  };
  std::stable_sort(shares.begin(), shares.end(),
                   [&size](const auto& a, const auto& b) { return size(a) < size(b); });
  std::optional<ScriptOrder> best;
  const auto price = [](const ScriptOrder& it) {
    return std::tuple(it.faults, it.switches, it.steps.size(), it.word());
  };
  for (std::size_t i = 0; i < shares.size() && !stop_asked(); ++i) {
    if (best && size(shares[i]) != size(best->issued)) {
      break;
    }
    std::optional<ScriptOrder> found = smallest_in(setup, rule, shares[i], limits);
    // A check that fails without a race or a fault, in whatever order, only misses the clients that were left out.
    const bool misses_clients = found && found->outcome.ending->right && found->faults == 0 &&
                                found->chance == 1 && leaves_out(setup, shares[i], parts);
    if (found && !misses_clients && (!best || price(*found) < price(*best))) {
      best = std::move(found);
    }
  }
  return best;
}

}  // namespace

std::string problem_with_exploring(const ScriptSetup& setup) {
  std::size_t operations = 0;
  for (const auto& plan : setup.plan) {
    operations += plan.size();
  }
  if (setup.plan.size() > letters) {
    return "exploration takes at most " + std::to_string(letters) + " clients, not " +
           std::to_string(setup.plan.size());
  }
  if (operations > ScriptModel::operations_max) {
    return "exploration takes at most " + std::to_string(ScriptModel::operations_max) +
           " operations of endpoints in SQL, not " + std::to_string(operations);
  }
  if (setup.settings.arrivals_per_second > 0) {
    return "exploration of endpoints in SQL follows clients that wait for each answer: it needs "
           "arrivals=closed";
  }
  if (std::string problem = problem_with_timed_settings(setup.settings); !problem.empty()) {
    return problem;
  }
  for (const auto& script : setup.scripts) {
    if (script->draws) {
      return script->file + " draws random numbers, which no exploration can go through";
    }
  }
  return "";
}

namespace {

bool any_told(const ScriptOutcome& outcome, ScriptTold told) {
  const std::vector<ScriptOperation>& operations = outcome.ending->operations;
  return std::any_of(operations.begin(), operations.end(),
                     [told](const ScriptOperation& it) { return it.told == told; });
}

}  // namespace

void count_what_was_told(ScriptExploration& made) {
  for (std::size_t i = 0; i < made.outcomes.size(); ++i) {
    const ScriptEnding& ending = *made.outcomes[i].ending;
    if (ending.answers_only && ending.stuck == 0 && ending.checks_hold()) {
      made.orders_answers_only += made.odds.by_outcome[i];
    }
    if (any_told(made.outcomes[i], ScriptTold::failed) ||
        any_told(made.outcomes[i], ScriptTold::unknown)) {
      made.orders_failing += made.odds.by_outcome[i];
    }
  }
}

bool any_done(const ScriptExploration& made) {
  const std::vector<ScriptOutcome> outcomes = made.every_outcome();
  return std::any_of(outcomes.begin(), outcomes.end(), [](const ScriptOutcome& it) {
    return any_told(it, ScriptTold::ok) || !it.contents.empty();
  });
}

ScriptExploration explore(const ScriptSetup& setup, const ExploreOptions& options) {
  ScriptExplored found = explore_in_parts(setup, options);
  ScriptExploration& made = found.exploration;
  // Whoever was told to stop while endings were judged has judged none of the rest: nothing is proved.
  if (stop_asked() && made.complete()) {
    made.stopped = OrderGraph::Stopped::asked;
    made.verdict = made.verdict == Verdict::violated ? Verdict::violated : Verdict::gave_up;
  }
  if (any_fault(setup) && made.complete()) {
    ScriptSetup calm = setup;
    calm.faults.total_max = 0;
    calm.time_passes_max = 0;
    ExploreOptions odds_alone = options;
    odds_alone.examples = false;
    const ScriptExploration calm_exploration = explore_in_parts(calm, odds_alone).exploration;
    if (calm_exploration.complete()) {
      made.odds_without_faults = calm_exploration.odds;
    }
  }
  if (options.examples && made.verdict == Verdict::violated) {
    OneAtATime rule(setup);
    made.counterexample = find_smallest(setup, rule, options.limits, violating_parts(found));
  }
  return std::move(made);
}

}  // namespace racelab
