// What keeps a client from asking again, or from asking at all, while others fail: a retry budget and a circuit breaker.
//
// As they are set unless told otherwise, both follow the simulator behind "Fixing retries with token buckets and circuit breakers"
// (Marc Brooker, 2022); settings make them those of client libraries. Both count in whole numbers: tokens and shares in parts per
// billion. A client has its own; nothing is shared.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/client/failure.h"
#include "sim/kernel/arena.h"
#include "sim/kernel/time.h"
#include "sim/service/request.h"

namespace racelab {

enum class BudgetFilledBy : std::uint8_t { operation, ok };
enum class BudgetTakenBy : std::uint8_t { retry, failure };

struct RetryBudgetSettings {
  std::optional<std::uint32_t> share;  // of a token, in parts per billion, that each of those adds
  std::uint32_t burst = 5;             // tokens that the bucket holds, and has at the start
  BudgetFilledBy filled_by = BudgetFilledBy::operation;
  BudgetTakenBy taken_by = BudgetTakenBy::retry;
  std::uint32_t cost = 1;            // tokens that a retry takes
  std::uint32_t cost_throttled = 0;  // … after a 429; 0: the same
  bool refund = false;               // an ok after a retry gives back what that retry took, instead
  std::uint32_t threshold =
      500'000'000;  // taken by failures: retries stop when no more than this share is left
  /// Of the requests under way, in parts per billion: so many retries may be under way, their pauses included, rounded down.
  std::optional<std::uint32_t> active_share{};
  std::uint32_t active_min = 3;  // … but never fewer than so many
};

/// A token bucket: operations or successes fill it, retries or failures empty it. And a share of what is under way, as Envoy has it.
class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetSettings& settings)
      : settings_(settings), tokens_(full()) {}

  /// An operation starts: the bucket gains its share, up to its size.
  void add_operation();

  /// An attempt was not answered ok.
  void add_failure();
  /// An operation was answered ok, whose last retry took so many tokens (0: there was none).
  void add_ok(std::uint32_t taken);

  /// What a retry after this failure takes, in tokens.
  [[nodiscard]] std::uint32_t cost_of(Failure failure) const;
  /// Takes that for a retry, which is then under way. False, and nothing is taken, unless the bucket holds more than that (filled by
  /// operations), or as much (filled by successes); where failures take, unless it holds more than its threshold; and where as many
  /// retries are under way as may be.
  [[nodiscard]] bool take(Failure failure);

  /// A request goes out (+1), or is under way no longer (-1).
  void add_active(int change) { active_ += change; }
  /// A retry for which take() was true is over, or is not sent after all.
  void end_retry() { --retries_; }

 private:
  static constexpr std::int64_t token = 1'000'000'000;
  [[nodiscard]] std::int64_t full() const { return token * settings_.burst; }
  void add(std::int64_t parts);
  [[nodiscard]] bool take_tokens(Failure failure);
  [[nodiscard]] bool too_many_under_way() const;

  RetryBudgetSettings settings_;
  std::int64_t tokens_;       // in parts per billion of one
  std::int64_t active_ = 0;   // requests under way
  std::int64_t retries_ = 0;  // retries under way, or in the pause before
};

enum class BreakerKind : std::uint8_t {
  none,
  retries,      // stops retries, never first attempts
  calls,        // stops every attempt for a while
  consecutive,  // the same, after so many failures in a row
};

struct BreakerSettings {
  BreakerKind kind = BreakerKind::none;
  std::uint32_t threshold =
      500'000'000;            // the share of failures above which it acts, in parts per billion
  std::uint32_t window = 20;  // how many of the last ones the share is of; 0: all
  Duration open_for = seconds(5);
  std::uint32_t volume =
      0;  // outcomes that must be there before it acts; 0: as many as the window, or 20
  Duration window_time{};          // only outcomes not older than that count; 0: all of the window
  std::uint32_t failures_max = 5;  // consecutive: so many in a row open it
};

/// breaker=retries: no retry while failed attempts per operation, over the last operations or all, exceed the threshold.
class RetryBreaker {
 public:
  RetryBreaker(Arena& arena, const BreakerSettings& settings);

  /// The next operation starts; operations are numbered from 0 in the order they start.
  void add_operation();
  /// An attempt of that operation was not answered ok.
  void add_failure(std::uint32_t operation);
  [[nodiscard]] bool allows_retry() const;

 private:
  BreakerSettings settings_;
  std::uint32_t operations_ = 0;             // that have started
  std::uint64_t failures_ = 0;               // of the operations that count
  ArenaVector<std::uint32_t> by_operation_;  // failures of each, in a ring; empty where all count
};

/// breaker=calls, breaker=consecutive: closed, open, half open.
///
/// Closed, it counts outcomes; once it has seen enough of them and the share of failures exceeds the threshold (or so many in a row
/// have failed) it opens, and lets nothing through for a while. Then one attempt is let through as a probe: its success closes the breaker and
/// forgets what was counted, its failure opens it again. Meanwhile outcomes of earlier attempts are ignored.
class CallBreaker {
 public:
  /// With a window of all, so many outcomes are enough.
  static constexpr std::uint32_t outcomes_min = 20;

  CallBreaker(Arena& arena, const BreakerSettings& settings);

  enum class State : std::uint8_t { closed, open, half_open };
  enum class Pass : std::uint8_t { refused, granted, probe };

  /// Whether an attempt may be sent now.
  [[nodiscard]] Pass ask(Instant now);
  /// How an attempt that was let through has ended.
  void add_outcome(Pass pass, bool ok, Instant now);

  [[nodiscard]] State state() const { return state_; }

 private:
  struct Outcome {
    Instant at{};
    bool failed = false;
  };
  void count(bool ok, Instant now);
  void forget_old(Instant now);
  [[nodiscard]] bool has_enough() const;
  void open(Instant now);
  void close();

  BreakerSettings settings_;
  State state_ = State::closed;
  Instant opened_{};
  std::uint64_t seen_ = 0;       // outcomes since it closed
  std::uint64_t forgotten_ = 0;  // of those, the first so many count no more
  std::uint64_t failures_ = 0;   // of those that count
  std::uint32_t in_a_row_ = 0;   // failures, the last outcomes
  ArenaVector<Outcome> last_;    // the last outcomes, in a ring; empty where all count
};

/// What a caller sets of those.
struct RetryLimitSettings {
  RetryBudgetSettings retry_budget;
  BreakerSettings breaker;
};

/// An attempt, as its caller's limits see it.
struct LimitedAttempt {
  CallBreaker::Pass pass = CallBreaker::Pass::refused;
  bool is_retry = false;  // allows_retry() has let it through
};

/// A caller's budget and breakers, told of each of its attempts: may_send(), then ended() or dropped().
class RetryLimits {
 public:
  RetryLimits(Arena& arena, const RetryLimitSettings& settings)
      : budget_(settings.retry_budget),
        retry_breaker_(arena, settings.breaker),
        call_breaker_(arena, settings.breaker) {}

  /// An operation starts; its number, in their order, from 0.
  std::uint32_t begin();

  /// Whether an attempt may be sent now; it is then under way.
  [[nodiscard]] bool may_send(LimitedAttempt& attempt, Instant now);

  enum class Verdict : std::uint8_t { allowed, no_budget, breaker };
  /// Whether there may be a retry after this failure.
  [[nodiscard]] Verdict allows_retry(Failure failure);
  /// A retry that was allowed is not sent after all.
  void not_sent(const LimitedAttempt& attempt);
  /// What it then took of the budget, in tokens.
  [[nodiscard]] std::uint32_t cost_of(Failure failure) const { return budget_.cost_of(failure); }

  /// It was answered, or has timed out (none). `tokens_taken`: by the operation's last retry.
  void ended(const LimitedAttempt& attempt, std::uint32_t operation,
             const std::optional<Reply>& reply, std::uint32_t tokens_taken, Instant now);
  /// It is waited for no longer, however it may end.
  void dropped(const LimitedAttempt& attempt, Instant now);

 private:
  void leave(const LimitedAttempt& attempt);

  RetryBudget budget_;
  RetryBreaker retry_breaker_;
  CallBreaker call_breaker_;
  std::uint32_t operations_ = 0;
};

}  // namespace racelab
