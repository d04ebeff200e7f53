// The bare wheel: a list per slot, first come first served, and a bit per slot that holds something. 64 events reschedule themselves for ever over 4,096 slots, as the timer benchmark's do.
#include "bench/floor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

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

}  // namespace

// Where a wheel happens to lie in memory moves its speed by a tenth, for as long as it lives: so the rounds go over several.
double floor_round() {
  constexpr int events = 100'000;
  static std::array<Floor, 16> floors;
  static std::size_t round = 0;
  Floor& floor = floors[round++ % floors.size()];
  const Stopwatch watch;
  for (int i = 0; i < events; ++i) {
    floor.step();
  }
  benchmark::DoNotOptimize(floor.wheel.now);
  return watch.nanoseconds() / events;
}

void bare_wheel_floor(benchmark::State& state) {
  Floor bare;
  run_against_floor(state, 100'000, [&bare]() -> std::uint64_t {
    bare.step();
    return 1;
  });
}

void report_ratio(benchmark::State& state, const std::vector<Round>& rounds) {
  const auto median_of = [&rounds](auto figure) {
    std::vector<double> figures;
    std::transform(rounds.begin(), rounds.end(), std::back_inserter(figures), figure);
    const auto middle = figures.begin() + static_cast<std::ptrdiff_t>(figures.size() / 2);
    std::nth_element(figures.begin(), middle, figures.end());
    return *middle;
  };
  state.counters["event_ns"] = median_of([](const Round& round) { return round.event; });
  state.counters["floor_ns"] = median_of([](const Round& round) { return round.floor; });
  state.counters["ratio_to_floor"] =
      median_of([](const Round& round) { return round.event / round.floor; });
}

}  // namespace racelab
