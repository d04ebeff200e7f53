// Every order, one execution after another in a real world, each with the next choice among the alternatives that there
// are, until all have been taken.
//
// The plainest explorer there can be, kept as the oracle for the graph of states: no states, no snapshots, no learned
// processes, only Choice. The alternatives are the Model's, in the same order and number.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/explore/model.h"
#include "sim/kernel/choice.h"
#include "sim/scenario/run.h"

namespace racelab {

class Odometer final : public Choice {
 public:
  /// An order of more steps is cut off.
  Odometer(const FaultPlan& faults, std::uint64_t steps_max);

  /// Makes ready for the next order; false when every one has been taken. `violated`: whether the last one was.
  bool next_order(bool violated);

  /// One step of the order just taken.
  struct Taken {
    HandlerName who;
    Step::Kind kind = Step::Kind::statement;
    Fault request_fault = Fault::none;
    Fault statement_fault = Fault::none;
    std::uint32_t replies_lost = 0;   // like Step::replies_lost
    std::uint32_t replies_reset = 0;  // like Step::replies_reset
    std::vector<std::uint8_t> ways;   // like Step::ways
  };
  [[nodiscard]] const std::vector<Taken>& taken() const { return taken_; }
  /// Whether it had more steps than it may.
  [[nodiscard]] bool cut() const { return cut_; }
  /// Once every order has been taken: the chance of a violation when at each point every alternative is as likely as the others.
  [[nodiscard]] double uniform_scheduler() const { return chance_; }

  [[nodiscard]] bool decides_who_goes_on() const override { return true; }
  std::size_t who_goes_on(std::span<const DrawName> waiters) override;

 protected:
  void add(Pending& pending) override { offered_.push_back(&pending); }
  void take_back(Pending& pending) override;
  Occurrence decide() override;

 private:
  struct Alternative {
    std::size_t option = 0;  // whose turn: a place among what can happen
    Fault request_fault = Fault::none;
    Fault statement_fault = Fault::none;
    std::uint32_t replies_lost = 0;
    std::uint32_t replies_reset = 0;
    std::vector<std::uint8_t> ways{};  // that are given; then the first
    bool grown = false;                // what depends on the replies that it sends is known
    bool went = false;                 // … and what there was to choose within it
  };
  struct Wheel {
    std::vector<Alternative> alternatives;
    std::size_t place = 0;
    double sum = 0;  // of the chances of a violation after those that are done
  };
  // The step that is under way.
  struct CurrentStep {
    HandlerName who;
    bool issues = false;  // a statement
    bool starts = false;  // its request has just arrived
    std::uint32_t replies = 0;
    bool own_reply = false;
    std::vector<std::uint8_t> ways{};    // that were taken …
    std::vector<std::uint8_t> others{};  // … and how many others there were
  };

  [[nodiscard]] std::uint32_t left(FaultKind kind) const;
  void strike(Fault fault);
  Occurrence take(Pending& pending, Fault fault);
  [[nodiscard]] Pending* private_happening() const;
  [[nodiscard]] Pending* pending_of(const HandlerName& who, Happening happening) const;
  Fault fault_of_reply(const Pending& reply);
  void find_options();
  [[nodiscard]] Wheel new_wheel() const;
  [[nodiscard]] std::vector<Alternative> with_statement_faults(Alternative alternative) const;
  void add_other_ways();
  void end_step();

  std::uint64_t steps_max_;
  SessionLoss session_loss_;
  std::array<std::uint32_t, fault_kinds> budget_{};
  std::uint32_t budget_in_all_;

  std::vector<Wheel> wheels_;  // one per step, the slowest first
  bool started_ = false;
  double chance_ = 0;

  // Of this order.
  std::vector<Pending*> offered_;  // in the order they were offered
  std::vector<Pending*>
      options_;  // that can happen now: clients in their order, of each its handlers by age
  std::array<std::uint32_t, fault_kinds> struck_{};
  std::uint32_t struck_in_all_ = 0;
  std::vector<HandlerName> slow_;
  CurrentStep current_;
  std::vector<Taken> taken_;
  bool cut_ = false;
};

/// How an execution ended, as far as two of them can be told apart.
Outcome outcome_of(const RunResult& run);

/// Where running every order stops at the latest.
struct OrderLimits {
  std::uint64_t orders = 100'000'000;
  std::uint64_t steps = 10'000;  // of one order
  /// Asked every few hundred orders, with how many there were; false: stop.
  std::function<bool(std::uint64_t orders)> go_on;
};

struct OrdersResult {
  enum class Stopped : std::uint8_t { no, orders, steps, asked };
  Stopped stopped = Stopped::no;  // no: every order was followed to its end
  std::uint64_t orders = 0;       // those that were
  std::uint64_t steps = 0;        // of all of them together
  std::uint64_t orders_violating = 0;
  std::vector<Outcome> outcomes;  // sorted
  std::vector<std::uint64_t> orders_by_outcome;
  double uniform_scheduler = 0;  // only when every order was followed

  [[nodiscard]] bool complete() const { return stopped == Stopped::no; }
  [[nodiscard]] Verdict verdict() const {
    return orders_violating > 0 ? Verdict::violated
           : complete()         ? Verdict::holds
                                : Verdict::gave_up;
  }
};

OrdersResult run_every_order(const Settings& settings, const Fleet& fleet,
                             const OrderLimits& limits);

}  // namespace racelab
