// Whether the store does as a real server does, order by order.
//
// Every order that exploration lists is run on both in lockstep: rows, affected counts, SQLSTATEs, who waits, who goes on, final
// contents. Where some transaction is SERIALIZABLE a server may refuse more than it must: there, what ends is judged on the server
// alone, and must be an ending that the one-at-a-time rule or exploration allows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/lockstep.h"
#include "sim/explore/script_explore.h"

namespace racelab {

struct AgreeOptions {
  std::uint64_t orders_max = 1'000;  // of more, so many are drawn
  std::uint64_t seed = 1;            // what they are drawn from
  std::uint32_t tries_max = 3;       // until the server takes an order
  Limits limits;                     // of the exploration that lists them
  /// Told how many of a part are done; false: stop.
  std::function<bool(std::size_t part, std::uint64_t done)> go_on;
};

struct Agreement {
  OrderCount orders;            // that there are
  bool all = true;              // were they to be compared, or a sample of them
  std::uint64_t compared = 0;   // run on both
  std::uint64_t agreed = 0;     // the same from the first statement to the contents
  std::uint64_t not_taken = 0;  // in no try: the server let others go on, as exploration lists it
  std::uint64_t unpromised =
      0;                 // hang on an order of rows that SQL does not promise, and differ by it
  bool stopped = false;  // before the end

  /// The first order in which they differ.
  struct Difference {
    std::string word;
    std::vector<Lockstep::Line> lines;
    std::vector<std::string> who;  // of each line: the client's letter; empty: nobody's
  };
  std::optional<Difference> difference;
  std::uint64_t difference_number = 0;  // of its order, as they are listed
  [[nodiscard]] std::uint64_t disagreed() const {
    return compared - agreed - not_taken - unpromised;
  }
};

/// Whether some transaction is SERIALIZABLE.
bool any_serializable(const ScriptSetup& setup);

/// The orders of a scenario that are compared: all, or a sample. Several servers can share them, each in a thread of its own.
class OrdersToCompare {
 public:
  /// Lists them. `options.go_on` is asked from every thread. The setup must outlive this.
  OrdersToCompare(const ScriptSetup& setup, AgreeOptions options);
  ~OrdersToCompare();
  OrdersToCompare(const OrdersToCompare&) = delete;
  OrdersToCompare& operator=(const OrdersToCompare&) = delete;

  [[nodiscard]] std::size_t size() const { return numbers_.size(); }

  /// Every `parts`-th of them, from number `part` on. In lockstep the server must draw the store's numbers (Numbers::as_the_store);
  /// where some transaction is SERIALIZABLE, numbers that are known as generated (Numbers::in_millions).
  [[nodiscard]] Agreement compare(RealServer& server, std::size_t part = 0,
                                  std::size_t parts = 1) const;

 private:
  const ScriptSetup& setup_;
  AgreeOptions options_;
  Agreement listed_;  // what is known before the first is compared
  std::unique_ptr<const ScriptGraph> graph_;
  std::vector<std::uint64_t> numbers_;
};

/// What all parts come to.
Agreement together(const std::vector<Agreement>& parts);

/// All on one server.
Agreement agree(const ScriptSetup& setup, RealServer& server, const AgreeOptions& options);

}  // namespace racelab
