// The one door for nondeterminism. Whatever could go two ways in a simulated world is offered here as a Pending, and the
// loop asks what happens next; nothing else in the core knows who answers.
//
//   Timed    virtual-time order; delays and faults are drawn from the seed
//   Replay   a recorded order: time is abstracted, each turn names whose statement runs next
//
// The loop asks what happens next only while every coroutine is suspended; so a fault is an alternative of a pending happening,
// never a call from a handler's code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/kernel/event_queue.h"
#include "sim/kernel/fault.h"
#include "sim/kernel/random.h"
#include "sim/kernel/time.h"

namespace racelab {

enum class Happening : std::uint8_t {
  timer,           // a client has thought, waited or backed off long enough
  timeout,         // a client gives up on an attempt
  request,         // a request arrives at the service
  statement,       // a handler's statement reaches the store
  reply,           // a reply arrives at the client
  lock_timeout,    // a statement has waited too long for a lock
  session_end,     // the store notices that a session is dead
  work,            // a handler has worked, and comes to its first statement
  answer,          // a statement's answer is back at its handler
  gateway,         // a service between the clients and the last one is called, answered, or goes on
  deadlock_check,  // a statement has waited long enough to look whether it waits in a circle; where time is abstracted: it does
  cancel,          // a cancel arrives at the service
};

/// Whether it touches nothing that clients share, and only waits for its time: where time is abstracted it happens at once.
constexpr bool only_takes_time(Happening happening) {
  return happening == Happening::timer || happening == Happening::work ||
         happening == Happening::answer;
}

enum class Shape : std::uint8_t { even, exponential, normal };

/// How long a happening takes.
struct Delay {
  // even: evenly spread over [low, high]; exponential: with mean `high`; normal: the mean lies half-way between them, one
  // standard deviation from each, and what falls below zero is mirrored.
  Duration low{};
  Duration high{};
  Shape shape = Shape::even;
  Duration at_most{};  // whatever was drawn; 0: no bound; expects low <= at_most

  static constexpr Delay exactly(Duration span) { return {span, span}; }
  /// Whether there is nothing to draw.
  [[nodiscard]] constexpr bool exact() const { return low == high; }
  static constexpr Delay exponentially(Duration mean) { return {{}, mean, Shape::exponential}; }
  friend constexpr bool operator==(const Delay&, const Delay&) = default;
};

/// Something that can happen. Lives in what it will happen to; must not move while it is offered.
struct Pending : Event {
  Pending(Happening happening_, const DrawName& name_) : happening(happening_), name(name_) {}

  Happening happening;
  bool certain = false;  // a timeout that nothing can forestall any more: no answer is under way
  bool immune = false;   // no fault strikes it: it has met one already
  bool offered = false;  // kept by Choice
  DrawName name;         // whose it is; names the draws of its delay and its faults
  Delay delay{};
};

/// What happens next, and what goes wrong with it.
struct Occurrence {
  Pending* pending = nullptr;  // nullptr: nothing can happen any more
  Fault fault = Fault::none;
};

class Choice {
 public:
  Choice() = default;
  Choice(const Choice&) = delete;
  Choice& operator=(const Choice&) = delete;
  virtual ~Choice() = default;

  /// From now on this may happen.
  void offer(Pending& pending) {
    pending.offered = true;
    add(pending);
  }
  /// It cannot happen any more.
  void withdraw(Pending& pending) {
    pending.offered = false;
    take_back(pending);
  }
  /// Whether it is to be asked who_goes_on(); otherwise it is always the one who came first.
  [[nodiscard]] virtual bool decides_who_goes_on() const { return false; }
  /// Which of several handlers (at least two, first come first) has next what all of them wait for, where that is open: its place.
  /// The only question that is asked while something happens.
  virtual std::size_t who_goes_on(std::span<const DrawName> /*waiters*/) { return 0; }
  /// Nothing more will come of what happened under this name: its handler died.
  virtual void died(const Pending& /*pending*/) {}
  /// Decides, and moves the clock. The happening is no longer offered.
  Occurrence next() {
    const Occurrence occurrence = decide();
    if (occurrence.pending != nullptr) {
      occurrence.pending->offered = false;
    }
    return occurrence;
  }

  [[nodiscard]] Instant now() const { return now_; }

  /// A draw of that name, evenly from [low, high]: pure, no happening. Where time is abstracted it is the lower bound.
  [[nodiscard]] virtual Duration uniform(const DrawName& /*name*/, Duration low,
                                         Duration /*high*/) const {
    return low;
  }

 protected:
  virtual void add(Pending& pending) = 0;
  virtual void take_back(Pending& pending) = 0;
  virtual Occurrence decide() = 0;
  void set_now(Instant now) { now_ = now; }

 private:
  Instant now_{};
};

/// Virtual-time order: delays and faults drawn from the seed.
class Timed final : public Choice {
 public:
  Timed(std::uint64_t seed, const FaultPlan& plan) : random_(seed), plan_(plan) {}

  /// Ready for the next run, at time zero. Expects that nothing is offered any more.
  void restart(std::uint64_t seed, const FaultPlan& plan);

  [[nodiscard]] Duration uniform(const DrawName& name, Duration low, Duration high) const override {
    return random_.uniform(name, low, high);
  }

 protected:
  void add(Pending& pending) override;
  void take_back(Pending& pending) override { queue_.cancel(pending); }
  Occurrence decide() override;

 private:
  [[nodiscard]] Duration draw(const DrawName& name, const Delay& delay) const;
  void add_drawn(Pending& pending);
  Fault strike(const Pending& pending);
  bool strikes(const Pending& pending, FaultKind kind);

  Random random_;
  FaultPlan plan_;
  std::array<std::uint32_t, fault_kinds> struck_{};
  std::uint32_t struck_in_all_ = 0;
  EventQueue queue_;
};

/// An order of statements with the faults in it, from which Replay makes the same execution again.
struct Order {
  /// One turn: the statement of that client's n-th live handler, oldest attempt first (0 for the only one); or, with another
  /// happening, the end of its lock wait, or of its n-th dead session.
  struct Turn {
    std::uint32_t client = 0;
    std::uint32_t handler = 0;
    Happening happening = Happening::statement;
    std::optional<DrawName> whose =
        std::nullopt;  // exactly: its index is the delivery; then `handler` does not count
    std::vector<DrawName> went_on = {};  // whose turn was next, wherever several waiters could be
  };
  /// A fault is tied to a client's attempt, and for a statement to its place (0, or none, is the attempt's first). A slow
  /// call without a place is slow from its request on; with one, before that statement.
  struct Strike {
    Fault fault = Fault::none;
    std::uint32_t client = 0;
    std::uint32_t operation = 0;
    std::uint16_t attempt = 1;
    std::optional<std::uint32_t> statement = std::nullopt;
    std::uint8_t copy = 0;  // 1: the second delivery of the attempt
  };
  std::vector<Turn> turns;
  std::vector<Strike> strikes;
};

/// A recorded order. What touches nothing shared (requests, replies, client timers, timeouts that are certain) happens at
/// once. A turn whose client has no statement ready is held until it has one, or dropped if it never has. After the last
/// turn, what is left runs to its end in the order of the clients. The clock ticks a millisecond a turn.
class Replay final : public Choice {
 public:
  explicit Replay(Order order) : order_(std::move(order)) {}

  /// Turns and strikes that found nothing to happen to; read it when the execution is over.
  [[nodiscard]] std::size_t unused() const;

  void died(const Pending& pending) override;
  [[nodiscard]] bool decides_who_goes_on() const override { return true; }
  std::size_t who_goes_on(std::span<const DrawName> waiters) override;

 protected:
  void add(Pending& pending) override;
  void take_back(Pending& pending) override;
  Occurrence decide() override;

 private:
  Occurrence take(Pending& pending);
  [[nodiscard]] Pending* ready(const Order::Turn& turn) const;
  [[nodiscard]] Pending* first_of(Happening happening) const;
  Pending* next_turn();
  Fault planned(const Pending& pending);

  Order order_;
  std::size_t next_turn_ = 0;
  std::vector<Order::Turn> held_;
  std::vector<DrawName> going_on_;  // of the turn that was taken last, those not asked for yet
  std::vector<Pending*> offered_;   // in the order they were offered
  std::vector<DrawName>
      waiting_;  // handlers whose statement was issued and not answered, as far as is known
};

}  // namespace racelab
