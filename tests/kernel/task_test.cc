// Tasks: values come back, depth costs no stack, and killing one at any point runs its destructors and cancels its waits.
#include "sim/kernel/task.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/kernel/choice.h"

namespace racelab::task_test {
namespace {

// What a coroutine needs here: frames, a choice to wait on, and a diary.
struct Lab {
  Arena arena;
  Timed timed{1, {}};
  TaskRoot root;
  std::vector<std::string> diary;
  [[nodiscard]] Arena& frames() { return arena; }
};

struct Sleep : Pending {
  Sleep(Lab& lab_, std::int64_t milliseconds_) : Pending(Happening::timer, {}), lab(lab_) {
    delay = Delay::exactly(milliseconds(milliseconds_));
  }
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;
  ~Sleep() {
    if (offered) {
      lab.timed.withdraw(*this);
    }
  }
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) { lab.timed.offer(*this); }
  void await_resume() const noexcept {}
  Lab& lab;
};

struct Diary {
  Diary(Lab& lab_, std::string name_) : lab(lab_), name(std::move(name_)) {
    lab.diary.push_back(name + " in");
  }
  Diary(const Diary&) = delete;
  Diary& operator=(const Diary&) = delete;
  ~Diary() { lab.diary.push_back(name + " out"); }
  Lab& lab;
  std::string name;
};

Task<int> doubled(Lab& lab, int value) {
  const Diary diary(lab, "inner");
  co_await Sleep(lab, 1);
  co_await Sleep(lab, 1);
  co_return value * 2;
}

Task<int> summed(Lab& lab, int count) {
  const Diary diary(lab, "outer");
  int sum = 0;
  for (int i = 1; i <= count; ++i) {
    sum += co_await doubled(lab, i);
    co_await Sleep(lab, 1);
  }
  co_return sum;
}

void start(Lab& lab, Task<int> task) {
  spawn(lab.root, lab.arena, std::move(task));
  lab.root.run();
}

// Lets at most that many happenings happen; says whether the task is finished.
bool let_happen(Lab& lab, int happenings) {
  for (int i = 0; i < happenings && lab.timed.next().pending != nullptr; ++i) {
    lab.root.run();
  }
  return lab.root.finished();
}

TEST(Task, returns_the_value_of_its_children) {
  Lab lab;
  start(lab, summed(lab, 3));
  EXPECT_TRUE(lab.root.alive());
  EXPECT_TRUE(let_happen(lab, 1000));
  EXPECT_EQ(result_of<int>(lab.root), 2 + 4 + 6);
  EXPECT_EQ(lab.timed.now(), Instant{9'000});  // three times 1 + 1 + 1 ms
}

TEST(Task, does_nothing_before_it_is_run) {
  Lab lab;
  spawn(lab.root, lab.arena, summed(lab, 1));
  EXPECT_TRUE(lab.diary.empty());
  lab.root.kill();
  EXPECT_TRUE(lab.diary.empty());
}

// Killed at step 0, 1, 2, … until it is finished: each time every frame that was entered is left, innermost first, and
// nothing is waited for any more.
TEST(Task, can_be_killed_at_any_point) {
  int steps = 0;
  for (bool clean = false; !clean; ++steps) {
    Lab lab;
    start(lab, summed(lab, 2));
    clean = let_happen(lab, steps);
    lab.root.kill();
    EXPECT_EQ(lab.timed.next().pending, nullptr) << steps;
    int open = 0;
    for (const std::string& line : lab.diary) {
      open += line.ends_with(" in") ? 1 : -1;
    }
    EXPECT_EQ(open, 0) << steps;
    EXPECT_EQ(lab.diary.back(), "outer out") << steps;
  }
  EXPECT_EQ(steps, 7);  // after 0 to 6 of its six sleeps
}

Task<int> depth(Lab& lab, int levels) {
  if (levels == 0) {
    co_await Sleep(lab, 1);
    co_return 0;
  }
  const int below = co_await depth(lab, levels - 1);
  co_return below + 1;
}

TEST(Task, awaiting_and_returning_go_through_the_loop_and_not_down_the_stack) {
  Lab lab;
  constexpr int levels = 20'000;
  start(lab, depth(lab, levels));
  EXPECT_TRUE(let_happen(lab, 1));
  EXPECT_EQ(result_of<int>(lab.root), levels);
}

#ifndef RACELAB_HEAP_FRAMES
TEST(Task, frames_come_from_the_arena_and_are_used_again) {
  Lab lab;
  start(lab, summed(lab, 1));
  let_happen(lab, 100);
  lab.root.kill();
  const std::size_t used = lab.arena.used_bytes();
  EXPECT_GT(used, 0U);
  for (int i = 0; i < 1000; ++i) {
    start(lab, summed(lab, 1));
    let_happen(lab, i % 4);
    lab.root.kill();
  }
  EXPECT_EQ(lab.arena.used_bytes(), used);
}
#endif

TEST(TaskDeathTest, a_finished_task_cannot_be_run) {
  Lab lab;
  start(lab, summed(lab, 1));
  let_happen(lab, 100);
  EXPECT_DEATH(lab.root.run(), "racelab bug: expected alive");
}

}  // namespace
}  // namespace racelab::task_test
