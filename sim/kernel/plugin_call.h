// Which plug-in each thread is running right now. Strangers write plug-ins: whatever one does
// (throw, crash, never come back, ask for all memory there is, give what means nothing) ends the
// process with one sentence that names it, and exit code 2.
//
// The process, and not the run: code that has gone wrong may have left anything behind, and some of
// it can be ended in no other way. What ends it is the same for all commands and threads;
// std::at_quick_exit() is where others can clear up.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace racelab {

/// What a function of a plug-in belongs to, for those who only have the function: "strategy",
/// "read-modify-write".
struct PluginName {
  std::string kind;
  std::string name;
};
void name_plugin(const void* function, PluginName plugin);
/// nullptr: nobody has named it.
const PluginName* plugin_named(const void* function);

/// The functions that may be running, outermost last: a strategy and its protections, or a
/// workload's.
struct PluginFunctions {
  static constexpr std::size_t max = 5;
  const void* functions[max] = {};
};

/// What a thread runs.
struct PluginMarker {
  std::atomic<const PluginFunctions*> running = nullptr;
  std::atomic<std::uint64_t> changes = 0;  // of `running`: a watchdog sees whether it is one call
};

/// While one lives, this thread runs what a plug-in's author wrote. Costs some stores.
class PluginCall {
 public:
  explicit PluginCall(const PluginFunctions& functions) : before_(current.running) {
    set(&functions);
  }
  explicit PluginCall(PluginFunctions&&) = delete;
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;
  ~PluginCall() { set(before_); }

  /// Of this thread.
  static const PluginMarker& marker() { return current; }

 private:
  // Read by a watchdog, which is content with what it sees some time later: no order is needed.
  static void set(const PluginFunctions* functions) {
    current.running.store(functions, std::memory_order_relaxed);
    current.changes.store(current.changes.load(std::memory_order_relaxed) + 1,
                          std::memory_order_relaxed);
  }
  static inline constinit thread_local PluginMarker current{};
  const PluginFunctions* before_;
};

/// While one lives, a watchdog sees what this thread runs. At most some thousand at a time; more
/// are not seen.
class WatchedThread {
 public:
  WatchedThread();
  WatchedThread(const WatchedThread&) = delete;
  WatchedThread& operator=(const WatchedThread&) = delete;
  ~WatchedThread();

 private:
  std::size_t place_ = 0;
};

/// A watchdog's look at all threads that it sees; may be a signal's. One call that goes on for so
/// many looks ends the process.
void look_for_stuck_plugins(unsigned looks_max);

/// Whether this thread is in a call of a plug-in that a watchdog has seen already: where microseconds
/// are usual, it has gone on from one look to the next.
bool plugin_takes_long();

inline bool plugin_is_running() {
  return PluginCall::marker().running.load(std::memory_order_relaxed) != nullptr;
}

/// Ends the process: "racelab: the strategy 'read-modify-write' PROBLEM". The plug-in is what this
/// thread runs, or what is given. Allocates nothing, since a signal may call it.
[[noreturn]] void plugin_failed(const char* problem);
[[noreturn]] void plugin_failed(const char* problem, const PluginFunctions& plugin);

/// The same with what it has thrown; to be called where it is caught.
[[noreturn]] void plugin_threw();

/// Calls a function of a plug-in.
template <class Function>
auto call_plugin(const PluginFunctions& plugin, const Function& function) {
  const PluginCall call(plugin);
  try {
    return function();
  } catch (...) {
    plugin_threw();
  }
}

}  // namespace racelab
