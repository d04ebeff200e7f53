// The events of virtual time, earliest first; events of one instant in the order they were scheduled.
//
// Time is cut into blocks of 1,024 us. A near wheel, one slot per microsecond, holds the block that runs and the one after
// it; a far wheel, one slot per block, holds the blocks of the same 4.2 s; an overflow list holds what lies beyond.
// Scheduling and cancelling take constant time wherever the event stands: every call arms a timeout, and nearly every
// timeout is cancelled.
//
// Invariants, with b the running block: an event lies in the near wheel exactly when its block is b or b + 1; in the far
// wheel exactly when it is later, but in the same far period as b + 1; else in the overflow list. A slot that holds an
// event has its bit set (a set bit may be stale after a cancel). Every move between them keeps the order of scheduling, and
// is made before anything could be scheduled directly into the block that moves.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

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

  /// Time may not go backwards: `at` must not lie before now().
  void schedule(Event& event, Instant at) {
    RACELAB_EXPECT(at >= now_ && !event.scheduled());
    event.at = at;
    place(event);
  }

  void cancel(Event& event) {
    RACELAB_EXPECT(event.scheduled());
    unlink(event);
  }

  /// Takes the earliest event and moves the clock to it; nullptr when there is none.
  [[nodiscard]] Event* pop() {
    // Nothing in the running block is earlier than the last event, so its word is where to look first.
    while (bits_ != 0 || next_word()) {
      EventLink& list = near_.slots[(word_ * 64) + lowest_bit(bits_)];
      EventLink* const first = list.next;
      // The lowest bit goes when the slot holds no more than one. By arithmetic: nothing foretells how many events share an
      // instant, and a branch that is guessed wrong costs as much as the rest of this function. And by the slot's own two
      // links: the next pop waits for this bit, and should not wait for the event's memory too.
      bits_ &= bits_ - std::uint64_t{first == list.previous};
      if (first != &list) {  // else it was a stale bit
        auto& event = static_cast<Event&>(*first);
        list.next = event.next;
        event.next->previous = &list;
        event.next = nullptr;
        now_ = event.at;
        return &event;
      }
    }
    return nullptr;
  }

  /// Back to time zero. Expects that nothing is scheduled any more.
  void reset();

 private:
  // The near wheel fits a first-level cache of 32 KiB.
  static constexpr unsigned near_bits = 10;
  static constexpr unsigned far_bits = 12;
  static constexpr std::size_t near_slots = std::size_t{2} << near_bits;
  static constexpr std::size_t far_slots = std::size_t{1} << far_bits;
  static constexpr std::size_t block_words = near_slots / 2 / 64;

  // Of bits that are not all zero. Not std::countr_zero, which would ask.
  static std::size_t lowest_bit(std::uint64_t bits) {
    return static_cast<std::size_t>(__builtin_ctzll(bits));
  }

  template <std::size_t count>
  struct Wheel {
    static_assert(count / 64 <= 64, "one summary word covers a wheel");
    // Bit w: words[w] is not zero. Of the near wheel, the bit of the running word is stale: next_word() sees to it.
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
      const std::size_t slot = at % near_slots;
      append(near_.slots[slot], event);
      if (slot / 64 == word_) {
        bits_ |= std::uint64_t{1} << (slot % 64);
      } else {
        near_.mark(slot);
      }
    } else if (block >> far_bits == far_period_) {
      const std::size_t slot = block % far_slots;
      append(far_.slots[slot], event);
      far_.mark(slot);
    } else {
      append(beyond_, event);
    }
  }
  // Of the near wheel's words, those of a block begin here.
  static std::size_t first_word(std::uint64_t block) { return block % 2 * block_words; }
  // The running word has no event left: moves on to the next that has, in whatever block. False: there is no event at all.
  bool next_word() {
    constexpr std::uint64_t words = (std::uint64_t{1} << block_words) - 1;
    do {
      near_.summary &= ~(std::uint64_t{1} << word_);
      const std::uint64_t rest = near_.summary & (words << first_word(block_));
      if (rest != 0) {
        run_word(lowest_bit(rest));
      } else if (!next_block()) {
        return false;
      }
    } while (bits_ == 0);  // a block need not have an event in its first word
    return true;
  }
  // All of the running block has none: moves on to the first word of the next block that has. False: there is none.
  bool next_block();
  void run_word(std::size_t word) {
    word_ = word;
    bits_ = std::exchange(near_.words[word], 0);
  }
  void enter(std::uint64_t block);
  void place_all(EventLink& list);

  Instant now_{};
  std::uint64_t block_ = 0;       // the one that runs
  std::uint64_t far_period_ = 0;  // which 4,096 blocks the far wheel covers: those of block_ + 1
  // The running word: no earlier one of the running block has a bit set. It is kept here and is zero in the wheel, where the
  // next pop would have to wait until it is known which word the last schedule wrote.
  std::size_t word_ = 0;
  std::uint64_t bits_ = 0;
  Wheel<near_slots> near_;  // blocks of even number in its first half
  Wheel<far_slots> far_;
  EventLink beyond_;
};

}  // namespace racelab
