// What reaches a process while it works: Ctrl-C, the end of the time that it was given, what a
// plug-in does to it.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/kernel/stop.h"

namespace racelab {

/// From now on Ctrl-C ends the process and leaves no unfinished output, and so does a plug-in that
/// never comes back, with a sentence. Again does nothing.
void listen_to_signals();

/// A plug-in that crashes is named, from now on. For the process that runs one command.
void listen_to_crashes();

/// While one lives, the first Ctrl-C, or the time that has passed, is only a wish to stop, of which
/// all loops of this thread know; a second Ctrl-C ends the process. Of one inside another only the
/// inner one has a time, and what it is told by Ctrl-C the outer one hears, too.
class WishToStop {
 public:
  /// `seconds_max`: 0 for no limit.
  explicit WishToStop(std::uint64_t seconds_max);
  WishToStop(const WishToStop&) = delete;
  WishToStop& operator=(const WishToStop&) = delete;
  ~WishToStop();

  /// Whether somebody wishes. To be asked some times a second, for where nothing but this looks at
  /// the clock.
  [[nodiscard]] bool is_there() const;
  /// "interrupt", "seconds-max"; empty: nobody wishes.
  [[nodiscard]] std::string_view reason() const;

 private:
  StopsOn stops_;
  bool inner_;  // another one lives
};

}  // namespace racelab
