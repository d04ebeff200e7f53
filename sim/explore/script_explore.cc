// Walks the orders of endpoints in SQL and counts how they end.
#include "sim/explore/script_explore.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "sim/explore/cheapest.h"
#include "sim/explore/graph_search.h"
#include "sim/explore/schedule.h"
#include "sim/kernel/stop.h"
#include "sim/scenario/verdict.h"

namespace racelab {

template class GraphOf<ScriptModel>;

namespace {

// A step's letter, and what strikes it (docs/sql.md lists the marks).
std::string word_of(const ScriptModel& model, const ScriptStep& step) {
  if (step.kind == ScriptStep::Kind::time_passes) {
    return "~";
  }
  std::string word(1, letter_of_client(step.client));
  const ScriptWho who = model.who(step);
  std::uint32_t ordinal = 1;
  for (const ScriptModel::Handler& other : model.state().handlers) {
    ordinal += other.client == who.client && other.who() < who && !other.dead ? 1 : 0;
  }
  if (ordinal > 1) {
    word += std::to_string(ordinal);
  }
  switch (step.request_fault) {
    case Fault::lose_request:
      word += 'q';
      break;
    case Fault::duplicate_delivery:
      word += 'd';
      break;
    default:
      break;
  }
  switch (step.statement_fault) {
    case Fault::crash:
      word += 'c';
      break;
    case Fault::lose_session_before:
      word += 'b';
      break;
    case Fault::lose_session_after:
      word += 'a';
      break;
    case Fault::slow_call:
      word += 's';
      break;
    default:
      break;
  }
  if (step.replies_lost != 0) {
    word += 'r' + (step.replies_lost > 1 ? std::to_string(step.replies_lost) : std::string());
  }
  if (step.kind == ScriptStep::Kind::lock_timeout) {
    word += 't';
  } else if (step.kind == ScriptStep::Kind::deadlock) {
    word += 'x';
  } else if (step.kind == ScriptStep::Kind::session_end) {
    word += 'e';
  }
  if (std::any_of(step.ways.begin(), step.ways.end(), [](std::uint8_t way) { return way > 0; })) {
    word += 'w';
    for (const std::uint8_t way : step.ways) {
      word += std::to_string(way + 1);
    }
  }
  return word;
}

bool any_fault(const ScriptSetup& setup) {
  return setup.time_passes_max > 0 ||
         std::any_of(setup.faults.settings.begin(), setup.faults.settings.end(),
                     [](const FaultSetting& fault) {
                       return fault.max.value_or(fault.rate_parts_per_billion) > 0;
                     });
}

// An order through a graph, taken step by step, with all that a report tells of it.
class OrderWalk {
 public:
  /// The model stands where the graph was begun. All must outlive this.
  OrderWalk(const ScriptGraph& graph, ScriptModel& model)
      : graph_(graph),
        model_(model),
        chances_(violation_chances(graph)),
        node_(graph.root()),
        dependencies_([&model](sql::SessionId session) {
          for (const ScriptModel::Handler& it : model.state().handlers) {
            if (it.session == session || it.session + 1 == session) {
              return Dependencies::Execution{model.place_of(it.client, it.operation),
                                             (std::size_t{it.attempt} * 2) + it.copy};
            }
          }
          return Dependencies::Execution{};
        }) {
    model_.tell(true);
    model_.record(&dependencies_);
    order_.chance = chances_[node_];
  }
  ~OrderWalk() { model_.record(nullptr); }
  OrderWalk(const OrderWalk&) = delete;
  OrderWalk& operator=(const OrderWalk&) = delete;

  [[nodiscard]] OrderGraph::Node node() const { return node_; }
  [[nodiscard]] bool ended() const { return graph_.is_end(node_); }
  [[nodiscard]] const std::optional<ScriptWho>& last() const { return last_; }
  [[nodiscard]] std::string word_of_edge(std::size_t edge) const {
    return word_of(model_, graph_.labels(node_)[edge].step);
  }

  void take(std::size_t edge) {
    const ScriptGraph::Label& label = graph_.labels(node_)[edge];
    ScriptOrder::Taken& taken = order_.steps.emplace_back();
    taken.step = label.step;
    taken.who = label.who;
    taken.word = word_of(model_, label.step);
    order_.faults += label.step.faults();
    order_.switches += last_ && *last_ != label.who ? 1 : 0;
    last_ = label.who;
    model_.take(label.step);
    taken.happened = model_.happened();
    node_ = graph_.next(node_)[edge];
    taken.chance = chances_[node_];
  }

  /// Expects that it has ended.
  ScriptOrder finish(const std::vector<std::uint32_t>& issued) {
    order_.issued = issued;
    order_.outcome = graph_.outcomes()[graph_.outcome_of(node_)];
    std::vector<DependencyEdge> all = dependencies_.all();
    const std::vector<ScriptOperation>& operations = order_.outcome.ending->operations;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      for (std::size_t earlier = 0; earlier < operations.size(); ++earlier) {
        if (operations[earlier].stands_before(operations[i])) {
          DependencyEdge time;
          time.kind = DependencyEdge::Kind::real_time;
          time.before = earlier;
          time.after = i;
          all.push_back(time);
        }
      }
      if (dependencies_.times_done(i) > 1) {
        order_.done_twice.push_back(i);
      }
    }
    order_.circle = Dependencies::shortest_circle(all);
    return std::move(order_);
  }

 private:
  const ScriptGraph& graph_;
  ScriptModel& model_;
  std::vector<double> chances_;
  OrderGraph::Node node_;
  Dependencies dependencies_;
  std::optional<ScriptWho> last_;
  ScriptOrder order_;
};

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
  OrderWalk walk(graph, model);
  while (!walk.ended()) {
    const std::vector<std::size_t> edges = cheapest.cheapest_edges(walk.node(), walk.last());
    walk.take(*std::min_element(edges.begin(), edges.end(), [&](std::size_t a, std::size_t b) {
      return walk.word_of_edge(a) < walk.word_of_edge(b);
    }));
  }
  return walk.finish(issued);
}

// Fewest clients, then operations, then what Cheapest counts; ties to the alphabetically first word.
std::optional<ScriptOrder> find_smallest(const ScriptSetup& setup, OneAtATime& rule,
                                         const Limits& limits) {
  const std::uint32_t clients = setup.clients();
  std::vector<std::vector<std::uint32_t>> shares;  // operations of each client
  std::vector<std::uint32_t> share(clients);
  const std::function<void(std::uint32_t)> all = [&](std::uint32_t client) {
    if (client == clients) {
      shares.push_back(share);
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
                                found->chance == 1 && shares[i] != shares.back();
    if (found && !misses_clients && (!best || price(*found) < price(*best))) {
      std::tie(found->clients, found->operations) = size(shares[i]);
      best = std::move(found);
    }
  }
  return best;
}

}  // namespace

std::string ScriptOrder::word() const {
  std::string word;
  for (const Taken& it : steps) {
    word += it.word;
  }
  return word;
}

FollowedScriptOrder follow_order(const ScriptSetup& setup, const std::string& word,
                                 const Limits& limits) {
  FollowedScriptOrder followed;
  OneAtATime rule(setup);
  ScriptModel model(setup, rule);
  ScriptModel::Saved start;
  model.save(start);
  const ScriptGraph graph(model, limits, false, true);
  if (!graph.complete()) {
    followed.problem = "there are too many orders to follow one of them within the limits";
    return followed;
  }
  model.restore(start);
  OrderWalk walk(graph, model);
  std::size_t at = 0;
  while (!walk.ended()) {
    // The longest letter that fits; behind the word, the alphabetically first without a fault.
    std::optional<std::size_t> best;
    std::string best_word;
    std::string possible;
    for (std::size_t edge = 0; edge < graph.next(walk.node()).size(); ++edge) {
      const std::string one = walk.word_of_edge(edge);
      possible += (possible.empty() ? "" : ", ") + one;
      const bool behind = at >= word.size();
      const bool fits = behind ? graph.labels(walk.node())[edge].step.faults() == 0
                               : word.compare(at, one.size(), one) == 0;
      if (fits && (!best || (behind ? one < best_word : one.size() > best_word.size()))) {
        best = edge;
        best_word = one;
      }
    }
    if (!best) {
      followed.problem = "at letter " + std::to_string(at + 1) + " of the order, '" +
                         word.substr(at, 3) + "' cannot come; what can is " + possible;
      return followed;
    }
    at += at < word.size() ? best_word.size() : 0;
    walk.take(*best);
  }
  if (at < word.size()) {
    followed.problem = "the order is over at letter " + std::to_string(at + 1) + ", before '" +
                       word.substr(at, 10) + "'";
    return followed;
  }
  ScriptOrder order = walk.finish({});
  order.clients = setup.clients();
  for (const auto& plan : setup.plan) {
    order.operations += static_cast<std::uint32_t>(plan.size());
  }
  followed.order = std::move(order);
  return followed;
}

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
  const FaultSetting& failing = setup.faults[FaultKind::fail_call];
  if (failing.max.value_or(failing.rate_parts_per_billion) > 0) {
    return "fail-call is a fault of timed runs, which exploration does not follow yet; explore "
           "without it: fail-call.max=0";
  }
  for (const auto& script : setup.scripts) {
    if (script->draws) {
      return script->file + " draws random numbers, which no exploration can go through";
    }
  }
  return "";
}

ScriptExploration explore(const ScriptSetup& setup, const ExploreOptions& options) {
  OneAtATime rule(setup);
  ScriptModel model(setup, rule);
  const ScriptGraph graph(model, options.limits, false, false);
  ScriptExploration made;
  made.stopped = graph.stopped();
  made.outcomes = graph.outcomes();
  made.odds = odds_of(graph);
  made.states = graph.root();
  made.transitions = graph.transitions();
  made.bytes = graph.bytes();
  bool any_done = false;
  for (std::size_t i = 0; i < made.outcomes.size(); ++i) {
    const ScriptEnding& ending = *made.outcomes[i].ending;
    const auto was = [&ending](auto told) {
      return std::any_of(ending.operations.begin(), ending.operations.end(), told);
    };
    if (ending.answers_only && ending.stuck == 0 && ending.checks_hold()) {
      made.orders_answers_only += made.odds.by_outcome[i];
    }
    if (was([](const ScriptOperation& it) {
          return it.told == ScriptTold::failed || it.told == ScriptTold::unknown;
        })) {
      made.orders_failing += made.odds.by_outcome[i];
    }
    any_done = any_done ||
               was([](const ScriptOperation& it) { return it.told == ScriptTold::ok; }) ||
               !made.outcomes[i].contents.empty();
  }
  made.verdict =
      verdict_of({.violated = made.odds.orders_violating > 0, .complete = graph.complete()});
  if (made.verdict == Verdict::holds && !any_done) {
    made.verdict = Verdict::idle;
  }
  if (any_fault(setup) && graph.complete()) {
    ScriptSetup calm = setup;
    calm.faults.total_max = 0;
    calm.time_passes_max = 0;
    OneAtATime calm_rule(calm);
    ScriptModel calm_model(calm, calm_rule);
    const ScriptGraph calm_graph(calm_model, options.limits, false, false);
    if (calm_graph.complete()) {
      made.odds_without_faults = odds_of(calm_graph);
    }
  }
  if (!options.examples) {
    return made;
  }
  if (made.verdict == Verdict::violated) {
    made.counterexample = find_smallest(setup, rule, options.limits);
  } else if (made.verdict == Verdict::holds) {
    const std::array<OrderCount, near_miss_kinds> orders = orders_with_near_misses(graph);
    for (std::size_t i = 0; i < near_miss_kinds; ++i) {
      if (orders[i] > 0) {
        made.near_misses.push_back({static_cast<NearMiss>(i), orders[i]});
      }
    }
  }
  return made;
}

}  // namespace racelab
