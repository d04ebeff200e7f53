// The bare wheel: a list per slot, first come first served, and a bit per slot that holds something. 64 events reschedule themselves for ever over 4,096 slots, as the timer benchmark's do.
#include "bench/floor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace racelab {

namespace {

constexpr std::size_t slot_count = 4096;

struct BareLink {
  BareLink* previous = nullptr;
  BareLink* next = nullptr;
};

struct BareEvent : BareLink {
  void (*happen)(struct BareWheel&, BareEvent&) = nullptr;
  std::uint64_t span = 0;
};

struct BareWheel {
  std::array<BareLink, slot_count> slots{};
  std::array<std::uint64_t, slot_count / 64> bits{};
  std::uint64_t now = 0;

  BareWheel() {
    for (BareLink& slot : slots) {
      slot.previous = slot.next = &slot;
    }
  }
  // Behind those of the same instant, and so that it could be cancelled.
  void schedule(BareEvent& event, std::uint64_t at) {
    BareLink& slot = slots[at % slot_count];
    event.previous = slot.previous;
    event.next = &slot;
    slot.previous->next = &event;
    slot.previous = &event;
    bits[at % slot_count / 64] |= std::uint64_t{1} << (at % 64);
  }
  // The earliest event, known to be less than a turn away.
  BareEvent& pop() {
    std::size_t slot = now % slot_count;
    std::size_t word = slot / 64;
    std::uint64_t rest = bits[word] & (~std::uint64_t{0} << (slot % 64));
    while (rest == 0) {
      word = (word + 1) % bits.size();
      rest = bits[word];
    }
    slot = (word * 64) + static_cast<std::size_t>(std::countr_zero(rest));
    now += (slot - now) % slot_count;
    auto& event = static_cast<BareEvent&>(*slots[slot].next);
    event.previous->next = event.next;
    event.next->previous = event.previous;
    if (event.previous == event.next) {
      bits[word] &= ~(std::uint64_t{1} << (slot % 64));
    }
    return event;
  }
};

void again(BareWheel& wheel, BareEvent& event) { wheel.schedule(event, wheel.now + event.span); }

struct Floor {
  BareWheel wheel;
  std::array<BareEvent, 64> events;

  Floor() {
    std::uint64_t span = 700;
    for (BareEvent& event : events) {
      event.happen = again;
      event.span = span;
      span += 7;
      wheel.schedule(event, event.span);
    }
  }
  void step() {
    BareEvent& event = wheel.pop();
    event.happen(wheel, event);
  }
};

double measure() {
  constexpr int rounds = 15;
  constexpr int events = 200'000;
  double best = 1e9;
  Floor floor;
  for (int round = 0; round < rounds; ++round) {
    const Stopwatch watch;
    for (int i = 0; i < events; ++i) {
      floor.step();
    }
    benchmark::DoNotOptimize(floor.wheel.now);
    best = std::min(best, watch.nanoseconds() / events);
  }
  return best;
}

}  // namespace

double floor_nanoseconds() {
  static const double nanoseconds = measure();
  return nanoseconds;
}

void bare_wheel_floor(benchmark::State& state) {
  const double floor = floor_nanoseconds();
  Floor bare;
  const Stopwatch watch;
  for (auto _ : state) {
    bare.step();
  }
  report_ratio(state, watch, floor);
}

void report_ratio(benchmark::State& state, const Stopwatch& watch, double floor,
                  double events_per_iteration) {
  const double each =
      watch.nanoseconds() / (static_cast<double>(state.iterations()) * events_per_iteration);
  state.counters["event_ns"] = each;
  state.counters["floor_ns"] = floor;
  state.counters["ratio_to_floor"] = each / floor;
}

}  // namespace racelab
