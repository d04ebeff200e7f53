// The arena: blocks come back, and a saved world steps back to the byte, whatever was allocated, freed or run since.
#include "sim/kernel/arena.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>
#include <string>
#include <vector>

#include "sim/kernel/task.h"
#include "tests/property.h"

namespace racelab::arena_test {
namespace {

TEST(Arena, blocks_are_aligned_and_its_own) {
  Arena arena(256);
  for (const std::size_t bytes : {0U, 1U, 16U, 17U, 1024U, 1025U, 100'000U}) {
    void* block = arena.allocate(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % Arena::alignment, 0U) << bytes;
    EXPECT_TRUE(arena.owns(block)) << bytes;
    std::memset(block, 0xAB, bytes);
  }
  int outside = 0;
  EXPECT_FALSE(arena.owns(&outside));
}

TEST(Arena, a_released_block_is_used_again_for_its_size) {
  Arena arena;
  void* small = arena.allocate(40);
  void* large = arena.allocate(5'000);
  arena.release(small, 40);
  arena.release(large, 5'000);
  EXPECT_EQ(arena.allocate(100), static_cast<char*>(large) + 8'192);  // neither fits
  EXPECT_EQ(arena.allocate(33), small);  // 33 and 40 bytes both take 48
  EXPECT_EQ(arena.allocate(8'000), large);
}

TEST(Arena, reset_forgets_everything_and_keeps_the_memory) {
  Arena arena(64);
  void* first = arena.allocate(64);
  static_cast<void>(arena.allocate(1'000));
  arena.reset();
  EXPECT_EQ(arena.used_bytes(), 0U);
  EXPECT_EQ(arena.allocate(64), first);
}

TEST(Arena, a_copied_container_stays_inside) {
  Arena arena;
  ArenaVector<int> numbers(ArenaAllocator<int>{arena});
  numbers.assign(100, 7);
  const ArenaVector<int> copy = numbers;
  EXPECT_TRUE(arena.owns(copy.data()));
  EXPECT_NE(copy.data(), numbers.data());
}

// A world of numbers: random growing, shrinking and overwriting, with a snapshot taken somewhere and restored later.
TEST(Arena, a_restored_world_is_the_saved_one) {
  check_property(1'000, [] {
    Arena arena(128);
    using Numbers = ArenaVector<ArenaVector<int>>;
    auto* world = arena.create<Numbers>(ArenaAllocator<ArenaVector<int>>{arena});
    const auto change = [&] {
      const int kind = *rc::gen::inRange(0, 3);
      if (world->empty() || kind == 0) {
        world->emplace_back(ArenaAllocator<int>{arena});
      } else if (kind == 1) {
        world->pop_back();
      } else {
        world->back().push_back(*rc::gen::arbitrary<int>());
      }
    };
    const auto values = [&] {
      std::vector<std::vector<int>> all;
      for (const ArenaVector<int>& numbers : *world) {
        all.emplace_back(numbers.begin(), numbers.end());
      }
      return all;
    };
    for (int i = 0; i < 40; ++i) {
      change();
    }
    Arena::Snapshot snapshot;
    arena.save(snapshot);
    const auto saved = values();
    const std::size_t used = arena.used_bytes();
    for (int i = 0; i < 40; ++i) {
      change();
    }
    arena.restore(snapshot);
    RC_ASSERT(values() == saved);
    RC_ASSERT(arena.used_bytes() == used);
    for (int i = 0; i < 40; ++i) {
      change();  // and it lives on
    }
  });
}

#ifndef RACELAB_HEAP_FRAMES
struct World {
  explicit World(Arena& arena_) : arena(arena_) {}
  [[nodiscard]] Arena& frames() const { return arena; }
  Arena& arena;
  int sum = 0;
  TaskRoot root;
};

struct Pause {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) const noexcept {}
  void await_resume() const noexcept {}
};

Task<int> add(World& world, int number) {
  co_await Pause{};
  world.sum += number;
  co_return world.sum;
}

Task<int> count(World& world) {
  int total = 0;
  for (int i = 1; i <= 5; ++i) {
    total += co_await add(world, i);
    co_await Pause{};
  }
  co_return total;
}

// Sums 1, 3, 6, 10, 15 add up to 35: run from the start, or from the middle as often as one likes.
TEST(Arena, a_suspended_coroutine_steps_back_with_its_world) {
  Arena arena;
  auto* world = arena.create<World>(arena);
  spawn(world->root, arena, count(*world));
  for (int i = 0; i < 5; ++i) {
    world->root.run();
  }
  Arena::Snapshot snapshot;
  arena.save(snapshot);
  for (int again = 0; again < 3; ++again) {
    while (!world->root.finished()) {
      world->root.run();
    }
    EXPECT_EQ(world->sum, 15);
    EXPECT_EQ(result_of<int>(world->root), 35);
    arena.restore(snapshot);
    EXPECT_TRUE(world->root.alive());
  }
  arena.destroy(world);
}
#endif

}  // namespace
}  // namespace racelab::arena_test
