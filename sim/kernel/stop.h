// A wish to stop, from above: somebody is tired of waiting. Long loops ask for it now and then and
// end early; whoever began them says that they did not come to their end, so that what they leave
// is never taken for a result, and results stay the same.
//
// The flag is the only thing here that another thread, or a signal, may touch. Nothing else is
// handed over with it, so it is read and written without an order.
#pragma once

#include <atomic>
#include <utility>

namespace racelab {

using StopFlag = std::atomic<bool>;
static_assert(StopFlag::is_always_lock_free);  // a signal may set it

/// While one lives, loops of this thread end soon after the flag is set. The innermost one counts.
class StopsOn {
 public:
  explicit StopsOn(const StopFlag& flag) : before_(std::exchange(current, &flag)) {}
  StopsOn(const StopsOn&) = delete;
  StopsOn& operator=(const StopsOn&) = delete;
  ~StopsOn() { current = before_; }

 private:
  friend bool stop_asked();
  static inline constinit thread_local const StopFlag* current = nullptr;
  const StopFlag* before_;
};

/// Whether this thread's loops are to end. Costs a nanosecond: to be asked every few thousand
/// steps.
inline bool stop_asked() {
  return StopsOn::current != nullptr && StopsOn::current->load(std::memory_order_relaxed);
}

}  // namespace racelab
