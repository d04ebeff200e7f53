// Handlers do nothing but set flags, look at clocks and leave, since a signal may come anywhere.
#include "sim/cli/signals.h"

#include <sys/time.h>

#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <utility>

#include "sim/cli/output_file.h"
#include "sim/kernel/plugin_call.h"

namespace racelab {

namespace {

enum class Reason : int { none, interrupt, seconds_max };

StopFlag wished = false;
std::atomic<Reason> why = Reason::none;
std::atomic<bool> heard = false;             // whether somebody asks for the wish
std::atomic<std::uint64_t> deadline_ms = 0;  // on the steady clock; 0: none

// A call of a plug-in takes microseconds, whatever else the machine has to do. Ticks, and not a
// clock: a process that somebody has halted ticks no more.
constexpr unsigned ticks_of_a_call_max = 30;

// One interrupt may come twice: to this process, and to the group that it is in (`timeout` sends both).
constexpr std::uint64_t one_interrupt_ms = 300;
std::atomic<int> first_interrupt = 0;
std::atomic<std::uint64_t> first_interrupt_ms = 0;

std::uint64_t milliseconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (static_cast<std::uint64_t>(now.tv_sec) * 1'000) +
         (static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000);
}

void wish(Reason reason) {
  why = reason;
  wished = true;
}

void on_interrupt(int signal) {
  if (heard && !wished) {
    first_interrupt = signal;
    first_interrupt_ms = milliseconds_now();
    wish(Reason::interrupt);
    return;
  }
  if (heard && why == Reason::interrupt && signal == first_interrupt &&
      milliseconds_now() - first_interrupt_ms < one_interrupt_ms) {
    return;
  }
  remove_unfinished_output();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void on_end_of_session(int signal) {
  remove_unfinished_output();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void on_tick(int /*signal*/) {
  look_for_stuck_plugins(ticks_of_a_call_max);
  const std::uint64_t deadline = deadline_ms;
  if (deadline != 0 && !wished && milliseconds_now() >= deadline) {
    wish(Reason::seconds_max);
  }
}

// A thread's own signal: it has crashed.
void on_crash(int signal) {
  if (plugin_is_running()) {
    plugin_failed(signal == SIGFPE ? "crashed: it divides by zero, or a number is too large"
                  : signal == SIGABRT
                      ? "crashed: it aborts"
                      : "crashed: it uses memory that is not there, or calls itself without end");
  }
  remove_unfinished_output();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | (handler == on_crash ? SA_ONSTACK | SA_NODEFER : 0);
  sigaction(signal, &action, nullptr);
}

}  // namespace

void listen_to_signals() {
  static bool listens = false;
  if (std::exchange(listens, true)) {
    return;
  }
  handle(SIGINT, on_interrupt);
  handle(SIGTERM, on_interrupt);
  struct sigaction hangup {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) {  // as nohup sets it
    handle(SIGHUP, on_end_of_session);
  }
  static const WatchedThread watched;
  handle(SIGALRM, on_tick);
  constexpr suseconds_t between_ticks_us = 100'000;
  const itimerval often{{0, between_ticks_us}, {0, between_ticks_us}};
  setitimer(ITIMER_REAL, &often, nullptr);
}

void listen_to_crashes() {
#ifndef __SANITIZE_ADDRESS__              // it tells more
  static std::array<char, 65'536> stack;  // for a thread that has used up its own
  const stack_t other{stack.data(), 0, stack.size()};
  sigaltstack(&other, nullptr);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    handle(signal, on_crash);
  }
#endif
}

WishToStop::WishToStop(std::uint64_t seconds_max) : stops_(wished), inner_(heard) {
  listen_to_signals();
  if (!inner_) {
    wished = false;
    why = Reason::none;
  }
  deadline_ms = seconds_max == 0 ? 0 : milliseconds_now() + (seconds_max * 1'000);
  heard = true;
}

WishToStop::~WishToStop() {
  heard = inner_;
  deadline_ms = 0;
  if (inner_ && why == Reason::seconds_max) {  // its own, not the other's
    wished = false;
    why = Reason::none;
  }
}

// The ticks look at the clock.
bool WishToStop::is_there() const { return stop_asked(); }

std::string_view WishToStop::reason() const {
  switch (why) {
    case Reason::none:
      break;
    case Reason::interrupt:
      return "interrupt";
    case Reason::seconds_max:
      return "seconds-max";
  }
  return "";
}

}  // namespace racelab
