// The rare half of the event queue: moving on to the next block of time.
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

void EventQueue::advance() {
  while (far_.summary != 0) {
    const std::size_t slot = far_.first();
    EventLink& list = far_.slots[slot];
    far_.clear(slot);
    if (list.next != &list) {
      near_block_ = (far_block_ << slot_bits) + slot;
      place_all(list);
      return;
    }
  }
  RACELAB_EXPECT(beyond_.next != &beyond_);
  std::uint64_t earliest = UINT64_MAX;
  for (const EventLink* link = beyond_.next; link != &beyond_; link = link->next) {
    earliest = std::min(earliest, ticks(static_cast<const Event*>(link)->at));
  }
  far_block_ = earliest >> (2 * slot_bits);
  near_block_ = earliest >> slot_bits;
  place_all(beyond_);
}

void EventQueue::reset() {
  RACELAB_EXPECT(size_ == 0);
  now_ = {};
  near_block_ = far_block_ = 0;
  near_.summary = far_.summary = 0;
  near_.words.fill(0);
  far_.words.fill(0);
}

}  // namespace racelab
