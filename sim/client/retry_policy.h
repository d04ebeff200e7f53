// When a client asks again: how long it waits for an answer, after which failures it asks again and how often, and how long it
// backs off in between.
//
// The formulas of the usual jitters are those of "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015). Retry k, from 1,
// backs off v = min(cap, base * 2^k); full jitter sleeps U(0, v), equal jitter v/2 + U(0, v/2), decorrelated jitter
// min(cap, U(base, 3 * previous sleep)), where the first previous sleep is base. Polly's jitter is its DecorrelatedJitterBackoffV2.
// What else client libraries do is a setting each: which power comes first, by what factor v grows, a first pause of its own, a
// factor or an addend that is drawn, and what a Retry-After means. All in whole microseconds.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "sim/client/failure.h"
#include "sim/kernel/time.h"

namespace racelab {

enum class Backoff : std::uint8_t { none, fixed, exponential, linear, quadratic };
enum class Jitter : std::uint8_t { none, full, equal, decorrelated, factor, addend, polly };

/// What a client makes of a Retry-After.
enum class RetryAfter : std::uint8_t {
  ignored,
  replaces,  // the pause that it would have made
  at_least,  // it pauses so long, or longer
};

/// What a client does when a connection that it had kept open breaks before an answer: send the request again, on a new one, which
/// counts as no attempt of its own.
enum class Resend : std::uint8_t { never, always, keyed };

/// What a client's requests are recognised by.
enum class KeySent : std::uint8_t {
  kept,  // the same key in all attempts
  made_anew,
  none,
};

/// What a policy knows of an operation besides how many attempts there were.
struct RetryState {
  std::array<std::uint8_t, failure_kinds>
      counts{};  // retries after each failure, where they are limited
  bool resent = false;
  std::uint32_t tokens_taken = 0;  // by the last retry, of a budget
  Duration slept{};                // the pause before; at first base
  std::int64_t polly_before =
      0;  // of Polly's jitter: the curve at the point before, in parts of 2^32

  /// What tells two operations apart after as many attempts, where time is abstracted.
  [[nodiscard]] std::uint64_t word() const {
    std::uint64_t word = resent ? 1 : 0;
    for (const std::uint8_t count : counts) {
      word = (word << 7U) + count;
    }
    return word;
  }
};

/// A draw: evenly from [low, high], both included.
using Draw = std::function<Duration(Duration low, Duration high)>;

struct RetryPolicy {
  /// What endless comes to: beyond it the numbers of attempts end.
  static constexpr std::uint16_t attempts_endless = 60'000;

  Duration timeout{};              // of one attempt; 0: waits for ever
  Duration deadline{};             // of the operation, all attempts and pauses; 0: none
  std::uint16_t attempts_max = 1;  // 0: endless
  Failures retry_on = Failures::all();
  std::array<std::optional<std::uint32_t>, failure_kinds> retries_max{};  // after each failure
  Backoff backoff = Backoff::none;
  Duration base{};
  std::array<Duration, failure_kinds> base_after{};  // of each failure; 0: base
  Duration cap{};                                    // 0: none
  Jitter jitter = Jitter::none;

  std::uint32_t power_first = 1;            // of the first pause
  std::int64_t multiplier = 2'000'000'000;  // exponential; in parts per billion
  std::optional<std::uint32_t> first{};     // the first pause, in microseconds
  Duration floor{};                         // no pause is shorter, once it is drawn
  std::uint32_t factor_low = 500'000'000;   // jitter=factor; in parts per billion
  std::uint32_t factor_high = 1'000'000'000;
  bool factor_after_cap = false;
  Duration addend{};  // jitter=addend: up to so much more

  RetryAfter retry_after = RetryAfter::ignored;
  Duration retry_after_max{};    // a longer one is cut to it; 0: none is
  Duration retry_after_slack{};  // it makes a pause by at most so much longer; 0: by any
  Duration retry_after_end{};    // a longer one ends the retries; 0: none does

  /// After so many microseconds without an answer the next attempt goes out beside those under way, and after a failure at once;
  /// none: attempts follow one another.
  std::optional<std::uint32_t> hedge_after{};
  bool cancels = false;  // attempts that are waited for no longer

  bool deadline_passed = false;  // of a service in between: it gives up when its caller does

  bool connection_kept = false;  // the connection of the first attempt was open from before
  Resend resend = Resend::never;
  KeySent key = KeySent::kept;

  /// A failed attempt: how it failed, which one it was, from 1, and when.
  struct Failed {
    Failure failure{};
    std::uint16_t attempt = 1;
    Duration retry_after{};  // that the answer asked for; 0: none
    Duration since_start{};  // of the operation
  };
  /// What comes after it: another attempt, or nothing (then the operation's client gives up).
  struct Next {
    bool again = false;
    bool resend = false;  // it counts as no retry
    bool pauses = false;
    Duration pause{};
  };
  /// What comes after a failed attempt. `draw` is asked at most once.
  [[nodiscard]] Next after(const Failed& failed, RetryState& state, const Draw& draw) const;

  /// How long after the attempt of that number, from 1, a hedge goes out; none: no more does. `since_start` is when that one was sent.
  [[nodiscard]] std::optional<Duration> hedge_delay(std::uint32_t attempt,
                                                    Duration since_start) const;

  /// What a new operation begins with.
  [[nodiscard]] RetryState start() const;

  /// How long the next attempt is waited for; 0: for ever.
  [[nodiscard]] Duration patience(Duration since_start) const;

  /// Attempts that an operation can come to, resent ones included.
  [[nodiscard]] std::uint32_t attempts_possible() const {
    return attempts_limit() + (resend != Resend::never && connection_kept ? 1U : 0U);
  }

  [[nodiscard]] std::uint32_t attempts_limit() const {
    return attempts_max == 0 ? attempts_endless : attempts_max;
  }

 private:
  [[nodiscard]] Duration back_off(std::uint32_t retry, Failure failure, RetryState& state,
                                  const Draw& draw) const;
  [[nodiscard]] Duration span(std::uint32_t retry, Duration base_of_it) const;
  [[nodiscard]] bool resends(const Failed& failed, const RetryState& state) const;
  [[nodiscard]] Duration capped(Duration pause) const;
};

}  // namespace racelab
