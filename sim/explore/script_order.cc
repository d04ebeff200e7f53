// Words are looked up among the steps that are possible; a drawing runs the steps once, with a recorder.
#include "sim/explore/script_order.h"

#include <algorithm>

#include "sim/check/refusal.h"
#include "sim/explore/odds.h"
#include "sim/explore/schedule.h"
#include "sim/kernel/expect.h"
#include "sim/kernel/fault_rules.h"

namespace racelab {

namespace {

// Runs an order, and keeps what is to be told of it.
class OrderRun {
 public:
  /// The model stands at the start. Both must outlive this.
  explicit OrderRun(ScriptModel& model)
      : model_(model), dependencies_([&model](sql::SessionId session) {
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
  }
  ~OrderRun() { model_.record(nullptr); }
  OrderRun(const OrderRun&) = delete;
  OrderRun& operator=(const OrderRun&) = delete;

  void take(const ScriptMove& move) {
    order_.faults += move.step.faults();
    order_.switches += !order_.steps.empty() && order_.steps.back().move.who != move.who ? 1 : 0;
    ScriptOrder::Taken& taken = order_.steps.emplace_back();
    taken.move = move;
    dependencies_.at(order_.steps.size());
    model_.take(move.step);
    taken.happened = model_.happened();
  }

  ScriptOrder finish(const std::vector<std::uint32_t>& issued) {
    order_.issued = issued;
    for (const std::uint32_t count : issued) {
      order_.clients += count > 0 ? 1 : 0;
      order_.operations += count;
    }
    model_.record(nullptr);  // what the checks read is nobody's
    order_.outcome = model_.outcome();
    std::vector<DependencyEdge> all = dependencies_.all();
    const std::vector<ScriptOperation>& operations = order_.outcome.ending->operations;
    add_real_time(operations, all);
    order_.done_twice = dependencies_.done_twice(operations.size());
    order_.circle = Dependencies::shortest_circle(all);
    name_refusals(operations, order_.circle);
    return std::move(order_);
  }

 private:
  ScriptModel& model_;
  Dependencies dependencies_;
  ScriptOrder order_;
};

void add_chances(ScriptOrder& order, const ScriptGraph& graph) {
  const std::vector<double> chances = violation_chances(graph);
  OrderGraph::Node node = graph.root();
  order.chances_known = true;
  order.chance = chances[node];
  for (ScriptOrder::Taken& taken : order.steps) {
    const auto labels = graph.labels(node);
    const auto edge = std::find_if(
        labels.begin(), labels.end(),
        [&taken](const ScriptGraph::Label& label) { return label.step == taken.move.step; });
    RACELAB_EXPECT(edge != labels.end());
    node = graph.next(node)[static_cast<std::size_t>(edge - labels.begin())];
    taken.chance = chances[node];
  }
}

bool begins_letter(char c) { return (c >= 'A' && c <= 'Z') || c == '~'; }

}  // namespace

ScriptMove move_of(const ScriptModel& model, const ScriptStep& step) {
  ScriptMove move;
  move.step = step;
  move.who = model.who(step);
  move.issues = !ends_call(step.request_fault);
  if (step.kind == ScriptStep::Kind::time_passes) {
    return move;
  }
  const bool dead = step.kind == ScriptStep::Kind::session_end;
  for (const ScriptModel::Handler& other : model.state().handlers) {
    const bool before = other.client == step.client && other.dead == dead && other.who() < move.who;
    move.ordinal += before ? 1 : 0;
    if (other.who() == move.who) {
      move.statement = other.run.sent();
    }
  }
  for (const ScriptModel::Request& other : model.state().requests) {
    move.ordinal += !dead && other.client == step.client && other.who() < move.who ? 1 : 0;
  }
  return move;
}

std::string word_of(const ScriptMove& move) {
  const ScriptStep& step = move.step;
  if (step.kind == ScriptStep::Kind::time_passes) {
    return "~";
  }
  std::string word = letter_with_faults({.client = step.client,
                                         .ordinal = move.ordinal,
                                         .request_fault = step.request_fault,
                                         .statement_fault = step.statement_fault,
                                         .replies_lost = step.replies_lost,
                                         .replies_reset = step.replies_reset});
  word += step.kind == ScriptStep::Kind::lock_timeout  ? "t"
          : step.kind == ScriptStep::Kind::deadlock    ? "x"
          : step.kind == ScriptStep::Kind::session_end ? "e"
                                                       : "";
  return word + word_of_ways(step.ways);
}

std::string word_of(const std::vector<ScriptMove>& moves) {
  std::string word;
  for (const ScriptMove& move : moves) {
    word += word_of(move);
  }
  return word;
}

std::vector<std::string> letters_of_word(const std::string& word) {
  std::vector<std::string> all;
  for (const char c : word) {
    if (all.empty() || begins_letter(c)) {
      all.emplace_back();
    }
    all.back() += c;
  }
  return all;
}

std::string ScriptOrder::word() const { return word_of(moves()); }

std::vector<ScriptMove> ScriptOrder::moves() const {
  std::vector<ScriptMove> all;
  for (const Taken& taken : steps) {
    all.push_back(taken.move);
  }
  return all;
}

std::vector<std::uint32_t> all_issued(const ScriptSetup& setup) {
  std::vector<std::uint32_t> issued;
  for (const auto& plan : setup.plan) {
    issued.push_back(static_cast<std::uint32_t>(plan.size()));
  }
  return issued;
}

ScriptOrder drawn_order(const ScriptSetup& setup, OneAtATime& rule,
                        const std::vector<std::uint32_t>& issued,
                        const std::vector<ScriptMove>& moves, const ScriptGraph* graph) {
  ScriptModel model(setup, rule, issued);
  OrderRun run(model);
  for (const ScriptMove& move : moves) {
    run.take(move);
  }
  ScriptOrder order = run.finish(issued);
  if (graph != nullptr && graph->complete()) {
    add_chances(order, *graph);
  }
  return order;
}

ScriptOrder drawn_order_on(const ScriptSetup& setup, OneAtATime& rule, RealServer& server,
                           const std::vector<ScriptMove>& moves) {
  server.reset();
  ScriptModel model(setup, rule, server);
  OrderRun run(model);
  for (const ScriptMove& move : moves) {
    run.take(move);
  }
  return run.finish(all_issued(setup));
}

ScriptOrder drawn_with_chances(const ScriptSetup& setup, OneAtATime& rule,
                               const std::vector<std::uint32_t>& issued,
                               const std::vector<ScriptMove>& moves, const Limits& limits) {
  ScriptModel model(setup, rule, issued);
  const ScriptGraph graph(model, limits, false, true);
  return drawn_order(setup, rule, issued, moves, &graph);
}

FollowedScript follow(const ScriptSetup& setup, OneAtATime& rule,
                      const std::vector<std::uint32_t>& issued, const std::string& word,
                      Behind behind) {
  ScriptModel model(setup, rule, issued);
  ScriptWalker walker(model);
  const std::vector<std::string> written = letters_of_word(word);
  std::size_t next = 0;
  std::size_t at = 0;  // of the word
  while (!walker.ended() && (next < written.size() || behind == Behind::the_rest)) {
    std::optional<ScriptMove> best;
    std::string possible;
    for (const ScriptMove& move : walker.next()) {
      const std::string one = word_of(move);
      possible += (possible.empty() ? "" : ", ") + one;
      const bool fits = next < written.size() ? one == written[next] : move.step.faults() == 0;
      if (fits && (!best || one < word_of(*best))) {
        best = move;
      }
    }
    if (!best || (next < written.size() && walker.try_out(best->step).overflows)) {
      return {walker.moves(), false,
              "at letter " + std::to_string(at + 1) + " of the order, '" +
                  written[std::min(next, written.size() - 1)] + "' cannot come; what can is " +
                  possible};
    }
    if (next < written.size()) {
      at += written[next++].size();
    }
    walker.take(best->step);
  }
  if (next < written.size()) {
    return {walker.moves(), true,
            "the order is over at letter " + std::to_string(at + 1) + ", before '" +
                word.substr(at, 10) + "'"};
  }
  return {walker.moves(), walker.ended(), ""};
}

}  // namespace racelab
