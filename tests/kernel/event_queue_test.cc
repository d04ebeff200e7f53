// The event queue against the obvious thing: a set sorted by time and order of scheduling. The delays aim at the places
// where events move from one wheel to the next (1,024 us, 4,096 blocks).
#include "sim/kernel/event_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "tests/property.h"

namespace racelab::event_queue_test {
namespace {

constexpr std::int64_t block = 1024;
constexpr std::int64_t period = block * 4096;

std::int64_t delay_near_a_border() {
  const auto some = [](std::int64_t limit) { return *rc::gen::inRange<std::int64_t>(0, limit); };
  switch (some(7)) {
    case 0:
      return some(4);
    case 1:
      return some(2 * block);
    case 2:
      return some(5) * block;
    case 3:
      return (some(4) * period) + (some(3) * block) + some(3);
    case 4:
      return some(5'000'000);
    case 5:
      return some(20'000'000'000);  // hours
    default:
      return 0;
  }
}

TEST(EventQueue, agrees_with_a_sorted_set) {
  check_property(1'000, [] {
    using Entry = std::tuple<std::int64_t, std::uint64_t, std::size_t>;  // time, order, which
    const auto queue = std::make_unique<EventQueue>();
    std::vector<Event> events(*rc::gen::inRange<std::size_t>(1, 30));
    std::vector<std::uint64_t> order(events.size());
    std::set<Entry> expected;
    std::uint64_t scheduled = 0;
    const auto schedule = [&](std::size_t which) {
      const std::int64_t at = queue->now().microseconds + delay_near_a_border();
      queue->schedule(events[which], Instant{at});
      order[which] = scheduled;
      expected.insert(Entry{at, scheduled++, which});
    };
    for (int step = 0; step < 300; ++step) {
      const auto which = *rc::gen::inRange<std::size_t>(0, events.size());
      if (*rc::gen::inRange(0, 3) > 0 && !events[which].scheduled()) {
        schedule(which);
      } else if (*rc::gen::inRange(0, 3) == 0 && events[which].scheduled()) {
        expected.erase(Entry{events[which].at.microseconds, order[which], which});
        queue->cancel(events[which]);
      } else {
        Event* popped = queue->pop();
        RC_ASSERT((popped == nullptr) == expected.empty());
        if (popped != nullptr) {
          RC_ASSERT(popped == &events[std::get<2>(*expected.begin())]);
          RC_ASSERT(queue->now().microseconds == std::get<0>(*expected.begin()));
          expected.erase(expected.begin());
        }
      }
    }
    for (Event& event : events) {
      if (event.scheduled()) {
        queue->cancel(event);
      }
    }
  });
}

std::vector<std::int64_t> times(EventQueue& queue) {
  std::vector<std::int64_t> all;
  while (queue.pop() != nullptr) {
    all.push_back(queue.now().microseconds);
  }
  return all;
}

TEST(EventQueue, is_empty_at_first) {
  EventQueue queue;
  EXPECT_EQ(queue.pop(), nullptr);
  EXPECT_EQ(queue.now(), Instant{0});
}

TEST(EventQueue, near_far_and_beyond_come_in_order) {
  EventQueue queue;
  Event hour;
  Event second;
  Event millisecond;
  Event now;
  queue.schedule(hour, Instant{3'600'000'000});
  queue.schedule(second, Instant{1'000'000});
  queue.schedule(millisecond, Instant{1'000});
  queue.schedule(now, Instant{0});
  EXPECT_EQ(times(queue), (std::vector<std::int64_t>{0, 1'000, 1'000'000, 3'600'000'000}));
}

// The first was scheduled when this instant lay far ahead, the second when it was near.
TEST(EventQueue, one_instant_keeps_the_order_of_scheduling_across_the_wheels) {
  EventQueue queue;
  Event early;
  Event late;
  Event before;
  queue.schedule(early, Instant{5 * period});
  queue.schedule(before, Instant{(5 * period) - 1});
  EXPECT_EQ(queue.pop(), &before);
  queue.schedule(late, Instant{5 * period});
  EXPECT_EQ(queue.pop(), &early);
  EXPECT_EQ(queue.pop(), &late);
}

TEST(EventQueue, a_cancelled_event_does_not_come_wherever_it_stood) {
  EventQueue queue;
  Event near;
  Event far;
  Event beyond;
  Event kept;
  queue.schedule(near, Instant{10});
  queue.schedule(far, Instant{50'000});
  queue.schedule(beyond, Instant{10 * period});
  queue.schedule(kept, Instant{50'001});
  queue.cancel(near);
  queue.cancel(far);
  queue.cancel(beyond);
  EXPECT_FALSE(near.scheduled());
  EXPECT_EQ(times(queue), (std::vector<std::int64_t>{50'001}));
  queue.schedule(near, Instant{60'000});  // and can be used again
  EXPECT_EQ(queue.pop(), &near);
}

TEST(EventQueue, reset_goes_back_to_time_zero) {
  EventQueue queue;
  Event event;
  queue.schedule(event, Instant{7 * period});
  EXPECT_EQ(queue.pop(), &event);
  queue.reset();
  EXPECT_EQ(queue.now(), Instant{0});
  queue.schedule(event, Instant{3});
  EXPECT_EQ(times(queue), (std::vector<std::int64_t>{3}));
}

TEST(EventQueueDeathTest, time_never_goes_backwards) {
  EventQueue queue;
  Event event;
  queue.schedule(event, Instant{100});
  static_cast<void>(queue.pop());
  EXPECT_DEATH(queue.schedule(event, Instant{99}), "racelab bug: expected at >= now_");
}

TEST(EventQueueDeathTest, an_event_is_scheduled_once) {
  EventQueue queue;
  Event event;
  queue.schedule(event, Instant{100});
  EXPECT_DEATH(queue.schedule(event, Instant{100}), "racelab bug");
  queue.cancel(event);
  EXPECT_DEATH(queue.cancel(event), "racelab bug");
}

}  // namespace
}  // namespace racelab::event_queue_test
