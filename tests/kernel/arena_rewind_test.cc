// Stepping back: whatever a world did after it was saved (grew by chunks, freed, rehashed, finished its coroutines, killed
// them) is undone by restore(), to the byte and at the same addresses, as often as one likes and in any order of snapshots.
#include <gtest/gtest.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/event_queue.h"
#include "sim/kernel/task.h"
#include "sim/store/store.h"

namespace racelab::arena_rewind_test {
namespace {

TEST(ArenaContainers, stay_inside_when_copied_moved_and_swapped) {
  Arena arena(64);
  ArenaVector<int> numbers(5, 1, ArenaAllocator<int>{arena});
  ArenaVector<int> copy(numbers);
  ArenaVector<int> assigned(ArenaAllocator<int>{arena});
  assigned = numbers;
  const int* before = numbers.data();
  ArenaVector<int> moved(std::move(numbers));
  EXPECT_EQ(moved.data(), before);
  moved.push_back(2);
  std::swap(moved, copy);
  for (const ArenaVector<int>* each : {&copy, &assigned, &moved}) {
    EXPECT_TRUE(arena.owns(each->data()));
    EXPECT_EQ(each->get_allocator(), ArenaAllocator<int>{arena});
  }
  EXPECT_EQ(copy.size(), 6U);
  EXPECT_EQ(moved.size(), 5U);
}

// Growing 1, 2, 4, … leaves the small blocks on their lists: a second vector that grows alike takes them all again.
TEST(ArenaContainers, that_grow_alike_use_the_same_blocks) {
  Arena arena;
  ArenaVector<std::int64_t> first(ArenaAllocator<std::int64_t>{arena});
  for (int i = 0; i < 1'000; ++i) {
    first.push_back(i);
  }
  const std::size_t used = arena.used_bytes();
  first = ArenaVector<std::int64_t>(ArenaAllocator<std::int64_t>{arena});
  for (int again = 0; again < 100; ++again) {
    ArenaVector<std::int64_t> next(ArenaAllocator<std::int64_t>{arena});
    for (int i = 0; i < 1'000; ++i) {
      next.push_back(i);
    }
  }
  EXPECT_EQ(arena.used_bytes(), used);
}

// 48 bytes: three blocks of 16 a chunk of 48, then 96, 192, …; and blocks that no chunk so far could hold.
TEST(ArenaChunks, hold_what_is_too_large_for_the_one_before) {
  Arena arena(48);
  std::vector<std::pair<char*, std::size_t>> blocks;
  for (const std::size_t bytes : {16U, 16U, 16U, 16U, 500U, 16U, 70'000U, 16U, 3'000U, 16U}) {
    blocks.emplace_back(static_cast<char*>(arena.allocate(bytes)), bytes);
    std::memset(blocks.back().first, static_cast<int>(blocks.size()), bytes);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string bytes(blocks[i].first, blocks[i].second);
    EXPECT_EQ(bytes, std::string(blocks[i].second, static_cast<char>(i + 1))) << i;
  }
  // 7 x 16 + 512 + 131,072 + 4,096: a block takes its size rounded to 16, or beyond 2 KiB to a power of two.
  EXPECT_EQ(arena.used_bytes(), 112U + 512U + 131'072U + 4'096U);
}

// After a reset the chunks are walked again, and one that is too small for what comes is passed over.
TEST(ArenaChunks, that_were_kept_may_be_too_small_and_are_passed_over) {
  Arena arena(64);
  for (int i = 0; i < 40; ++i) {
    static_cast<void>(arena.allocate(64));
  }
  arena.reset();
  void* large = arena.allocate(100'000);
  void* small = arena.allocate(64);
  EXPECT_TRUE(arena.owns(large));
  EXPECT_TRUE(arena.owns(small));
  EXPECT_EQ(arena.used_bytes(), 131'072U + 64U);
  Arena::Snapshot snapshot;
  arena.save(snapshot);
  std::memset(small, 1, 64);
  static_cast<void>(arena.allocate(200'000));
  arena.restore(snapshot);
  EXPECT_EQ(arena.used_bytes(), 131'072U + 64U);
}

TEST(ArenaSnapshots, of_nothing_can_be_restored) {
  Arena arena(64);
  Arena::Snapshot empty;
  arena.save(empty);
  void* first = arena.allocate(48);
  static_cast<void>(arena.allocate(1'000));
  arena.restore(empty);
  EXPECT_EQ(arena.used_bytes(), 0U);
  EXPECT_EQ(arena.allocate(48), first);
}

// The chunks that were added since stay for later, at their addresses: the same growth takes the same places again.
TEST(ArenaSnapshots, forget_chunks_that_came_later_and_find_them_again) {
  Arena arena(64);
  auto* numbers = arena.create<ArenaVector<int>>(ArenaAllocator<int>{arena});
  Arena::Snapshot snapshot;
  arena.save(snapshot);
  const int* grown_to = nullptr;
  for (int again = 0; again < 3; ++again) {
    for (int i = 0; i < 5'000; ++i) {
      numbers->push_back(i);
    }
    EXPECT_TRUE(grown_to == nullptr || numbers->data() == grown_to);
    grown_to = numbers->data();
    arena.restore(snapshot);
    EXPECT_TRUE(numbers->empty());
    EXPECT_EQ(numbers->capacity(), 0U);
  }
}

TEST(ArenaSnapshots, bring_the_free_lists_back) {
  Arena arena;
  void* a = arena.allocate(32);
  void* b = arena.allocate(32);
  arena.release(a, 32);
  arena.release(b, 32);
  Arena::Snapshot snapshot;
  arena.save(snapshot);
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(arena.allocate(32), b);  // last released, first used
    std::memset(b, 0xFF, 32);          // over the link to the next
    EXPECT_EQ(arena.allocate(32), a);
    arena.restore(snapshot);
  }
}

// A walk down and up again as an explorer makes it: snapshot k is taken with k entries in; they are restored in the order
// 9, 8, … 0, and then at random.
TEST(ArenaSnapshots, can_be_restored_in_any_order) {
  using Map =
      boost::unordered_flat_map<std::uint64_t, std::uint64_t, boost::hash<std::uint64_t>,
                                std::equal_to<>,
                                ArenaAllocator<std::pair<const std::uint64_t, std::uint64_t>>>;
  Arena arena(256);
  auto* map =
      arena.create<Map>(ArenaAllocator<std::pair<const std::uint64_t, std::uint64_t>>{arena});
  const auto expect_entries = [&](std::uint64_t count) {
    EXPECT_EQ(map->size(), count);
    for (std::uint64_t key = 0; key < count; ++key) {
      EXPECT_EQ(map->at(key * key), key);
    }
  };
  std::vector<Arena::Snapshot> snapshots(10);
  for (std::uint64_t count = 0; count < 10; ++count) {
    arena.save(snapshots[count]);
    map->emplace(count * count, count);  // rehashed several times on the way
  }
  for (std::uint64_t count = 10; count-- > 0;) {
    arena.restore(snapshots[count]);
    expect_entries(count);
  }
  for (const std::uint64_t count : {7U, 2U, 9U, 0U, 9U, 5U, 5U}) {
    arena.restore(snapshots[count]);
    expect_entries(count);
    map->clear();  // leaves its mark on the world, not on the snapshots
    map->emplace(77, 77);
  }
}

#ifndef RACELAB_HEAP_FRAMES
// A world as the kernel's users build it, all of it in one arena: a queue of events, a store, and two coroutines that each
// read a row and write the value read + 1. Who goes first is the order of a word.
struct World {
  explicit World(Arena& arena_) : arena(arena_), store(arena_) {
    row = store.create_row(10);
    sessions[0] = store.connect();
    sessions[1] = store.connect();
  }
  [[nodiscard]] Arena& frames() const { return arena; }
  Arena& arena;
  Store store;
  RowKey row;
  SessionId sessions[2]{};
  TaskRoot roots[2];
};

struct Pause {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) const noexcept {}
  void await_resume() const noexcept {}
};

Task<SeenRow> read(World& world, int who) {
  co_await Pause{};
  world.store.execute(world.sessions[who], Statement::select({world.row}));
  co_return world.store.result(world.sessions[who]).rows.at(0);
}

Task<std::int64_t> increment(World& world, int who) {
  const SeenRow seen = co_await read(world, who);
  co_await Pause{};
  world.store.execute(world.sessions[who], Statement::update(Write{.key = world.row,
                                                                   .value = seen.value + 1,
                                                                   .computed_from = seen.version}));
  co_return seen.value;
}

World* begin_world(Arena& arena) {
  auto* world = arena.create<World>(arena);
  for (int who = 0; who < 2; ++who) {
    spawn(world->roots[who], arena, increment(*world, who));
    world->roots[who].run();
  }
  return world;
}

std::int64_t final_value(const World& world) {
  return world.store.versions()[world.store.last_committed(world.row)].value;
}

// The six orders of two reads and two writes: 0011 and 1100 end at 12, the four others lose an update.
TEST(ArenaWorlds, run_all_six_orders_from_one_snapshot) {
  Arena arena(512);
  World* world = begin_world(arena);
  Arena::Snapshot start;
  arena.save(start);
  for (int again = 0; again < 3; ++again) {
    std::string finals;
    for (const char* order : {"0011", "0101", "0110", "1001", "1010", "1100"}) {
      arena.restore(start);
      for (const char* letter = order; *letter != '\0'; ++letter) {
        world->roots[*letter - '0'].run();
      }
      EXPECT_TRUE(world->roots[0].finished() && world->roots[1].finished());
      finals += std::to_string(final_value(*world)) + " ";
    }
    EXPECT_EQ(finals, "12 11 11 11 11 12 ");
  }
  arena.restore(start);
}

struct Finals {
  int at_11 = 0;
  int at_12 = 0;
};

// The same tree walked depth first: a snapshot at each fork, a step back after each branch.
void walk(World& world, Finals& finals) {
  bool forked = false;
  Arena::Snapshot here;
  world.arena.save(here);
  for (TaskRoot& root : world.roots) {
    if (root.alive()) {
      forked = true;
      root.run();
      walk(world, finals);
      world.arena.restore(here);
    }
  }
  if (!forked) {
    ++(final_value(world) == 12 ? finals.at_12 : finals.at_11);
  }
}

TEST(ArenaWorlds, are_walked_depth_first) {
  Arena arena(512);
  World* world = begin_world(arena);
  const std::size_t used = arena.used_bytes();
  Finals finals;
  walk(*world, finals);
  EXPECT_EQ(finals.at_11, 4);
  EXPECT_EQ(finals.at_12, 2);
  EXPECT_EQ(arena.used_bytes(), used);
  EXPECT_EQ(final_value(*world), 10);
}

// A killed coroutine lives again, and a finished one has not finished yet.
TEST(ArenaWorlds, come_back_from_a_kill) {
  Arena arena(512);
  World* world = begin_world(arena);
  world->roots[0].run();
  Arena::Snapshot snapshot;
  arena.save(snapshot);
  world->roots[0].kill();
  world->roots[1].run();
  world->roots[1].run();
  EXPECT_TRUE(world->roots[1].finished());
  static_cast<void>(arena.allocate(100'000));
  arena.restore(snapshot);
  EXPECT_TRUE(world->roots[0].alive());
  EXPECT_TRUE(world->roots[1].alive());
  world->roots[0].run();
  EXPECT_EQ(result_of<std::int64_t>(world->roots[0]), 10);
  EXPECT_EQ(final_value(*world), 11);
}

// The queue's lists run through its own slots, so it steps back as well, wherever its events lie.
TEST(ArenaWorlds, step_back_with_the_events_that_were_to_come) {
  Arena arena;
  auto* queue = arena.create<EventQueue>();
  Event* events[3] = {arena.create<Event>(), arena.create<Event>(), arena.create<Event>()};
  queue->schedule(*events[2], Instant{3'600'000'000});
  queue->schedule(*events[1], Instant{50'000});
  queue->schedule(*events[0], Instant{5});
  Arena::Snapshot snapshot;
  arena.save(snapshot);
  for (int again = 0; again < 3; ++again) {
    EXPECT_EQ(queue->now(), Instant{0});
    for (Event* event : events) {
      EXPECT_EQ(queue->pop(), event);
    }
    EXPECT_EQ(queue->pop(), nullptr);
    queue->schedule(*events[0], Instant{7'200'000'000});
    arena.restore(snapshot);
  }
}
#endif

}  // namespace
}  // namespace racelab::arena_rewind_test
