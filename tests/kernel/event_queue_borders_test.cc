// The event queue where its parts meet: thousands of events at once, each aimed at an absolute border (of a block, of a
// period, of a word of 64 bits) or at a place beyond it, rescheduled when they pop and cancelled at random. The oracle is
// what the queue claims to be: a stable sort by time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "sim/kernel/event_queue.h"

namespace racelab::event_queue_borders_test {
namespace {

constexpr std::int64_t block = 1024;           // us: a near wheel
constexpr std::int64_t period = block * 4096;  // the far wheel: 4.2 s
constexpr std::int64_t hour = 3'600'000'000;

// Where an event may be aimed, from `now` on.
class Aim {
 public:
  explicit Aim(std::uint64_t seed) : bits_(seed) {}

  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(bits_() % static_cast<std::uint64_t>(limit));
  }
  std::int64_t from(std::int64_t now) {
    switch (below(8)) {
      case 0:
        return now;
      case 1:
        return now + below(64);
      case 2:
        return now + below(3 * block);
      case 3:
        return at_border(now, 64);
      case 4:
        return at_border(now, block);
      case 5:
        return at_border(now, period);
      case 6:
        return now + below(2 * period);
      default:
        return now + below(3 * hour);
    }
  }

 private:
  // Within 2 us of one of the next three borders.
  std::int64_t at_border(std::int64_t now, std::int64_t span) {
    const std::int64_t border = ((now / span) + 1 + below(3)) * span;
    return std::max(now, border + below(5) - 2);
  }

  std::mt19937_64 bits_;
};

struct Numbered : Event {
  std::size_t number = 0;
};

// Time and order of scheduling; the set is the sort.
class Oracle {
 public:
  void schedule(std::size_t event, std::int64_t at) {
    places_[event] = {at, ++scheduled_, event};
    sorted_.insert(places_[event]);
  }
  void cancel(std::size_t event) { sorted_.erase(places_[event]); }
  struct Place {
    std::int64_t at = 0;
    std::uint64_t order = 0;
    std::size_t event = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  Place pop() {
    const Place first = *sorted_.begin();
    sorted_.erase(sorted_.begin());
    return first;
  }
  explicit Oracle(std::size_t events) : places_(events) {}
  [[nodiscard]] std::size_t size() const { return sorted_.size(); }

 private:
  std::vector<Place> places_;
  std::set<Place> sorted_;
  std::uint64_t scheduled_ = 0;
};

class Crowd : public testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr std::size_t events_max = 2'000;
  Crowd() : events(std::make_unique<Numbered[]>(events_max)), aim(GetParam()) {
    for (std::size_t i = 0; i < events_max; ++i) {
      events[i].number = i;
    }
  }
  std::int64_t schedule(std::size_t event) {
    const std::int64_t at = aim.from(queue->now().microseconds);
    queue->schedule(events[event], Instant{at});
    oracle.schedule(event, at);
    return at;
  }
  void cancel(std::size_t event) {
    queue->cancel(events[event]);
    oracle.cancel(event);
  }
  // The event that both agree on; events_max if they do not.
  std::size_t pop() {
    const Oracle::Place expected = oracle.pop();
    const auto* popped = static_cast<Numbered*>(queue->pop());
    EXPECT_NE(popped, nullptr);
    if (popped == nullptr || popped->number != expected.event ||
        queue->now() != Instant{expected.at}) {
      ADD_FAILURE() << "expected event " << expected.event << " at " << expected.at;
      return events_max;
    }
    return popped->number;
  }
  std::size_t random_event() {
    return static_cast<std::size_t>(aim.below(std::int64_t{events_max}));
  }

  std::unique_ptr<Numbered[]> events;  // outlives the queue
  std::unique_ptr<EventQueue> queue = std::make_unique<EventQueue>();
  Oracle oracle{events_max};
  Aim aim;
};

INSTANTIATE_TEST_SUITE_P(Seeds, Crowd, testing::Range<std::uint64_t>(0, 8),
                         [](const auto& seed) { return "seed_" + std::to_string(seed.param); });

// A simulation's life: what pops schedules something else, and cancels something (a reply cancels its timeout).
TEST_P(Crowd, comes_out_sorted_while_popped_events_schedule_and_cancel) {
  for (std::size_t event = 0; event < events_max; event += 2) {
    schedule(event);
  }
  for (int step = 0; step < 20'000 && oracle.size() > 0; ++step) {
    const std::size_t popped = pop();
    ASSERT_NE(popped, events_max) << "at step " << step;
    for (const std::size_t other : {popped, random_event()}) {
      if (!events[other].scheduled() && oracle.size() < 1'500) {
        schedule(other);
      }
    }
    if (const std::size_t other = random_event(); events[other].scheduled()) {
      cancel(other);
    }
  }
  while (oracle.size() > 0) {
    ASSERT_NE(pop(), events_max);
  }
  EXPECT_EQ(queue->pop(), nullptr);
}

// Few events and mostly cancels: nearly every set bit is stale, and the queue runs empty again and again.
TEST_P(Crowd, leaves_no_trace_when_it_is_cancelled) {
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::size_t> scheduled;
    for (std::int64_t count = aim.below(12); count > 0; --count) {
      const std::size_t event = random_event();
      if (!events[event].scheduled()) {
        schedule(event);
        scheduled.push_back(event);
      }
    }
    for (const std::size_t event : scheduled) {
      if (aim.below(4) > 0) {
        cancel(event);
      }
    }
    while (oracle.size() > 0) {
      ASSERT_NE(pop(), events_max) << "in round " << round;
    }
    ASSERT_EQ(queue->pop(), nullptr);
    ASSERT_EQ(queue->pop(), nullptr);
    if (aim.below(50) == 0) {
      queue->reset();  // with stale bits in all three wheels
      ASSERT_EQ(queue->now(), Instant{0});
    }
  }
}

// One instant, chosen so that it is scheduled from all four distances: beyond, far, the block after the running one, the
// running one. `stops` are when the others are scheduled.
void expect_in_order_of_scheduling(std::int64_t target, const std::vector<std::int64_t>& stops) {
  EventQueue queue;
  std::vector<Event> stop(stops.size());
  std::vector<Event> same(2 * (stops.size() + 1));
  const auto schedule_two = [&](std::size_t first) {
    queue.schedule(same[first], Instant{target});
    queue.schedule(same[first + 1], Instant{target});
  };
  schedule_two(0);
  for (std::size_t i = 0; i < stops.size(); ++i) {
    queue.schedule(stop[i], Instant{stops[i]});
    ASSERT_EQ(queue.pop(), &stop[i]) << target;
    schedule_two(2 * (i + 1));
  }
  for (Event& event : same) {
    ASSERT_EQ(queue.pop(), &event) << "event " << &event - same.data() << " of " << target;
  }
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST(EventQueueBorders, one_instant_keeps_its_order_from_four_distances) {
  for (const std::int64_t border : {block, 2 * block, 7 * block, period, 2 * period, 5 * period}) {
    for (const std::int64_t offset : {-2, -1, 0, 1, 2}) {
      const std::int64_t target = (3 * period) + border + offset;
      expect_in_order_of_scheduling(
          target, {target - period, target - (2 * block) - 1, target - (2 * block), target - block,
                   target - block + 1, target - 1});
    }
  }
}

// The clock stands just before, at or just after a border; the event stands likewise at one of the next ones.
TEST(EventQueueBorders, every_step_over_a_border_arrives) {
  for (const std::int64_t span : {block, period}) {
    for (std::int64_t start = span - 2; start <= span + 2; ++start) {
      for (std::int64_t borders = 0; borders <= 3; ++borders) {
        for (std::int64_t offset = -2; offset <= 2; ++offset) {
          const std::int64_t end = (span * (1 + borders)) + offset;
          if (end <= start) {
            continue;
          }
          EventQueue queue;
          Event first;
          Event last;
          queue.schedule(last, Instant{end});
          queue.schedule(first, Instant{start});
          ASSERT_EQ(queue.pop(), &first);
          ASSERT_EQ(queue.pop(), &last) << start << " to " << end;
          ASSERT_EQ(queue.now(), Instant{end});
        }
      }
    }
  }
}

}  // namespace
}  // namespace racelab::event_queue_borders_test
