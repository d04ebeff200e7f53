// What a service does with a request: a strategy, perhaps wrapped in protections.
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <initializer_list>

#include "sim/kernel/plugin_call.h"
#include "sim/kernel/task.h"
#include "sim/service/request.h"
#include "sim/service/session.h"

namespace racelab {

/// What a handler may want to start again on, in a new transaction.
enum class Error : std::uint8_t {
  conflict,               // its own reply said so
  serialization_failure,  // 40001
  deadlock,               // 40P01
  lock_not_available,     // 55P03
};

class Errors {
 public:
  constexpr Errors() = default;
  constexpr Errors(std::initializer_list<Error> errors) {
    for (const Error error : errors) {
      bits_ |= bit(error);
    }
  }
  [[nodiscard]] constexpr bool contain(Error error) const { return (bits_ & bit(error)) != 0; }
  friend constexpr bool operator==(Errors, Errors) = default;
  friend constexpr Errors operator|(Errors a, Errors b) {
    Errors both;
    both.bits_ = a.bits_ | b.bits_;
    return both;
  }

 private:
  static constexpr std::uint32_t bit(Error error) { return 1U << static_cast<unsigned>(error); }
  std::uint32_t bits_ = 0;
};

class Next;
using StrategyFunction = Task<Reply> (*)(Session& db, const Request& request);
using ProtectionFunction = Task<Reply> (*)(Session& db, const Request& request, const Next& inner);

struct Endpoint;

/// What a protection wraps: the strategy, or the next protection inwards.
class Next {
 public:
  Next(const Endpoint& endpoint, std::size_t depth) : endpoint_(&endpoint), depth_(depth) {}
  /// Runs it; to be awaited.
  [[nodiscard]] Task<Reply> run(Session& db, const Request& request) const;

 private:
  const Endpoint* endpoint_;
  std::size_t depth_;
};

constexpr std::size_t max_protections = 4;

/// A strategy with its protections, ready to serve. Must not move once made: its parts point at each other.
struct Endpoint {
  Endpoint(StrategyFunction strategy_, std::initializer_list<ProtectionFunction> outermost_first)
      : Endpoint(strategy_, Protections(outermost_first)) {}

  using Protections = boost::container::static_vector<ProtectionFunction, max_protections>;
  Endpoint(StrategyFunction strategy_, const Protections& outermost_first);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  [[nodiscard]] Task<Reply> handle(Session& db, const Request& request) const {
    return levels.front().run(db, request);
  }

  StrategyFunction strategy;
  Protections protections;  // outermost first
  boost::container::static_vector<Next, max_protections + 1> levels;
  PluginFunctions plugin;  // the strategy first, its protections outwards
  Isolation isolation = Isolation::autocommit;
  Errors retry_on;
  bool key_per_attempt = false;  // the client makes a new idempotency key for every attempt
};

}  // namespace racelab
