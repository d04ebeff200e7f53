// The events of virtual time, earliest first; events of one instant in the order they were scheduled.
//
// Time is cut into blocks of 1,024 us. Two near wheels, one slot per microsecond, hold the block that runs and the one after
// it; a far wheel, one slot per block, holds the blocks of the same 4.2 s; an overflow list holds what lies beyond.
// Scheduling and cancelling take constant time wherever the event stands: every call arms a timeout, and nearly every
// timeout is cancelled.
//
// Invariants, with b the running block: an event lies in a near wheel exactly when its block is b or b + 1; in the far
// wheel exactly when it is later, but in the same far period as b + 1; else in the overflow list. A slot that holds an
// event has its bit set (a set bit may be stale after a cancel). Every move between them keeps the order of scheduling, and
// is made before anything could be scheduled directly into the block that moves.
#pragma once

#include <array>
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
      // Nothing in the running block is earlier than the last event, so its word is where to look first.
      Wheel<near_slots>& wheel = *running_;
      std::uint64_t& word = wheel.words[word_];
      if (word == 0) {
        wheel.summary &= ~(std::uint64_t{1} << word_);
        if (wheel.summary != 0) {
          word_ = lowest_bit(wheel.summary);
        } else {
          advance();
        }
        continue;
      }
      EventLink& list = wheel.slots[(word_ * 64) + lowest_bit(word)];
      EventLink* const first = list.next;
      EventLink* const second = first->next;
      // The lowest bit goes when the slot holds no more. By arithmetic: nothing foretells how many events share an
      // instant, and a branch that is guessed wrong costs as much as the rest of this function.
      word &= word - std::uint64_t{second == &list};
      if (first == &list) {  // it was a stale bit
        continue;
      }
      auto& event = static_cast<Event&>(*first);
      unlink(event);
      --size_;
      now_ = event.at;
      return &event;
    }
  }

  /// Back to time zero. Expects that nothing is scheduled any more.
  void reset();

 private:
  // The two near wheels together fit a first-level cache of 32 KiB.
  static constexpr unsigned near_bits = 10;
  static constexpr unsigned far_bits = 12;
  static constexpr std::size_t near_slots = std::size_t{1} << near_bits;
  static constexpr std::size_t far_slots = std::size_t{1} << far_bits;

  // Of bits that are not all zero. Not std::countr_zero, which would ask.
  static std::size_t lowest_bit(std::uint64_t bits) {
    return static_cast<std::size_t>(__builtin_ctzll(bits));
  }

  template <std::size_t count>
  struct Wheel {
    static_assert(count / 64 <= 64, "one summary word covers a wheel");
    // Bit w: words[w] is not zero. Of the running wheel, the bit of word_ may be stale: pop() sees to it.
    std::uint64_t summary = 0;
    std::array<std::uint64_t, count / 64> words{};
    std::array<EventLink, count> slots;

    /// The first slot whose bit is set. Expects that there is one.
    [[nodiscard]] std::size_t first() const {
      const auto word = lowest_bit(summary);
      return (word * 64) + lowest_bit(words[word]);
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
    const std::uint64_t block = at >> near_bits;
    if (block - block_ <= 1) {
      near_[block % 2].add(event, at % near_slots);
    } else if (block >> far_bits == far_period_) {
      far_.add(event, block % far_slots);
    } else {
      append(beyond_, event);
    }
  }
  // The running block has no event left and another one has: moves on to the next block that has.
  void advance();
  void enter(std::uint64_t block);
  void place_all(EventLink& list);

  Instant now_{};
  std::size_t size_ = 0;
  std::uint64_t block_ = 0;       // the one that runs
  std::uint64_t far_period_ = 0;  // which 4,096 blocks the far wheel covers: those of block_ + 1
  std::array<Wheel<near_slots>, 2> near_;   // block b in wheel b % 2
  Wheel<near_slots>* running_ = &near_[0];  // the wheel of block_
  std::size_t word_ = 0;                    // of its bits: no earlier one is set
  Wheel<far_slots> far_;
  EventLink beyond_;
};

}  // namespace racelab
