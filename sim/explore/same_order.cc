// Two passes or more: a fault that found no place in one is given the nearest in the next.
#include "sim/explore/same_order.h"

#include <algorithm>

#include "sim/kernel/fault_rules.h"

namespace racelab {

namespace {

bool strikes_statement(Fault fault) {
  return fault == Fault::slow_call || rule_of(fault).target == FaultTarget::statement;
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
  Walk(Walker& walker, const std::vector<Letter>& letters, std::vector<Strike>& strikes,
       std::uint64_t steps_max)
      : walker_(walker), letters_(letters), strikes_(strikes), steps_max_(steps_max) {}

  void run() {
    std::size_t next = 0;
    std::vector<std::size_t> held;
    while (!walker_.ended()) {
      if (walker_.moves().size() >= steps_max_ || walker_.model().overflowed()) {
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
    order.outcome = walker_.model().outcome();
  }

  SameOrder order;
  std::vector<Point> points;

 private:
  static bool is_plain(const Step& step) {
    return step.request_fault == Fault::none && step.statement_fault == Fault::none;
  }
  static bool issues(const Step& step) {
    return step.kind == Step::Kind::request || step.kind == Step::Kind::statement;
  }

  [[nodiscard]] std::optional<Step> step_of(const Letter& letter) const {
    for (const Step& step : walker_.possible()) {
      if (step.client != letter.client) {
        continue;
      }
      if (letter.only_lost) {
        if (step.request_fault == Fault::lose_request && walker_.model().who(step) == letter.who) {
          return step;
        }
        continue;
      }
      const bool kind =
          letter.kind == Step::Kind::statement ? issues(step) : step.kind == letter.kind;
      if (kind && is_plain(step) && move_of(walker_.model(), step).ordinal == letter.ordinal) {
        return step;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] bool is_done(const Letter& letter) const {
    const LocalState& local = walker_.model().local(letter.client);
    return local.requests.empty() && local.handlers.empty();
  }

  [[nodiscard]] bool lost_early(const HandlerName& who) const {
    return std::any_of(strikes_.begin(), strikes_.end(), [&who](const Strike& strike) {
      return strike.fault == Fault::lose_request && strike.who == who && strike.used;
    });
  }

  // Letter by letter; the store notices a dead session, and a wait ends, only where nothing else can happen.
  [[nodiscard]] Step first_of_the_rest() const {
    const std::vector<Step>& possible = walker_.possible();
    const auto find = [&possible](const auto& test) {
      return std::find_if(possible.begin(), possible.end(),
                          [&](const Step& step) { return is_plain(step) && test(step); });
    };
    auto step = find([](const Step& s) { return issues(s); });
    if (step == possible.end()) {
      step = find([](const Step& s) { return s.kind == Step::Kind::session_end; });
    }
    return step != possible.end() ? *step : possible.front();
  }

  Strike* planned(Fault fault, const HandlerName& who, std::uint32_t statement) {
    const auto found = std::find_if(strikes_.begin(), strikes_.end(), [&](const Strike& strike) {
      return !strike.used && strike.fault == fault && strike.who == who &&
             (!strikes_statement(fault) || strike.statement == statement);
    });
    return found == strikes_.end() ? nullptr : &*found;
  }

  [[nodiscard]] bool is_possible(const Step& step) const {
    const std::vector<Step>& possible = walker_.possible();
    return std::find(possible.begin(), possible.end(), step) != possible.end();
  }

  void add(const Step& step, std::optional<std::size_t> letter) {
    order.letters.push_back(letter);
    walker_.take(step);
  }

  // Takes a plain step, with the faults that are planned for it.
  void take(Step step, std::optional<std::size_t> letter) {
    if (!issues(step)) {
      add_unheard(step, letter);
      return;
    }
    const HandlerName who = walker_.model().who(step);
    const std::uint32_t statement = move_of(walker_.model(), step).statement;
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
    for (const Step& other : walker_.possible()) {
      if (other.client == step.client && other.kind == step.kind && other.place == step.place &&
          other.request_fault == step.request_fault && other.statement_fault != Fault::none) {
        points.push_back({other.statement_fault, who, statement});
      }
    }
    for (const FaultRule& rule : fault_rules) {
      Step faulty = step;
      faulty.statement_fault = rule.fault;
      Strike* strike =
          rule.target == FaultTarget::statement ? planned(rule.fault, who, statement) : nullptr;
      if (strike != nullptr && is_possible(faulty)) {
        strike->used = true;
        step = faulty;
        break;
      }
    }
    add_unheard(step, letter);
  }

  // Takes a step with the losses of replies that are planned for it, or slow.
  void add_unheard(Step step, std::optional<std::size_t> letter) {
    const Walker::Trial plain = walker_.try_out(step);
    for (const Step& variant : plain.variants) {
      if (variant.statement_fault == Fault::slow_call) {
        const Point here{Fault::slow_call, plain.move.who, plain.move.statement};
        points.push_back(here);
        if (Strike* strike = planned(here.fault, here.who, here.statement)) {
          strike->used = true;
          add(variant, letter);
          return;
        }
      }
    }
    // Who says what is known only once a reply is lost.
    unsigned lost = 0;
    for (unsigned reply = 0; reply < plain.replies; ++reply) {
      step.replies_lost = static_cast<std::uint8_t>(1U << reply);
      if (std::find(plain.variants.begin(), plain.variants.end(), step) == plain.variants.end()) {
        continue;
      }
      const std::vector<HandlerName> unheard = walker_.try_out(step).move.unheard;
      Strike* strike = unheard.empty() ? nullptr : planned(Fault::lose_reply, unheard.front(), 0);
      if (strike != nullptr) {
        strike->used = true;
        lost |= 1U << reply;
      }
    }
    step.replies_lost = static_cast<std::uint8_t>(lost);
    add(step, letter);
  }

  Walker& walker_;
  const std::vector<Letter>& letters_;
  std::vector<Strike>& strikes_;
  std::uint64_t steps_max_;
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
  Walker walker(model);
  const std::vector<Letter> plain = letters_of(order);
  std::vector<SameOrder::Struck> faults = faults_of(order);
  std::vector<Strike> strikes;
  strikes.reserve(faults.size());
  for (const SameOrder::Struck& fault : faults) {
    strikes.push_back({fault.fault, fault.who, fault.statement});
  }
  std::vector<bool> given_up(strikes.size());
  while (true) {
    walker.back_to(0);
    for (Strike& strike : strikes) {
      strike.used = false;
    }
    Walk walk(walker, plain, strikes, steps_max);
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
      walk.order.moves = walker.moves();
      walk.order.faults = std::move(faults);
      return std::move(walk.order);
    }
  }
}

}  // namespace racelab
