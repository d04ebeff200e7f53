// The sentence is put together in a fixed buffer: whoever has to say it may be a signal, or out of
// memory.
#include "sim/kernel/plugin_call.h"

#include <algorithm>
#include <array>
#include <boost/container/throw_exception.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <utility>

namespace racelab {

namespace {

// Registration happens before main, in whatever order the linker chose.
std::map<const void*, PluginName>& names() {
  static std::map<const void*, PluginName> all;
  return all;
}

// What a watchdog sees, and has seen.
struct Watched {
  std::atomic<const PluginMarker*> marker = nullptr;
  std::atomic<std::uint64_t> changes = 0;
  unsigned looks = 0;
};
std::array<Watched, 1'100> watched;

class Sentence {
 public:
  void add(const char* text) {
    for (; *text != '\0' && length_ + 2 < sizeof text_; ++text) {
      const auto byte = static_cast<unsigned char>(*text);
      text_[length_++] = byte < 0x20 || byte == 0x7F ? '?' : *text;
    }
  }
  void say() {
    text_[length_++] = '\n';
    std::fwrite(text_, 1, length_, stderr);
  }

 private:
  char text_[600] = {};
  std::size_t length_ = 0;
};

}  // namespace

void name_plugin(const void* function, PluginName plugin) {
  if (function != nullptr) {
    names()[function] = std::move(plugin);
  }
}

const PluginName* plugin_named(const void* function) {
  const auto found = names().find(function);
  return found == names().end() ? nullptr : &found->second;
}

WatchedThread::WatchedThread() {
  for (place_ = 0; place_ < watched.size(); ++place_) {
    const PluginMarker* nobody = nullptr;
    if (watched[place_].marker.compare_exchange_strong(nobody, &PluginCall::marker())) {
      return;
    }
  }
}

WatchedThread::~WatchedThread() {
  if (place_ < watched.size()) {
    watched[place_].marker = nullptr;
  }
}

void look_for_stuck_plugins(unsigned looks_max) {
  for (Watched& thread : watched) {
    const PluginMarker* marker = thread.marker;
    const PluginFunctions* running = marker == nullptr ? nullptr : marker->running.load();
    if (running == nullptr || thread.changes != marker->changes) {
      thread.changes = marker == nullptr ? 0 : marker->changes.load();
      thread.looks = 0;
    } else if (++thread.looks >= looks_max) {
      plugin_failed("does not come back: one call has taken seconds, and nothing of it takes time",
                    *running);
    }
  }
}

bool plugin_takes_long() {
  const PluginMarker& own = PluginCall::marker();
  return plugin_is_running() &&
         std::any_of(watched.begin(), watched.end(), [&own](const Watched& thread) {
           return thread.marker == &own && thread.changes == own.changes;
         });
}

void plugin_failed(const char* problem, const PluginFunctions& plugin) {
  static std::atomic_flag said;
  while (said.test_and_set()) {  // another thread has: this one only waits for the end
  }
  Sentence sentence;
  bool any = false;
  for (const void* function : plugin.functions) {
    if (const PluginName* named = plugin_named(function)) {
      sentence.add(any ? "+" : ("racelab: the "));
      if (!any) {
        sentence.add(named->kind.c_str());
        sentence.add(" '");
      }
      sentence.add(named->name.c_str());
      any = true;
    }
  }
  sentence.add(any ? "' " : "racelab: a plug-in ");
  sentence.add(problem);
  sentence.say();
  std::quick_exit(2);
}

void plugin_failed(const char* problem) {
  const PluginFunctions* running = PluginCall::marker().running;
  plugin_failed(problem, running == nullptr ? PluginFunctions{} : *running);
}

void plugin_threw() {
  try {
    throw;
  } catch (const boost::container::bad_alloc&) {  // static_vector is full
    plugin_failed("needs more room than there is: a change and a statement have at most 8 rows");
  } catch (const std::exception& exception) {
    const std::string text = std::string("threw an exception: ") + exception.what();
    plugin_failed(text.c_str());
  } catch (...) {
    plugin_failed("threw an exception");
  }
}

}  // namespace racelab
