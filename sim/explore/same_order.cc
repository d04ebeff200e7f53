// Two passes or more: a fault that found no place in one is given the nearest in the next.
#include "sim/explore/same_order.h"

#include <algorithm>
#include <bit>
#include <set>

namespace racelab {

namespace {

bool strikes_statement(Fault fault) {
  return fault == Fault::crash || fault == Fault::lose_session_before ||
         fault == Fault::lose_session_after || fault == Fault::slow_call;
}

struct Strike {
  Fault fault = Fault::none;
  HandlerName who;
  std::uint32_t statement = 0;  // where it is to strike
  bool used = false;
};

// Somewhere a fault could have struck a statement.
struct Point {
  Fault fault = Fault::none;
  HandlerName who;
  std::uint32_t statement = 0;
};

// A letter without its faults.
struct Letter {
  std::uint32_t client = 0;
  std::uint32_t ordinal = 0;
  Step::Kind kind = Step::Kind::statement;  // or a request: whichever comes next
  bool only_lost = false;                   // nothing but the loss of `who`'s request
  HandlerName who;
};

std::vector<Letter> letters_of(const std::vector<Move>& order) {
  std::vector<Letter> letters;
  for (const Move& move : order) {
    const bool issues =
        move.step.kind == Step::Kind::request || move.step.kind == Step::Kind::statement;
    letters.push_back({.client = move.step.client,
                       .ordinal = move.ordinal,
                       .kind = issues ? Step::Kind::statement : move.step.kind,
                       .only_lost = move.step.request_fault == Fault::lose_request,
                       .who = move.who});
  }
  return letters;
}

std::vector<SameOrder::Struck> faults_of(const std::vector<Move>& order) {
  std::vector<SameOrder::Struck> faults;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Move& move = order[i];
    const auto add = [&](Fault fault, const HandlerName& who, std::uint32_t statement) {
      faults.push_back(
          {.fault = fault, .who = who, .letter = i, .statement = statement, .statement_here = {}});
    };
    if (move.step.request_fault != Fault::none) {
      add(move.step.request_fault, move.who, 0);
    }
    if (move.step.statement_fault != Fault::none) {
      add(move.step.statement_fault, move.who, move.statement);
    }
    for (const HandlerName& unheard : move.unheard) {
      add(Fault::lose_reply, unheard, 0);
    }
  }
  return faults;
}

// One pass.
class Walk {
 public:
  Walk(Model& model, const std::vector<Letter>& letters, std::vector<Strike>& strikes,
       std::uint64_t steps_max)
      : model_(model), letters_(letters), strikes_(strikes), steps_max_(steps_max) {}

  void run() {
    std::size_t next = 0;
    std::vector<std::size_t> held;
    while (true) {
      look();
      if (possible_.empty()) {
        break;
      }
      if (order.moves.size() >= steps_max_ || model_.overflowed()) {
        return;
      }
      const auto ready = std::find_if(held.begin(), held.end(), [this](std::size_t letter) {
        return step_of(letters_[letter]).has_value();
      });
      if (ready != held.end()) {
        const std::size_t letter = *ready;
        held.erase(ready);
        order.held.push_back(letter);
        take(*step_of(letters_[letter]), letter);
      } else if (next < letters_.size()) {
        const std::size_t letter = next++;
        if (const std::optional<Step> step = step_of(letters_[letter])) {
          take(*step, letter);
        } else if (is_done(letters_[letter])) {
          order.dropped.push_back(letter);
        } else {
          held.push_back(letter);
        }
      } else {
        take(first_of_the_rest(), std::nullopt);
      }
    }
    for (; next < letters_.size(); ++next) {
      held.push_back(next);
    }
    // A request that had to be lost before its letter came has been its letter's step.
    std::erase_if(held, [this](std::size_t letter) {
      return letters_[letter].only_lost && lost_early(letters_[letter].who);
    });
    order.dropped.insert(order.dropped.end(), held.begin(), held.end());
    std::sort(order.dropped.begin(), order.dropped.end());
    order.ended = true;
    order.outcome = model_.outcome();
  }

  SameOrder order;
  std::vector<Point> points;

 private:
  void look() {
    possible_.clear();
    model_.alternatives(possible_);
  }

  static bool is_plain(const Step& step) {
    return step.request_fault == Fault::none && step.statement_fault == Fault::none;
  }
  static bool issues(const Step& step) {
    return step.kind == Step::Kind::request || step.kind == Step::Kind::statement;
  }

  [[nodiscard]] std::optional<Step> step_of(const Letter& letter) const {
    for (const Step& step : possible_) {
      if (step.client != letter.client) {
        continue;
      }
      if (letter.only_lost) {
        if (step.request_fault == Fault::lose_request && model_.who(step) == letter.who) {
          return step;
        }
        continue;
      }
      const bool kind =
          letter.kind == Step::Kind::statement ? issues(step) : step.kind == letter.kind;
      if (kind && is_plain(step) && move_of(model_, step).ordinal == letter.ordinal) {
        return step;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] bool is_done(const Letter& letter) const {
    const LocalState& local = model_.local(letter.client);
    return local.requests.empty() && local.handlers.empty();
  }

  [[nodiscard]] bool lost_early(const HandlerName& who) const {
    return std::any_of(strikes_.begin(), strikes_.end(), [&who](const Strike& strike) {
      return strike.fault == Fault::lose_request && strike.who == who && strike.used;
    });
  }

  // Letter by letter; the store notices a dead session, and a wait ends, only where nothing else can happen.
  [[nodiscard]] Step first_of_the_rest() const {
    const auto find = [this](const auto& test) {
      return std::find_if(possible_.begin(), possible_.end(),
                          [&](const Step& step) { return is_plain(step) && test(step); });
    };
    auto step = find([](const Step& s) { return issues(s); });
    if (step == possible_.end()) {
      step = find([](const Step& s) { return s.kind == Step::Kind::session_end; });
    }
    return step != possible_.end() ? *step : possible_.front();
  }

  Strike* planned(Fault fault, const HandlerName& who, std::uint32_t statement) {
    const auto found = std::find_if(strikes_.begin(), strikes_.end(), [&](const Strike& strike) {
      return !strike.used && strike.fault == fault && strike.who == who &&
             (!strikes_statement(fault) || strike.statement == statement);
    });
    return found == strikes_.end() ? nullptr : &*found;
  }

  [[nodiscard]] bool is_possible(const Step& step) const {
    return std::find(possible_.begin(), possible_.end(), step) != possible_.end();
  }

  void add(const Step& step, std::optional<std::size_t> letter) {
    order.moves.push_back(move_of(model_, step));
    order.letters.push_back(letter);
    model_.take(step);
    order.moves.back().unheard = model_.unheard();
  }

  // Takes a plain step, with the faults that are planned for it.
  void take(Step step, std::optional<std::size_t> letter) {
    if (!issues(step)) {
      add_unheard(step, letter);
      return;
    }
    const HandlerName who = model_.who(step);
    const std::uint32_t statement = move_of(model_, step).statement;
    if (step.request_fault == Fault::lose_request) {
      if (Strike* lost = planned(Fault::lose_request, who, 0)) {
        lost->used = true;
      }
      add(step, letter);
      return;
    }
    if (step.kind == Step::Kind::request) {
      Step faulty = step;
      faulty.request_fault = Fault::lose_request;
      Strike* lost = planned(Fault::lose_request, who, 0);
      if (lost != nullptr && is_possible(faulty)) {
        // Its client's letter comes before the loss did: the loss goes first, and the letter to what follows.
        lost->used = true;
        add(faulty, std::nullopt);
        look();
        const std::optional<Step> after = letter ? step_of(letters_[*letter]) : std::nullopt;
        if (after) {
          take(*after, letter);
        } else if (letter) {
          order.dropped.push_back(*letter);
        }
        return;
      }
      faulty.request_fault = Fault::duplicate_delivery;
      Strike* twice = planned(Fault::duplicate_delivery, who, 0);
      if (twice != nullptr && is_possible(faulty)) {
        twice->used = true;
        step = faulty;
      }
    }
    for (const Step& other : possible_) {
      if (other.client == step.client && other.kind == step.kind && other.place == step.place &&
          other.request_fault == step.request_fault && other.statement_fault != Fault::none) {
        points.push_back({other.statement_fault, who, statement});
      }
    }
    for (const Fault fault :
         {Fault::crash, Fault::lose_session_before, Fault::lose_session_after}) {
      Step faulty = step;
      faulty.statement_fault = fault;
      Strike* strike = planned(fault, who, statement);
      if (strike != nullptr && is_possible(faulty)) {
        strike->used = true;
        step = faulty;
        break;
      }
    }
    add_unheard(step, letter);
  }

  // Takes a step with the losses of replies that are planned for it, or slow.
  void add_unheard(const Step& step, std::optional<std::size_t> letter) {
    const HandlerName who = model_.who(step);
    const std::uint32_t statement = move_of(model_, step).statement;
    Arena::Snapshot before;
    model_.save(before);
    const Model::Effects effects = model_.take(step);
    std::vector<Step> variants;
    model_.variants(step, effects, variants);
    Step chosen = step;
    for (const Step& variant : variants) {
      if (variant.statement_fault == Fault::slow_call) {
        points.push_back({Fault::slow_call, who, statement});
        Strike* strike = planned(Fault::slow_call, who, statement);
        if (strike != nullptr) {
          strike->used = true;
          model_.restore(before);
          add(variant, letter);
          return;
        }
      }
    }
    // Who says what is known only once a reply is lost.
    const auto loses = [&](unsigned reply) {
      Step variant = step;
      variant.replies_lost = static_cast<std::uint8_t>(1U << reply);
      if (std::find(variants.begin(), variants.end(), variant) == variants.end()) {
        return false;
      }
      model_.restore(before);
      model_.take(variant);
      Strike* strike = model_.unheard().empty()
                           ? nullptr
                           : planned(Fault::lose_reply, model_.unheard().front(), 0);
      if (strike != nullptr) {
        strike->used = true;
      }
      return strike != nullptr;
    };
    for (unsigned reply = 0; reply < effects.replies; ++reply) {
      chosen.replies_lost |= static_cast<std::uint8_t>(loses(reply) ? 1U << reply : 0U);
    }
    model_.restore(before);
    add(chosen, letter);
  }

  Model& model_;
  const std::vector<Letter>& letters_;
  std::vector<Strike>& strikes_;
  std::uint64_t steps_max_;
  std::vector<Step> possible_;
};

// The nearest of a walk's points that a strike can move to; the earlier of two.
std::optional<std::uint32_t> nearest_point(const std::vector<Point>& points, const Strike& strike) {
  std::optional<std::uint32_t> best;
  const auto distance = [&strike](std::uint32_t statement) {
    return std::max(statement, strike.statement) - std::min(statement, strike.statement);
  };
  for (const Point& point : points) {
    if (point.fault == strike.fault && point.who == strike.who &&
        (!best || distance(point.statement) < distance(*best))) {
      best = point.statement;
    }
  }
  return best;
}

}  // namespace

bool SameOrder::exactly() const {
  return ended && held.empty() && dropped.empty() &&
         std::all_of(letters.begin(), letters.end(), [](const auto& letter) { return letter; }) &&
         std::none_of(faults.begin(), faults.end(),
                      [](const Struck& fault) { return fault.dropped() || fault.moved(); });
}

SameOrder same_order(const Settings& settings, const Fleet& fleet,
                     const std::vector<std::uint32_t>& issued, const std::vector<Move>& order,
                     std::uint64_t steps_max) {
  Setup setup(settings, fleet);
  setup.world.clients.issued = issued;
  Model model(setup);
  Arena::Snapshot start;
  model.save(start);
  const std::vector<Letter> plain = letters_of(order);
  std::vector<SameOrder::Struck> faults = faults_of(order);
  std::vector<Strike> strikes;
  strikes.reserve(faults.size());
  for (const SameOrder::Struck& fault : faults) {
    strikes.push_back({fault.fault, fault.who, fault.statement});
  }
  std::vector<bool> given_up(strikes.size());
  while (true) {
    model.restore(start);
    for (Strike& strike : strikes) {
      strike.used = false;
    }
    Walk walk(model, plain, strikes, steps_max);
    walk.run();
    bool again = false;
    for (std::size_t i = 0; i < strikes.size() && !again; ++i) {
      if (strikes[i].used || given_up[i] || !strikes_statement(strikes[i].fault)) {
        continue;
      }
      // Moved once, it moves no more: this ends.
      const std::optional<std::uint32_t> point = nearest_point(walk.points, strikes[i]);
      given_up[i] = true;
      if (point) {
        strikes[i].statement = *point;
        again = true;
      }
    }
    if (!again) {
      for (std::size_t i = 0; i < strikes.size(); ++i) {
        if (strikes[i].used) {
          faults[i].statement_here = strikes[i].statement;
        }
      }
      walk.order.faults = std::move(faults);
      return std::move(walk.order);
    }
  }
}

WalkedOrder told_order(const Settings& settings, const Fleet& fleet,
                       const std::vector<std::uint32_t>& issued, const std::vector<Move>& moves,
                       const Limits& limits) {
  Setup setup(settings, fleet);
  setup.world.clients.issued = issued;
  Model model(setup);
  Arena::Snapshot start;
  model.save(start);
  WalkedOrder order;
  order.issued = issued;
  order.moves = moves;
  for (const std::uint32_t operations : issued) {
    order.clients += operations > 0 ? 1 : 0;
    order.operations += operations;
  }
  for (std::size_t i = 0; i < moves.size(); ++i) {
    order.faults += moves[i].step.faults();
    order.switches += i > 0 && moves[i].who != moves[i - 1].who ? 1 : 0;
    model.take(moves[i].step);
  }
  std::vector<Step> left;
  model.alternatives(left);
  if (left.empty()) {
    order.outcome = model.outcome();
  }
  model.restore(start);
  const StateGraph graph(model, limits, false, true);
  if (!graph.complete()) {
    return order;
  }
  const std::vector<double> chances = violation_chances(graph);
  StateGraph::Node node = graph.root();
  order.chances.push_back(chances[node]);
  for (const Move& move : moves) {
    const auto labels = graph.labels(node);
    const auto label =
        std::find_if(labels.begin(), labels.end(),
                     [&move](const StateGraph::Label& l) { return l.step == move.step; });
    if (label == labels.end()) {
      order.chances.clear();
      return order;
    }
    node = graph.next(node)[static_cast<std::size_t>(label - labels.begin())];
    order.chances.push_back(chances[node]);
  }
  return order;
}

std::optional<Swap> find_swap(const Settings& settings, const Fleet& fleet,
                              const WalkedOrder& order) {
  constexpr std::size_t moves_max = 100;  // what is longer teaches nothing by a swap
  const std::size_t size = order.moves.size();
  if (size > moves_max) {
    return std::nullopt;
  }
  const auto one_handler = [&](std::size_t begin, std::size_t end) {
    return std::all_of(
        order.moves.begin() + static_cast<std::ptrdiff_t>(begin),
        order.moves.begin() + static_cast<std::ptrdiff_t>(end),
        [&](const Move& move) { return move.who == order.moves[begin].who && move.issues; });
  };
  for (std::size_t length = 2; length <= size; ++length) {
    for (std::size_t first = 0; first + length <= size; ++first) {
      for (std::size_t second = first + 1; second < first + length; ++second) {
        const std::size_t end = first + length;
        if (order.moves[first].who == order.moves[second].who || !one_handler(first, second) ||
            !one_handler(second, end)) {
          continue;
        }
        std::vector<Move> swapped = order.moves;
        std::rotate(swapped.begin() + static_cast<std::ptrdiff_t>(first),
                    swapped.begin() + static_cast<std::ptrdiff_t>(second),
                    swapped.begin() + static_cast<std::ptrdiff_t>(end));
        SameOrder tried = same_order(settings, fleet, order.issued, swapped, size + 1);
        if (tried.exactly() && !tried.outcome.violated()) {
          return Swap{first, second, end, std::move(tried)};
        }
      }
    }
  }
  return std::nullopt;
}

namespace {

struct Candidate {
  Settings settings;
  Fleet fleet;
  unsigned changes = 0;
};

// Every strategy with every protection (that of the fleet, none, or another one) at this isolation level and above.
std::vector<Candidate> candidates(const Settings& settings, const Fleet& fleet) {
  const Combination& own = fleet.front();
  const bool mixed = std::any_of(fleet.begin(), fleet.end(), [&own](const Combination& member) {
    return member.name() != own.name();
  });
  std::vector<const Strategy*> bases{own.strategy};
  for (const Strategy& strategy : strategies()) {
    bases.push_back(&strategy);
  }
  std::vector<std::vector<const Protection*>> wraps{own.protections, {}};
  for (const Protection& protection : protections()) {
    wraps.push_back({&protection});
  }
  std::vector<Candidate> all;
  std::set<std::pair<std::string, Isolation>> known;
  if (!mixed) {
    known.insert({own.name(), settings.isolation});  // it has just been seen to fail
  }
  for (const Strategy* base : bases) {
    for (const auto& wrap : wraps) {
      for (const Isolation isolation :
           {Isolation::autocommit, Isolation::read_committed, Isolation::repeatable_read}) {
        Candidate candidate{settings, {Combination{base, wrap}}, 0};
        candidate.settings.isolation = isolation;
        const Combination& combination = candidate.fleet.front();
        if (isolation < settings.isolation ||
            !known.insert({combination.name(), isolation}).second ||
            !problem_with(combination, candidate.settings).empty()) {
          continue;
        }
        candidate.changes = (mixed || base != own.strategy ? 1U : 0U) +
                            (wrap != own.protections ? 1U : 0U) +
                            (isolation != settings.isolation ? 1U : 0U);
        all.push_back(std::move(candidate));
      }
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Candidate& a, const Candidate& b) { return a.changes < b.changes; });
  return all;
}

}  // namespace

OrderFixes find_order_fixes(const Settings& settings, const Fleet& fleet, const WalkedOrder& order,
                            const Limits& limits) {
  constexpr std::uint64_t states_max = 300'000;  // of one candidate
  ExploreOptions options;
  options.limits = limits;
  options.limits.states = std::min(limits.states, states_max);
  options.examples = false;
  OrderFixes found;
  unsigned changes = 0;
  for (const Candidate& candidate : candidates(settings, fleet)) {
    if (!found.fixes.empty() && candidate.changes > changes) {
      break;
    }
    const Exploration exploration = explore(candidate.settings, candidate.fleet, options);
    if (exploration.verdict == Verdict::gave_up) {
      ++found.unexplored;
    }
    if (exploration.verdict != Verdict::holds) {
      continue;
    }
    SameOrder same =
        same_order(candidate.settings, candidate.fleet, order.issued, order.moves, limits.steps);
    if (same.ended) {
      changes = candidate.changes;
      found.fixes.push_back({candidate.settings, candidate.fleet, std::move(same)});
    }
  }
  // First what withstands most.
  const auto withstood = [](const OrderFix& fix) {
    return std::popcount(fix.fleet.front().withstands(fix.settings).bits());
  };
  std::stable_sort(
      found.fixes.begin(), found.fixes.end(),
      [&](const OrderFix& a, const OrderFix& b) { return withstood(a) > withstood(b); });
  return found;
}

}  // namespace racelab
