// The rare half of the event queue: moving on in time.
#include "sim/kernel/event_queue.h"

#include <algorithm>

namespace racelab {

namespace {

void make_empty(EventLink& list) { list.previous = list.next = &list; }

}  // namespace

EventQueue::EventQueue() {
  std::for_each(near_.slots.begin(), near_.slots.end(), make_empty);
  std::for_each(far_.slots.begin(), far_.slots.end(), make_empty);
  make_empty(beyond_);
}

void EventQueue::place_all(EventLink& list) {
  EventLink* link = list.next;
  make_empty(list);
  while (link != &list) {
    EventLink* following = link->next;
    place(static_cast<Event&>(*link));
    link = following;
  }
}

void EventQueue::enter(std::uint64_t block) {
  block_ = block;
  run_word(first_word(block));
  const std::uint64_t period = (block + 1) >> far_bits;
  const bool new_period = period != far_period_;
  if (new_period) {
    // The far wheel's period ends with this block, so it holds nothing later.
    far_period_ = period;
  }
  // What the far wheel holds of the two near blocks, and what comes within its reach.
  for (const std::uint64_t near : {block, block + 1}) {
    const std::size_t slot = near % far_slots;
    far_.clear(slot);
    place_all(far_.slots[slot]);
  }
  if (new_period) {
    place_all(beyond_);
  }
}

bool EventQueue::next_block() {
  if (near_.summary != 0) {
    enter(block_ + 1);
    return true;
  }
  while (far_.summary != 0) {
    const std::size_t slot = far_.first();
    if (far_.slots[slot].next != &far_.slots[slot]) {
      enter((far_period_ << far_bits) + slot);
      return true;
    }
    far_.clear(slot);
  }
  // Nothing near and nothing far, so nothing is skipped.
  far_period_ = UINT64_MAX;
  if (beyond_.next == &beyond_) {
    enter(ticks(now_) >> near_bits);  // stale bits may have led past it
    return false;
  }
  std::uint64_t earliest = UINT64_MAX;
  for (const EventLink* link = beyond_.next; link != &beyond_; link = link->next) {
    earliest = std::min(earliest, ticks(static_cast<const Event*>(link)->at));
  }
  enter(earliest >> near_bits);
  return true;
}

void EventQueue::reset() {
  RACELAB_EXPECT(pop() == nullptr);  // which has left no bit set
  now_ = {};
  enter(0);
}

}  // namespace racelab
