// Long work, watched: Ctrl-C and --seconds-max end it with what it has found so far, and from the first second on a line on
// standard error, when that is a terminal, tells how far it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/cli/arguments.h"
#include "sim/cli/cli.h"
#include "sim/cli/signals.h"
#include "sim/explore/graph.h"
#include "sim/explore/odometer.h"

namespace racelab {

class Watch {
 public:
  /// From now until its end an interrupt is a wish to stop; a second one ends the process.
  Watch(const Arguments& arguments, const Environment& environment);
  /// Clears its line.
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// The limits that the arguments set, watched. This must outlive them.
  [[nodiscard]] Limits limits();
  [[nodiscard]] OrderLimits order_limits();

  /// Of work whose end is known: false when it is to stop. Asked some times a second.
  bool go_on(std::string_view unit, std::uint64_t done, std::optional<std::uint64_t> total = {});

  /// Tells what is being worked on, in front of the numbers.
  void now_at(std::string what) { what_ = std::move(what); }

  /// What ended the work: "interrupt", "seconds-max"; empty: nothing did.
  [[nodiscard]] std::string_view stopped_by() const { return wish_.reason(); }
  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  void tell(std::string_view unit, std::uint64_t done, std::optional<std::uint64_t> total);

  const Arguments& arguments_;
  const Environment& environment_;
  WishToStop wish_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point told_ = start_;
  bool line_is_there_ = false;
  std::string what_;
};

}  // namespace racelab
