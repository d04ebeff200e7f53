// How the same order is walked in a world: in two passes or more, because a fault that found no place in one is given the nearest
// in the next. Included where a world's same_order() is defined; nothing_left() says of a world that a client has finished.
#pragma once

#include <algorithm>
#include <utility>

#include "sim/explore/same_order.h"
#include "sim/kernel/fault_rules.h"

namespace racelab {

/// Whether no request of a client is under way and no handler of it is there.
bool nothing_left(const Model& model, std::uint32_t client);

template <class World>
class SameOrderSearch {
 public:
  using Step = typename World::Step;
  using Who = typename World::Who;
  using Move = MoveOf<World>;
  using Same = SameOrderOf<World>;

  /// The model stands at the start, and must outlive this.
  SameOrderSearch(World& model, const std::vector<Move>& order, std::uint64_t steps_max)
      : walker_(model), steps_max_(steps_max), letters_(letters_of(order)) {
    find_faults(order);
  }

  Same run() {
    std::vector<bool> given_up(strikes_.size());
    while (true) {
      walker_.back_to(0);
      for (Strike& strike : strikes_) {
        strike.used = false;
      }
      order_ = {};
      points_.clear();
      walk();
      if (!moved_one(given_up)) {
        break;
      }
    }
    for (std::size_t i = 0; i < strikes_.size(); ++i) {
      if (strikes_[i].used) {
        faults_[i].statement_here = strikes_[i].statement;
      }
    }
    order_.moves = walker_.moves();
    order_.faults = std::move(faults_);
    return std::move(order_);
  }

 private:
  struct Strike {
    Fault fault = Fault::none;
    Who who{};
    std::uint32_t statement = 0;  // where it is to strike
    bool used = false;
  };

  // Somewhere a fault could have struck a statement.
  struct Point {
    Fault fault = Fault::none;
    Who who{};
    std::uint32_t statement = 0;
  };

  // A letter without its faults.
  struct Letter {
    std::uint32_t client = 0;
    std::uint32_t ordinal = 0;
    typename Step::Kind kind = Step::Kind::statement;  // or a request: whichever comes next
    Fault ended_by = Fault::none;  // nothing but the fault that ended `who`'s request
    Who who{};
    Step step{};  // as it was taken
  };

  static bool strikes_statement(Fault fault) {
    return fault == Fault::slow_call || rule_of(fault).target == FaultTarget::statement;
  }
  static bool is_plain(const Step& step) {
    return step.request_fault == Fault::none && step.statement_fault == Fault::none;
  }
  static bool issues(const Step& step) {
    return step.kind == Step::Kind::request || step.kind == Step::Kind::statement;
  }

  static std::vector<Letter> letters_of(const std::vector<Move>& order) {
    std::vector<Letter> all;
    all.reserve(order.size());
    for (const Move& move : order) {
      all.push_back(
          {.client = move.step.client,
           .ordinal = move.ordinal,
           .kind = issues(move.step) ? Step::Kind::statement : move.step.kind,
           .ended_by = ends_call(move.step.request_fault) ? move.step.request_fault : Fault::none,
           .who = move.who,
           .step = move.step});
    }
    return all;
  }

  void find_faults(const std::vector<Move>& order) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      const Move& move = order[i];
      const auto add = [&](Fault fault, const Who& who, std::uint32_t statement) {
        faults_.push_back({.fault = fault,
                           .who = who,
                           .letter = i,
                           .statement = statement,
                           .statement_here = {}});
        strikes_.push_back({fault, who, statement});
      };
      if (move.step.request_fault != Fault::none) {
        add(move.step.request_fault, move.who, 0);
      }
      if (move.step.statement_fault != Fault::none) {
        add(move.step.statement_fault, move.who, move.statement);
      }
      for (std::size_t reply = 0; reply < move.unheard.size(); ++reply) {
        add(fault_of_unheard(move.step, reply), move.unheard[reply], 0);
      }
    }
  }

  // Whether a fault that found no place was given another: then all is walked again. Moved once, it moves no more: this ends.
  bool moved_one(std::vector<bool>& given_up) {
    for (std::size_t i = 0; i < strikes_.size(); ++i) {
      if (strikes_[i].used || given_up[i] || !strikes_statement(strikes_[i].fault)) {
        continue;
      }
      given_up[i] = true;
      if (const std::optional<std::uint32_t> point = nearest_point(strikes_[i])) {
        strikes_[i].statement = *point;
        return true;
      }
    }
    return false;
  }

  // The nearest of a walk's points that a strike can move to; the earlier of two.
  [[nodiscard]] std::optional<std::uint32_t> nearest_point(const Strike& strike) const {
    std::optional<std::uint32_t> best;
    const auto distance = [&strike](std::uint32_t statement) {
      return std::max(statement, strike.statement) - std::min(statement, strike.statement);
    };
    for (const Point& point : points_) {
      if (point.fault == strike.fault && point.who == strike.who &&
          (!best || distance(point.statement) < distance(*best))) {
        best = point.statement;
      }
    }
    return best;
  }

  // ---- one pass

  void walk() {
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
        order_.held.push_back(letter);
        take(*step_of(letters_[letter]), letter);
      } else if (next < letters_.size()) {
        const std::size_t letter = next++;
        if (const std::optional<Step> step = step_of(letters_[letter])) {
          take(*step, letter);
        } else if (nothing_left(walker_.model(), letters_[letter].client)) {
          order_.dropped.push_back(letter);
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
      return letters_[letter].ended_by != Fault::none && ended_early(letters_[letter]);
    });
    order_.dropped.insert(order_.dropped.end(), held.begin(), held.end());
    std::sort(order_.dropped.begin(), order_.dropped.end());
    order_.ended = true;
    order_.outcome = walker_.model().outcome();
  }

  [[nodiscard]] std::optional<Step> step_of(const Letter& letter) const {
    for (const Step& step : walker_.possible()) {
      if (step.client != letter.client) {
        continue;
      }
      if (letter.ended_by != Fault::none) {
        if (step.request_fault == letter.ended_by && walker_.model().who(step) == letter.who) {
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

  [[nodiscard]] bool ended_early(const Letter& letter) const {
    return std::any_of(strikes_.begin(), strikes_.end(), [&letter](const Strike& strike) {
      return strike.fault == letter.ended_by && strike.who == letter.who && strike.used;
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

  Strike* planned(Fault fault, const Who& who, std::uint32_t statement) {
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
    order_.letters.push_back(letter);
    walker_.take(step);
  }

  // Takes a plain step, with the faults that are planned for it.
  void take(Step step, std::optional<std::size_t> letter) {
    if (!issues(step)) {
      add_unheard(step, letter);
      return;
    }
    const Who who = walker_.model().who(step);
    const std::uint32_t statement = move_of(walker_.model(), step).statement;
    if (ends_call(step.request_fault)) {
      if (Strike* ending = planned(step.request_fault, who, 0)) {
        ending->used = true;
      }
      add_unheard(step, letter);
      return;
    }
    if (step.kind == Step::Kind::request) {
      if (take_ending_fault(step, who, letter)) {
        return;
      }
      Step faulty = step;
      faulty.request_fault = Fault::duplicate_delivery;
      Strike* twice = planned(Fault::duplicate_delivery, who, 0);
      if (twice != nullptr && is_possible(faulty)) {
        twice->used = true;
        step = faulty;
      }
    }
    take_struck(step, who, statement, letter);
  }

  // Where a request is to be ended by a fault, and its client's letter comes before that did: the fault goes first, and the letter
  // to what follows.
  bool take_ending_fault(const Step& step, const Who& who, std::optional<std::size_t> letter) {
    for (const Fault fault : ending_faults) {
      Step faulty = step;
      faulty.request_fault = fault;
      Strike* ending = planned(fault, who, 0);
      if (ending == nullptr || !is_possible(faulty)) {
        continue;
      }
      ending->used = true;
      add_unheard(faulty, std::nullopt);
      const std::optional<Step> after = letter ? step_of(letters_[*letter]) : std::nullopt;
      if (after) {
        take(*after, letter);
      } else if (letter) {
        order_.dropped.push_back(*letter);
      }
      return true;
    }
    return false;
  }

  // … with the fault that is planned for its statement.
  void take_struck(Step step, const Who& who, std::uint32_t statement,
                   std::optional<std::size_t> letter) {
    for (const Step& other : walker_.possible()) {
      if (other.client == step.client && other.kind == step.kind && other.place == step.place &&
          other.request_fault == step.request_fault && other.statement_fault != Fault::none) {
        points_.push_back({other.statement_fault, who, statement});
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

  // Takes a step with the losses of replies that are planned for it, or slow; where the store is free, the way that was taken.
  void add_unheard(Step step, std::optional<std::size_t> letter) {
    if (letter) {
      step = as_it_went(step, letters_[*letter].step);
    }
    const typename WalkerOf<World>::Trial plain = walker_.try_out(step);
    for (const Step& variant : plain.variants) {
      if (variant.statement_fault == Fault::slow_call) {
        const Point here{Fault::slow_call, plain.move.who, plain.move.statement};
        points_.push_back(here);
        if (Strike* strike = planned(here.fault, here.who, here.statement)) {
          strike->used = true;
          add(variant, letter);
          return;
        }
      }
    }
    // Who says what is known only once a reply is lost.
    const auto losing = [&plain](unsigned lost, unsigned reset) {
      return std::find_if(plain.variants.begin(), plain.variants.end(), [=](const Step& it) {
        return it.replies_lost == lost && it.replies_reset == reset;
      });
    };
    unsigned lost = 0;
    unsigned reset = 0;
    for (unsigned reply = 0; reply < plain.replies; ++reply) {
      for (const Fault fault : {Fault::lose_reply, Fault::reset_reply}) {
        const unsigned bit = 1U << reply;
        const unsigned reset_bit = fault == Fault::reset_reply ? bit : 0U;
        const auto one = losing(bit, reset_bit);
        if (one == plain.variants.end() || (lost & bit) != 0) {
          continue;
        }
        const std::vector<Who> unheard = walker_.try_out(*one).move.unheard;
        Strike* strike = unheard.empty() ? nullptr : planned(fault, unheard.front(), 0);
        if (strike != nullptr) {
          strike->used = true;
          lost |= bit;
          reset |= reset_bit;
        }
      }
    }
    const auto all = lost == 0 ? plain.variants.end() : losing(lost, reset);
    add(all == plain.variants.end() ? step : *all, letter);
  }

  // The variant of a step that goes the ways of another, where there is one.
  Step as_it_went(const Step& step, const Step& other) {
    if constexpr (requires { other.ways; }) {
      if (!other.ways.empty() && other.ways != step.ways) {
        for (const Move& move : walker_.next()) {
          Step same = move.step;
          same.ways = step.ways;
          if (same == step && move.step.ways == other.ways) {
            return move.step;
          }
        }
      }
    }
    return step;
  }

  WalkerOf<World> walker_;
  std::uint64_t steps_max_;
  std::vector<Letter> letters_;
  std::vector<typename Same::Struck> faults_;
  std::vector<Strike> strikes_;
  std::vector<Point> points_;
  Same order_;
};

}  // namespace racelab
