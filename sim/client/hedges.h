// Hedging: attempts of one call under way beside one another, by whoever makes it. The next goes out when the last one has not been
// answered for a while, and at once when one has failed; the first ok ends all of it. As gRPC's hedgingPolicy.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <utility>

#include "sim/client/retry_limits.h"
#include "sim/client/retry_policy.h"
#include "sim/kernel/arena.h"
#include "sim/kernel/task.h"

namespace racelab {

/// The attempts that are under way.
template <class Call>
class Hedges {
 public:
  explicit Hedges(Arena& arena) : arena_(arena), calls_(ArenaAllocator<Call*>(arena)) {}
  Hedges(const Hedges&) = delete;
  Hedges& operator=(const Hedges&) = delete;
  ~Hedges() {
    while (!calls_.empty()) {
      remove(*calls_.back());
    }
  }

  /// co_await: until one of them has ended, or the task is resumed since the next is due.
  struct Change {
    Hedges* hedges;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> /*frame*/) const noexcept {}
    /// The one that has ended, still to be removed; nullptr: none.
    [[nodiscard]] Call* await_resume() const noexcept {
      return std::exchange(hedges->ended_, nullptr);
    }
  };
  [[nodiscard]] Change change() { return {this}; }

  void add(Call& call) {
    calls_.push_back(&call);
    call.hedges = this;
  }
  void remove(Call& call) {
    calls_.erase(std::find(calls_.begin(), calls_.end(), &call));
    arena_.destroy(&call);
  }
  /// Said by the call itself, before its task is resumed.
  void has_ended(Call& call) { ended_ = &call; }

  /// In the order in which they were sent.
  [[nodiscard]] const ArenaVector<Call*>& calls() const { return calls_; }

 private:
  Arena& arena_;
  ArenaVector<Call*> calls_;
  Call* ended_ = nullptr;
};

/// What a caller hears in the end.
struct HedgedEnd {
  std::optional<Reply>
      reply;              // of the attempt that ended last; none: it timed out, or nothing was sent
  bool in_doubt = false;  // an attempt had no answer, or a reset, or is under way still
};

/// Who hedges: a client, or a service in between (`Side`), with its Call, its timer and its limits.
template <class Side>
class Hedging {
 public:
  using Call = typename Side::Call;

  explicit Hedging(Side& side) : side_(side), under_way_(side.frames()), timer_(side.timer()) {}

  /// As Hedges::change().
  [[nodiscard]] typename Hedges<Call>::Change change() { return under_way_.change(); }
  /// One is under way, or will be.
  [[nodiscard]] bool goes_on() const { return !under_way_.calls().empty() || timer_.offered; }

  void send(LimitedAttempt limited) {
    if (!side_.may_send(sent_ + 1U, limited)) {
      stop();
      return;
    }
    ++sent_;
    side_.count_hedge(!under_way_.calls().empty());
    Call& call = side_.make_call(sent_);
    call.limited = limited;
    under_way_.add(call);
    call.start();
    due_in(side_.policy().hedge_delay(sent_, side_.since_start()));
  }
  /// One more, if the limits allow it; if they do not, there will be none.
  void send_next(Failure after) {
    if (!stopped_ && side_.may_retry(sent_, after)) {
      send({.is_retry = true});
    } else {
      stop();
    }
  }

  /// How an attempt has ended.
  std::optional<Reply> take(Call& call) {
    const std::optional<Reply> reply = call.reply;
    side_.ended(call);
    under_way_.remove(call);
    return reply;
  }
  /// Whether it goes on after an attempt that was not ok.
  bool goes_on_after(const std::optional<Reply>& reply) {
    if (reply == Reply::refused() || !side_.policy().retry_on.contain(failure_of(reply))) {
      return false;
    }
    const RetryPolicy::Next next = side_.after_failure(sent_, reply);
    if (next.pauses && !stopped_) {
      // A Retry-After: the next does not go at once, but then, or when it was due.
      const bool sooner = timer_.offered && timer_.at <= side_.choice().now() + next.pause;
      due_in(sooner ? timer_.at - side_.choice().now() : next.pause);
    } else if (next.again) {
      send_next(failure_of(reply));
    }
    return true;
  }

  /// None is waited for any longer. Whether one was.
  bool let_go() {
    const bool some = !under_way_.calls().empty();
    while (!under_way_.calls().empty()) {
      Call& call = *under_way_.calls().front();
      side_.let_go(call);
      under_way_.remove(call);
    }
    return some;
  }

 private:
  void stop() {
    stopped_ = true;
    due_in(std::nullopt);
  }
  void due_in(std::optional<Duration> delay) {
    if (timer_.offered) {
      side_.choice().withdraw(timer_);
    }
    if (delay) {
      timer_.delay = Delay::exactly(*delay);
      side_.choice().offer(timer_);
    }
  }

  Side& side_;
  Hedges<Call> under_way_;
  typename Side::Timer timer_;
  std::uint16_t sent_ = 0;
  bool stopped_ = false;
};

/// The whole story of a hedged call.
template <class Side>
Task<HedgedEnd> hedge(Side& side) {
  Hedging<Side> hedging(side);
  HedgedEnd end;
  hedging.send({});
  while (hedging.goes_on()) {
    typename Side::Call* call = co_await hedging.change();
    if (call == nullptr) {
      hedging.send_next(Failure::timeout);  // no answer has come for a while
      continue;
    }
    end.reply = hedging.take(*call);
    end.in_doubt = end.in_doubt || !end.reply || end.reply->leaves_doubt();
    if (end.reply == Reply::ok() || !hedging.goes_on_after(end.reply)) {
      break;
    }
  }
  end.in_doubt = hedging.let_go() || end.in_doubt;
  co_return end;
}

}  // namespace racelab
