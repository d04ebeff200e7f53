// Depth first: an order begins like one that was run, up to the step where it turns off.
#include "sim/explore/explore_on.h"

#include <algorithm>
#include <memory>

#include "sim/explore/observed_server.h"
#include "sim/scenario/verdict.h"

namespace racelab {

namespace {

// The orders as a tree: an order begins like another up to where they part.
struct Node {
  std::vector<ScriptStep> steps;
  std::vector<std::unique_ptr<Node>> next;  // by step
  bool begun = false;                       // its alternatives are known
  bool ended = false;                       // nothing can happen any more
  bool violates = false;                    // of an end
  bool not_taken = false;                   // of an end: the server does it only by itself
};

struct Sums {
  OrderCount orders;
  OrderCount violating;
  double chance = 0;      // of a violation, when each next step is as likely as the others
  double unexplored = 0;  // how likely it is to get where nobody was
};

Sums sums_of(const Node& node) {
  Sums made;
  if (node.not_taken) {
    made.unexplored = 1;
    return made;
  }
  if (node.ended) {
    made.orders = 1;
    made.violating = node.violates ? 1 : 0;
    made.chance = node.violates ? 1 : 0;
    return made;
  }
  if (!node.begun) {
    made.unexplored = 1;
    return made;
  }
  for (const auto& next : node.next) {
    const Sums part = sums_of(*next);
    made.orders += part.orders;
    made.violating += part.violating;
    made.chance += part.chance / static_cast<double>(node.next.size());
    made.unexplored += part.unexplored / static_cast<double>(node.next.size());
  }
  return made;
}

class Search {
 public:
  Search(const ScriptSetup& setup, RealServer& server, const ExploreOnOptions& options)
      : setup_(setup), server_(server), observed_(server), options_(options), rule_(setup) {}

  ExplorationOn run() {
    std::vector<Path> open{{}};
    std::uint64_t done = 0;
    while (!open.empty()) {
      if ((options_.until_violated && !smallest_.empty()) ||
          (options_.go_on && !options_.go_on(done))) {
        made_.stopped = OrderGraph::Stopped::asked;
        break;
      }
      if (done == options_.orders_max) {
        made_.stopped = OrderGraph::Stopped::executions;
        break;
      }
      const Path path = std::move(open.back());
      open.pop_back();
      take_order(path, open);
      ++done;
    }
    return finish();
  }

 private:
  using Path = std::vector<std::size_t>;  // by node: which step

  void add(Node& node, ScriptStep step) {
    node.steps.push_back(std::move(step));
    node.next.push_back(std::make_unique<Node>());
  }

  // A path that somebody else than before went on in leads elsewhere: it is tried again.
  void take_order(const Path& path, std::vector<Path>& open) {
    constexpr int tries_max = 3;
    for (int tries = 0; tries < tries_max; ++tries) {
      if (run_order(path, open)) {
        return;
      }
    }
    ++made_.not_taken;
  }

  // Whether a step that was possible when it was listed is possible again. What differs by replies that are lost is told after it.
  static bool is_possible(const ScriptModel& model, ScriptStep step) {
    step.ways.clear();
    step.replies_lost = step.replies_reset = 0;
    if (step.statement_fault == Fault::slow_call) {
      step.statement_fault = Fault::none;
    }
    std::vector<ScriptStep> possible;
    model.alternatives(possible);
    return std::find(possible.begin(), possible.end(), step) != possible.end();
  }

  // Follows the path, and from its end always the first alternative; the others are left for later. False: the path cannot be followed.
  bool run_order(const Path& path, std::vector<Path>& open) {
    server_.reset();
    observed_.forget();
    ScriptModel model(setup_, rule_, observed_);
    Node* node = &root_;
    Path here;
    std::vector<ScriptMove> moves;
    while (true) {
      if (!node->begun) {
        std::vector<ScriptStep> steps;
        model.alternatives(steps);
        node->begun = true;
        node->ended = steps.empty();
        for (ScriptStep& step : steps) {
          add(*node, std::move(step));
        }
        for (std::size_t i = 1; i < node->next.size(); ++i) {
          open.push_back(here);
          open.back().push_back(i);
        }
      }
      if (node->ended) {
        break;
      }
      if (here.size() == options_.steps_max) {
        made_.stopped = OrderGraph::Stopped::steps;
        return true;
      }
      const std::size_t at = here.size() < path.size() ? path[here.size()] : 0;
      const ScriptStep step = node->steps[at];
      if (!is_possible(model, step)) {
        return false;
      }
      ScriptMove move = move_of(model, step);
      const ScriptModel::Effects& effects = model.take(step);
      move.unheard = model.unheard();
      moves.push_back(move);
      Node* next = node->next[at].get();
      if (!next->begun) {  // taken for the first time: the same step with other faults
        std::vector<ScriptStep> others;
        model.variants(step, effects, others);
        for (ScriptStep& other : others) {
          open.push_back(here);
          open.back().push_back(node->next.size());
          add(*node, std::move(other));
        }
      }
      here.push_back(at);
      node = next;
    }
    end(model, *node, std::move(moves));
    return true;
  }

  void end(const ScriptModel& model, Node& node, std::vector<ScriptMove> moves) {
    if (server_.missed_deadlock()) {
      node.not_taken = true;
      ++made_.not_taken;
      return;
    }
    const ScriptOutcome outcome = model.outcome();
    node.violates = outcome.violated();
    by_outcome_[outcome] += 1;
    made_.waiting += observed_.anybody_waited() ? 1 : 0;
    for (const auto& [error, verbs] : observed_.errors()) {
      made_.refused[error] += 1;
      made_.refused_at[error].insert(verbs.begin(), verbs.end());
    }
    for (const auto& [place, what] : model.open_orders()) {
      made_.open_orders.emplace(place, what);
    }
    if (node.violates) {
      const std::tuple price(faults_in(moves), switches_in(moves), moves.size(), word_of(moves));
      if (smallest_.empty() || price < smallest_price_) {
        smallest_ = std::move(moves);
        smallest_price_ = price;
      }
    }
  }

  static unsigned faults_in(const std::vector<ScriptMove>& moves) {
    unsigned faults = 0;
    for (const ScriptMove& move : moves) {
      faults += move.step.faults();
    }
    return faults;
  }

  static std::size_t switches_in(const std::vector<ScriptMove>& moves) {
    std::size_t switches = 0;
    for (std::size_t i = 1; i < moves.size(); ++i) {
      switches += moves[i].who != moves[i - 1].who ? 1 : 0;
    }
    return switches;
  }

  ExplorationOn finish() {
    const Sums sums = sums_of(root_);
    made_.odds.orders = sums.orders;
    made_.odds.orders_violating = sums.violating;
    made_.odds.scheduler_low = sums.chance;
    made_.odds.scheduler_high = sums.chance + sums.unexplored;
    for (const auto& [outcome, orders] : by_outcome_) {
      made_.outcomes.push_back(outcome);
      made_.odds.by_outcome.push_back(orders);
    }
    count_what_was_told(made_);
    made_.verdict =
        verdict_of({.violated = made_.odds.orders_violating > 0, .complete = made_.complete()});
    if (made_.verdict == Verdict::holds && !any_done(made_)) {
      made_.verdict = Verdict::idle;
    }
    if (options_.example && !smallest_.empty()) {
      made_.counterexample = drawn_order_on(setup_, rule_, server_, smallest_);
    }
    return std::move(made_);
  }

  const ScriptSetup& setup_;
  RealServer& server_;
  ObservedServer observed_;
  const ExploreOnOptions& options_;
  OneAtATime rule_;
  Node root_;
  ExplorationOn made_;
  std::map<ScriptOutcome, OrderCount> by_outcome_;
  std::vector<ScriptMove> smallest_;
  std::tuple<unsigned, std::size_t, std::size_t, std::string> smallest_price_;
};

}  // namespace

ExplorationOn explore_on(const ScriptSetup& setup, RealServer& server,
                         const ExploreOnOptions& options) {
  return Search(setup, server, options).run();
}

}  // namespace racelab
