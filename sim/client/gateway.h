// Services that stand between the clients and the one that does the work: each calls the next, and each asks again when
// that fails. So they multiply: with three layers that make three attempts each, one operation can be 27 calls.
//
// A gateway keeps no state of its own but the requests that it serves. It answers only what it knows: ok as soon as one of
// its attempts was ok; a failure when each of its attempts failed for certain, as the last of them did; and nothing at all
// when one is in doubt, for then it could promise neither. It does not learn that its caller has given up: what it does
// from then on is work that nobody waits for. Unless the deadline is passed on: then a request says until when its caller
// waits, and the gateway gives up at that time.
//
// Each goes by a policy of its own. Attempts are numbered so that they stay apart: attempt k for a request that is itself
// attempt n of an operation is number (n - 1) x p + k, one level further in, where p is how many attempts the gateway's policy
// can come to. No fault strikes the way between layers.
//
// A budget and a breaker are its own, for all that it serves: an operation of theirs is a request to it. With the breaker open it answers
// `unavailable`. A cancel ends a request that it serves, and it cancels what it has under way for it if that is its policy.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "sim/client/retry_limits.h"
#include "sim/client/retry_policy.h"
#include "sim/kernel/arena.h"
#include "sim/kernel/choice.h"
#include "sim/kernel/list.h"
#include "sim/kernel/task.h"
#include "sim/service/destination.h"
#include "sim/service/trace.h"

namespace racelab {

struct GatewaySettings {
  std::uint8_t layer = 1;  // the clients call layer 1; it is in the names of draws and in the trace
  Delay latency{};         // of a request to it, and of its reply
  RetryPolicy retry;
  RetryLimitSettings limits{};
};

/// Counts of what the services in between did.
struct GatewayCounts {
  std::uint64_t attempts = 0;    // calls to the next layer
  std::uint64_t timeouts = 0;    // of those
  std::uint64_t for_nobody = 0;  // of those: begun when the client, or a layer before, had given up
  std::uint64_t retries_denied = 0;  // as ClientCounts has them
  std::uint64_t calls_refused_by_breaker = 0;
  std::uint64_t hedges = 0;
};

class Gateway final : public Destination, public Caller {
 public:
  /// Calls `next`, and hears its replies. All must outlive this.
  Gateway(Arena& arena, Choice& choice, Trace& trace, Destination& next,
          const GatewaySettings& settings);
  ~Gateway() override;

  void set_caller(Caller& caller) override { caller_ = &caller; }
  void send(const Request& request, const Endpoint& endpoint) override;
  void cancel(OperationName operation, std::uint16_t attempt) override;

  /// A happening of any gateway's own.
  static void happen(Pending& pending);

  void receive(OperationName operation, std::uint16_t attempt, std::uint8_t copy,
               Reply reply) override;
  void expect_answers(OperationName operation, std::uint16_t attempt, int change) override;
  void will_be_late(OperationName operation, std::uint16_t attempt) override;
  void held_up(OperationName operation, std::uint16_t attempt) override;
  /// … here or at any layer before, down to the client.
  [[nodiscard]] bool waits_for(OperationName operation, std::uint16_t attempt) const override;

  [[nodiscard]] const GatewayCounts& counts() const { return counts_; }
  [[nodiscard]] Arena& frames() const { return arena_; }

 private:
  struct Step;
  struct Visit;
  struct Answer;
  struct Cancel;
  struct Side;
  class Call;
  class Pause;

  static Task<> serve(Gateway& gateway, Visit& visit);
  static Task<> serve_hedged(Gateway& gateway, Visit& visit);
  void happen(Step& step);
  void begin(Visit& visit);
  void take(const Cancel& cancel);
  void let_go(const Call& call);
  void cancel_next(const Call& call);
  void finish(Call& call, const std::optional<Reply>& reply);
  void end(const Visit& visit, const std::optional<Reply>& reply, bool in_doubt);
  [[nodiscard]] bool may_send(const Visit& visit, std::uint16_t k, LimitedAttempt& limited);
  [[nodiscard]] bool may_retry(Visit& visit, std::uint16_t k, Failure failure);
  void note_outcome(const Visit& visit, const LimitedAttempt& limited,
                    const std::optional<Reply>& reply);
  void go_on(Visit& visit);
  void remove(Visit& visit);
  void ask_next(const Call& call);
  void answer(const Visit& visit, Reply reply);
  [[nodiscard]] RetryPolicy::Next after_failure(Visit& visit, std::uint16_t k,
                                                const std::optional<Reply>& reply) const;
  void stay_silent(const Visit& visit);
  void times_out_unanswered(const Call& call) const;
  [[nodiscard]] static std::uint64_t word_of(OperationName operation, std::uint16_t attempt);
  [[nodiscard]] Call* call_of(OperationName operation, std::uint16_t attempt) const;
  [[nodiscard]] TraceEvent event(TraceKind kind, OperationName operation,
                                 std::uint16_t attempt) const;

  Arena& arena_;
  Choice& choice_;
  Trace& trace_;
  Destination& next_;
  GatewaySettings settings_;
  Caller* caller_ = nullptr;
  GatewayCounts counts_;
  RetryLimits limits_;
  List<Visit> visits_;    // so that they can be given back at the end
  List<Answer> answers_;  // on the network; the same
  List<Cancel> cancels_;  // the same
  boost::unordered_flat_map<std::uint64_t, Call*, boost::hash<std::uint64_t>, std::equal_to<>,
                            ArenaAllocator<std::pair<const std::uint64_t, Call*>>>
      calls_;  // attempts that wait for an answer; only looked up, never iterated
};

/// All the layers before the last service: none, or up to four.
class Gateways {
 public:
  /// One for each of the settings, in the order of their layers.
  Gateways(Arena& arena, Choice& choice, Trace& trace, Destination& last,
           const std::vector<GatewaySettings>& settings);
  ~Gateways();
  Gateways(const Gateways&) = delete;
  Gateways& operator=(const Gateways&) = delete;

  /// What the clients call.
  [[nodiscard]] Destination& front() const { return *front_; }
  /// Of all of them.
  [[nodiscard]] GatewayCounts counts() const;

 private:
  Arena& arena_;
  Destination* front_;
  ArenaVector<Gateway*> gateways_;  // the last layer first
};

}  // namespace racelab
