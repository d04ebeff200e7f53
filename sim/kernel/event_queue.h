// The events of virtual time, earliest first; events of one instant in the order they were scheduled.
//
// A timing wheel for near events (one slot per microsecond, 4,096 of them), a coarser wheel for far ones (one slot per
// 4,096 us, 16.8 s in all), and an overflow list beyond. Scheduling and cancelling take constant time wherever the event
// stands: every call arms a timeout, and nearly every timeout is cancelled.
//
// Invariants: an event lies in the near wheel exactly when it falls in the near wheel's 4,096 us; in the far wheel
// exactly when it does not, but falls in the far wheel's 16.8 s; else in the overflow list. A slot that holds an event
// has its bit set (a set bit may be stale after a cancel). Every move between them keeps the order of scheduling.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "sim/kernel/expect.h"
#include "sim/kernel/time.h"

namespace racelab {

/// A place in a circular list. An event is a link, so that scheduling allocates nothing.
struct EventLink {
  EventLink* previous = nullptr;
  EventLink* next = nullptr;
};

/// Something that happens at an instant. Lives in whatever waits for it (an awaiter, a message); must not move and must
/// not be destroyed while it is scheduled.
struct Event : EventLink {
  Instant at{};

  [[nodiscard]] bool scheduled() const { return next != nullptr; }
};

class EventQueue {
 public:
  EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  /// The instant of the last popped event.
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Time may not go backwards: `at` must not lie before now().
  void schedule(Event& event, Instant at) {
    RACELAB_EXPECT(at >= now_ && !event.scheduled());
    event.at = at;
    ++size_;
    place(event);
  }

  void cancel(Event& event) {
    RACELAB_EXPECT(event.scheduled());
    unlink(event);
    --size_;
  }

  /// Takes the earliest event and moves the clock to it; nullptr when there is none.
  [[nodiscard]] Event* pop() {
    if (size_ == 0) {
      return nullptr;
    }
    while (true) {
      while (near_.summary != 0) {
        const std::size_t slot = near_.first();
        EventLink& list = near_.slots[slot];
        if (list.next != &list) {
          auto& event = static_cast<Event&>(*list.next);
          unlink(event);
          --size_;
          now_ = event.at;
          return &event;
        }
        near_.clear(slot);
      }
      advance();
    }
  }

  /// Back to time zero. Expects that nothing is scheduled any more.
  void reset();

 private:
  static constexpr unsigned slot_bits = 12;
  static constexpr std::size_t slot_count = std::size_t{1} << slot_bits;

  struct Wheel {
    std::uint64_t summary = 0;  // bit w: words[w] is not zero
    std::array<std::uint64_t, slot_count / 64> words{};
    std::array<EventLink, slot_count> slots;

    [[nodiscard]] std::size_t first() const {
      const auto word = static_cast<std::size_t>(std::countr_zero(summary));
      return (word * 64) + static_cast<std::size_t>(std::countr_zero(words[word]));
    }
    void mark(std::size_t slot) {
      words[slot / 64] |= std::uint64_t{1} << (slot % 64);
      summary |= std::uint64_t{1} << (slot / 64);
    }
    void clear(std::size_t slot) {
      words[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
      if (words[slot / 64] == 0) {
        summary &= ~(std::uint64_t{1} << (slot / 64));
      }
    }
    void add(Event& event, std::size_t slot) {
      append(slots[slot], event);
      mark(slot);
    }
  };
  static_assert(slot_count / 64 == 64, "one summary word covers a wheel");

  static void append(EventLink& list, Event& event) {
    event.previous = list.previous;
    event.next = &list;
    list.previous->next = &event;
    list.previous = &event;
  }
  static void unlink(Event& event) {
    event.previous->next = event.next;
    event.next->previous = event.previous;
    event.next = nullptr;
  }

  static std::uint64_t ticks(Instant at) { return static_cast<std::uint64_t>(at.microseconds); }

  void place(Event& event) {
    const std::uint64_t at = ticks(event.at);
    if (at >> slot_bits == near_block_) {
      near_.add(event, at % slot_count);
    } else if (at >> (2 * slot_bits) == far_block_) {
      far_.add(event, (at >> slot_bits) % slot_count);
    } else {
      append(beyond_, event);
    }
  }
  // The near wheel is empty and an event is left elsewhere: brings the next block of events nearer.
  void advance();
  void place_all(EventLink& list);

  Instant now_{};
  std::size_t size_ = 0;
  std::uint64_t near_block_ = 0;  // which 4,096 us the near wheel covers
  std::uint64_t far_block_ = 0;   // which 16.8 s the far wheel covers
  Wheel near_;
  Wheel far_;
  EventLink beyond_;
};

}  // namespace racelab
