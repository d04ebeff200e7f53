// Orders are listed by exploration, numbered, and each is run from the start on both sides.
#include "sim/explore/agreement.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sim/kernel/expect.h"
#include "sim/kernel/random.h"

namespace racelab {

namespace {

using Steps = std::vector<ScriptStep>;

// How many orders go on from each node. Beyond 2^53 they are no longer exact, and only drawn from.
std::vector<double> orders_from(const ScriptGraph& graph) {
  std::vector<double> orders(graph.root() + std::size_t{1});
  for (OrderGraph::Node node = 1; node <= graph.root(); ++node) {
    if (graph.is_end(node)) {
      orders[node] = 1;
    }
    for (const OrderGraph::Node next : graph.next(node)) {
      orders[node] += next == OrderGraph::unexplored ? 0 : orders[next];
    }
  }
  return orders;
}

// The orders of a graph by number, in the order of its edges.
class OrdersByNumber {
 public:
  explicit OrdersByNumber(const ScriptGraph& graph) : graph_(graph), orders_(orders_from(graph)) {}

  [[nodiscard]] double count() const { return orders_[graph_.root()]; }

  [[nodiscard]] Steps at(std::uint64_t number) const {
    auto left = static_cast<double>(number);
    Steps steps;
    OrderGraph::Node node = graph_.root();
    while (!graph_.is_end(node)) {
      const auto next = graph_.next(node);
      std::size_t edge = 0;
      while (edge + 1 < next.size() && left >= orders_of(next[edge])) {
        left -= orders_of(next[edge++]);
      }
      steps.push_back(graph_.labels(node)[edge].step);
      node = next[edge];
    }
    return steps;
  }

 private:
  [[nodiscard]] double orders_of(OrderGraph::Node node) const {
    return node == OrderGraph::unexplored ? 0 : orders_[node];
  }

  const ScriptGraph& graph_;
  std::vector<double> orders_;
};

// Which of them are compared: all, or so many that are drawn, each once.
std::vector<std::uint64_t> chosen(double count, const AgreeOptions& options) {
  std::vector<std::uint64_t> numbers;
  if (count <= static_cast<double>(options.orders_max)) {
    for (std::uint64_t number = 0; static_cast<double>(number) < count; ++number) {
      numbers.push_back(number);
    }
    return numbers;
  }
  const Random random(options.seed);
  const auto below = count < 9e15 ? static_cast<std::uint64_t>(count) : 9'000'000'000'000'000U;
  std::set<std::uint64_t> drawn;
  for (std::uint32_t i = 0; drawn.size() < options.orders_max; ++i) {
    drawn.insert(random.bits({.purpose = Purpose::script, .index = i}) % below);
  }
  return {drawn.begin(), drawn.end()};
}

// When the statement of a step is to look for a deadlock: from what the order says of its end.
struct Foreseen {
  enum class Look : std::uint8_t { never, at_once, later };
  std::vector<ScriptMove> moves;
  std::vector<Look> looks;  // by move
};

Foreseen foresee(const ScriptSetup& setup, OneAtATime& rule, const Steps& steps) {
  ScriptModel model(setup, rule);
  Foreseen made;
  std::map<ScriptWho, std::size_t> last;  // step of a handler that sent something
  for (const ScriptStep& step : steps) {
    const ScriptMove move = move_of(model, step);
    if (step.kind == ScriptStep::Kind::deadlock) {
      const auto sent = last.find(move.who);
      RACELAB_EXPECT(sent != last.end());
      made.looks[sent->second] =
          sent->second + 1 == made.moves.size() ? Foreseen::Look::at_once : Foreseen::Look::later;
    }
    last[move.who] = made.moves.size();
    made.moves.push_back(move);
    made.looks.push_back(Foreseen::Look::never);
    model.take(step);
  }
  return made;
}

std::uint32_t milliseconds(Foreseen::Look look, std::uint32_t tries) {
  constexpr std::uint32_t at_once = 2;
  constexpr std::uint32_t later = 60;
  switch (look) {
    case Foreseen::Look::never:
      return 0;
    case Foreseen::Look::at_once:
      return at_once << (2 * tries);
    case Foreseen::Look::later:
      return later << (2 * tries);
  }
  return 0;
}

// An ending in words in which generated values are named by where they come first; with what other systems got, or without.
std::string canonical(const ScriptEnding& ending, const sql::Schema& schema, bool other_systems) {
  std::map<std::pair<std::uint16_t, std::string>, std::size_t> names;
  std::string text;
  const auto add = [&](const sql::Value& value) {
    const std::string plain = sql::to_text(value);
    if (value.is_null || value.generator == 0) {
      text += plain + ' ';
    } else {
      const auto name = names.emplace(std::pair(value.generator, plain), names.size()).first;
      text += '#' + std::to_string(name->second) + ' ';
    }
  };
  for (const ScriptOperation& it : ending.operations) {
    text += '\n' + std::to_string(static_cast<int>(it.told)) + ' ';
    if (it.answered()) {
      text += std::to_string(it.reply.status) + ' ';
      std::for_each(it.reply.values.begin(), it.reply.values.end(), add);
      for (const auto& rows : it.reply.rows) {
        for (const sql::Values& row : rows) {
          std::for_each(row.begin(), row.end(), add);
        }
      }
    }
  }
  for (std::size_t table = 0; table < ending.contents.size(); ++table) {
    text += '\n';
    if (!other_systems && !schema.tables[table].schema.empty()) {
      continue;
    }
    for (const sql::Values& row : ending.contents[table]) {
      std::for_each(row.begin(), row.end(), add);
      text += '|';
    }
  }
  return text;
}

bool names_deadlock(const Lockstep& both) {
  if (!both.differs()) {
    return false;
  }
  const std::string code(sql::state::deadlock_detected.code());
  const Lockstep::Line& line = both.lines().back();
  return line.store.find(code) != std::string::npos || line.server.find(code) != std::string::npos;
}

class Referee {
 public:
  Referee(const ScriptSetup& setup, RealServer& server, const AgreeOptions& options,
          const std::vector<ScriptOutcome>& outcomes)
      : setup_(setup), server_(server), options_(options), rule_(setup) {
    for (const ScriptOutcome& it : outcomes) {
      endings_.insert(canonical(*it.ending, setup.start->schema(), true));
      own_endings_.insert(canonical(*it.ending, setup.start->schema(), false));
    }
  }

  void compare(const Steps& steps, Agreement& made) {
    ++made.compared;
    const Foreseen order = foresee(setup_, rule_, steps);
    const bool alone = any_serializable(setup_);
    End end = End::not_taken;
    for (std::uint32_t tried = 0; tried < options_.tries_max && end == End::not_taken; ++tried) {
      end = alone ? run_alone(order, made) : run_in_lockstep(order, tried, made);
    }
    made.agreed += end == End::same ? 1 : 0;
    made.not_taken += end == End::not_taken ? 1 : 0;
    made.unpromised += end == End::unpromised ? 1 : 0;
  }

 private:
  enum class End : std::uint8_t { same, differs, not_taken, unpromised };

  End run_in_lockstep(const Foreseen& order, std::uint32_t tried, Agreement& made) {
    server_.reset();
    Lockstep both(*setup_.start, server_);
    ScriptModel model(setup_, rule_, both);
    const bool deadlock =
        std::any_of(order.looks.begin(), order.looks.end(),
                    [](Foreseen::Look look) { return look != Foreseen::Look::never; });
    for (std::size_t i = 0; i < order.moves.size(); ++i) {
      both.foresee_deadlock(milliseconds(order.looks[i], tried));
      model.take(order.moves[i].step);
      for (const ScriptModel::Handler& it : model.state().handlers) {
        both.call(it.session, letter_of_client(it.client));
        both.call(it.session + 1, letter_of_client(it.client));
      }
      if (both.differs() || both.took_another_way() || both.order_differs()) {
        break;
      }
    }
    if (!both.differs() && !both.took_another_way() && !both.order_differs()) {
      both.compare_contents();
    }
    const bool last_try = tried + 1 == options_.tries_max;
    // A deadlock that was found too early or too late is the clock's fault, not the store's.
    const bool by_the_clock = deadlock && (!last_try || names_deadlock(both));
    if (both.differs() && !by_the_clock) {
      if (!made.difference) {
        Agreement::Difference& it = made.difference.emplace();
        it.word = word_of(order.moves);
        it.lines = both.lines();
        for (const Lockstep::Line& line : it.lines) {
          it.who.push_back(both.called(line.session));
        }
      }
      return End::differs;
    }
    if (both.differs() || both.took_another_way() || server_.missed_deadlock()) {
      return End::not_taken;
    }
    return both.order_differs() ? End::unpromised : End::same;
  }

  // As far as the server lets it: it may refuse where the store does not. What it does not let happen is left out.
  End run_alone(const Foreseen& order, Agreement& made) {
    server_.reset();
    ScriptModel model(setup_, rule_, server_);
    NearMisses met;
    for (const ScriptMove& move : order.moves) {
      met.add(take_if_possible(model, move.step));
    }
    met.add(take_the_rest(model));
    if (server_.missed_deadlock()) {
      return End::not_taken;
    }
    const ScriptOutcome outcome = model.outcome();
    const sql::Schema& schema = setup_.start->schema();
    const bool allowed = outcome.ending->right || outcome.ending->stuck > 0 ||
                         endings_.count(canonical(*outcome.ending, schema, true)) > 0;
    if (!allowed && met.contain(NearMiss::stale_write) &&
        explained_but_for_others(*outcome.ending)) {
      return End::not_taken;
    }
    if (!allowed && !made.difference) {
      Agreement::Difference& it = made.difference.emplace();
      it.word = word_of(order.moves);
      Lockstep::Line& line = it.lines.emplace_back();
      line.store = "no order ends so";
      line.server = outcome.told + (outcome.contents.empty() ? "" : "; " + outcome.contents);
      line.differs = true;
      it.who.emplace_back();
    }
    return allowed ? End::same : End::differs;
  }

  // Whoever is refused begins again, or gives up; what another system got from it before stays, or comes once more: no rollback takes
  // it back.
  bool explained_but_for_others(const ScriptEnding& ending) {
    const std::string own = canonical(ending, setup_.start->schema(), false);
    ScriptEnding judged = ending;
    judged.own_only = true;
    rule_.judge(judged, fingerprint_of("own contents\n" + own));
    return judged.right || own_endings_.count(own) > 0;
  }

  static NearMisses take_if_possible(ScriptModel& model, ScriptStep step) {
    step.ways.clear();  // the server's to choose
    ScriptStep asked = step;
    asked.replies_lost = asked.replies_reset = 0;  // and these are variants, told after the step
    if (asked.statement_fault == Fault::slow_call) {
      asked.statement_fault = Fault::none;
    }
    std::vector<ScriptStep> possible;
    model.alternatives(possible);
    if (std::find(possible.begin(), possible.end(), asked) == possible.end()) {
      return {};
    }
    return model.take(step).near_misses;
  }

  static NearMisses take_the_rest(ScriptModel& model) {
    NearMisses met;
    while (true) {
      std::vector<ScriptStep> possible;
      model.alternatives(possible);
      const auto next = std::find_if(possible.begin(), possible.end(), [](const ScriptStep& it) {
        return it.faults() == 0 && it.kind != ScriptStep::Kind::lock_timeout;
      });
      if (next == possible.end()) {
        return met;
      }
      met.add(model.take(*next).near_misses);
    }
  }

  const ScriptSetup& setup_;
  RealServer& server_;
  const AgreeOptions& options_;
  OneAtATime rule_;
  std::set<std::string> endings_;      // that exploration found
  std::set<std::string> own_endings_;  // the same, but for what other systems got
};

}  // namespace

bool any_serializable(const ScriptSetup& setup) {
  const auto is_one = [](const std::optional<sql::Isolation>& level) {
    return level == sql::Isolation::serializable;
  };
  const auto begins_one = [&](std::size_t script) {
    const std::vector<Instruction>& all = setup.scripts[script]->instructions;
    return std::any_of(all.begin(), all.end(),
                       [&](const Instruction& it) { return is_one(it.statement.isolation); });
  };
  return is_one(setup.rules.isolation) ||
         std::any_of(setup.plan.begin(), setup.plan.end(), [&](const auto& plan) {
           return std::any_of(plan.begin(), plan.end(), begins_one);
         });
}

OrdersToCompare::OrdersToCompare(const ScriptSetup& setup, AgreeOptions options)
    : setup_(setup), options_(std::move(options)) {
  OneAtATime rule(setup);
  ScriptModel model(setup, rule);
  graph_ = std::make_unique<const ScriptGraph>(model, options_.limits, false, true);
  listed_.orders = odds_of(*graph_).orders;
  if (!graph_->complete()) {
    listed_.all = false;
    listed_.stopped = true;
    return;
  }
  const double count = OrdersByNumber(*graph_).count();
  numbers_ = chosen(count, options_);
  listed_.all = static_cast<double>(numbers_.size()) >= count;
}

OrdersToCompare::~OrdersToCompare() = default;

Agreement OrdersToCompare::compare(RealServer& server, std::size_t part, std::size_t parts) const {
  Agreement made = listed_;
  if (numbers_.empty()) {
    return made;
  }
  const OrdersByNumber orders(*graph_);
  Referee referee(setup_, server, options_, graph_->outcomes());
  for (std::size_t i = part; i < numbers_.size(); i += parts) {
    if (options_.go_on && !options_.go_on(part, made.compared)) {
      made.stopped = true;
      break;
    }
    const bool differed = made.difference.has_value();
    referee.compare(orders.at(numbers_[i]), made);
    if (made.difference && !differed) {
      made.difference_number = numbers_[i];
    }
  }
  return made;
}

Agreement together(const std::vector<Agreement>& parts) {
  Agreement all = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Agreement& part = parts[i];
    all.compared += part.compared;
    all.agreed += part.agreed;
    all.not_taken += part.not_taken;
    all.unpromised += part.unpromised;
    all.stopped = all.stopped || part.stopped;
    if (part.difference && (!all.difference || part.difference_number < all.difference_number)) {
      all.difference = part.difference;
      all.difference_number = part.difference_number;
    }
  }
  return all;
}

Agreement agree(const ScriptSetup& setup, RealServer& server, const AgreeOptions& options) {
  return OrdersToCompare(setup, options).compare(server);
}

}  // namespace racelab
