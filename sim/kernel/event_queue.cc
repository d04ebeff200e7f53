// The rare half of the event queue: moving on to the next block of time.
#include "sim/kernel/event_queue.h"

#include <algorithm>

namespace racelab {

namespace {

void make_empty(EventLink& list) { list.previous = list.next = &list; }

}  // namespace

EventQueue::EventQueue() {
  for (auto& wheel : near_) {
    std::for_each(wheel.slots.begin(), wheel.slots.end(), make_empty);
  }
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
  running_ = &near_[block % 2];
  word_ = 0;
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

void EventQueue::advance() {
  if (near_[(block_ + 1) % 2].summary != 0) {
    enter(block_ + 1);
    return;
  }
  while (far_.summary != 0) {
    const std::size_t slot = far_.first();
    if (far_.slots[slot].next != &far_.slots[slot]) {
      enter((far_period_ << far_bits) + slot);
      return;
    }
    far_.clear(slot);
  }
  RACELAB_EXPECT(beyond_.next != &beyond_);
  std::uint64_t earliest = UINT64_MAX;
  for (const EventLink* link = beyond_.next; link != &beyond_; link = link->next) {
    earliest = std::min(earliest, ticks(static_cast<const Event*>(link)->at));
  }
  // Not within the near blocks or the far period: everything there is empty, so nothing is skipped.
  far_period_ = UINT64_MAX;
  enter(earliest >> near_bits);
}

void EventQueue::reset() {
  RACELAB_EXPECT(size_ == 0);
  now_ = {};
  block_ = far_period_ = 0;
  running_ = &near_[0];
  word_ = 0;
  for (auto& wheel : near_) {
    wheel.summary = 0;
    wheel.words.fill(0);
  }
  far_.summary = 0;
  far_.words.fill(0);
}

}  // namespace racelab
