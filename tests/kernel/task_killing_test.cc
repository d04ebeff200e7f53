// Killing a task and what is left of it: nothing. Whatever step it waits at, the frames go innermost first, each runs its
// destructors in reverse, the timer that was waited for is cancelled, other tasks notice nothing, and the memory is used
// again. Here tasks wait on an EventQueue directly, whose emptiness shows that nothing was forgotten.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/event_queue.h"
#include "sim/kernel/task.h"

namespace racelab::task_killing_test {
namespace {

struct Lab {
  Arena arena;
  EventQueue queue;
  std::vector<std::string> diary;
  [[nodiscard]] Arena& frames() { return arena; }
};

// Waits in virtual time; its destructor cancels. The root that waits is found again through the event.
struct Sleep : Event {
  Sleep(Lab& lab_, TaskRoot& root_, std::int64_t microseconds_)
      : lab(lab_), root(root_), span(microseconds(microseconds_)) {}
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;
  ~Sleep() {
    if (scheduled()) {
      lab.diary.push_back("cancelled");
      lab.queue.cancel(*this);
    }
  }
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) {
    lab.queue.schedule(*this, lab.queue.now() + span);
  }
  void await_resume() const noexcept {}
  Lab& lab;
  TaskRoot& root;
  Duration span;
};

// Lets at most that many events happen; says how many did.
int let_happen(Lab& lab, int events) {
  for (int happened = 0; happened < events; ++happened) {
    auto* sleep = static_cast<Sleep*>(lab.queue.pop());
    if (sleep == nullptr) {
      return happened;
    }
    sleep->root.run();
  }
  return events;
}
constexpr int all = 1'000'000;

struct Guest {
  Guest(Lab& lab_, std::string name_) : lab(lab_), name(std::move(name_)) {
    lab.diary.push_back("+" + name);
  }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest() { lab.diary.push_back("-" + name); }
  Lab& lab;
  std::string name;
};

Task<int> inner(Lab& lab, TaskRoot& root) {
  const Guest first(lab, "inner 1");
  co_await Sleep(lab, root, 5);
  const Guest second(lab, "inner 2");
  co_await Sleep(lab, root, 5);
  co_return 7;
}

Task<> middle(Lab& lab, TaskRoot& root) {
  const Guest guest(lab, "middle");
  const int seven = co_await inner(lab, root);
  lab.diary.push_back(std::to_string(seven));
}

Task<int> outer(Lab& lab, TaskRoot& root) {
  const Guest first(lab, "outer 1");
  co_await middle(lab, root);
  const Guest second(lab, "outer 2");
  co_await Sleep(lab, root, 5);
  co_return 1;
}

template <class T>
void start(Lab& lab, TaskRoot& root, Task<T> task) {
  spawn(root, lab.arena, std::move(task));
  root.run();
}

using Diary = std::vector<std::string>;

TEST(TaskKilling, leaves_the_frames_innermost_first_and_each_in_reverse) {
  Lab lab;
  TaskRoot root;
  start(lab, root, outer(lab, root));
  EXPECT_EQ(let_happen(lab, 1), 1);
  EXPECT_EQ(lab.diary, (Diary{"+outer 1", "+middle", "+inner 1", "+inner 2"}));
  lab.diary.clear();
  root.kill();
  EXPECT_EQ(lab.diary, (Diary{"cancelled", "-inner 2", "-inner 1", "-middle", "-outer 1"}));
  EXPECT_EQ(lab.queue.pop(), nullptr);
  EXPECT_FALSE(root.alive());
  EXPECT_FALSE(root.finished());
  root.kill();  // of nothing
}

TEST(TaskKilling, after_a_child_has_returned_leaves_only_the_parent) {
  Lab lab;
  TaskRoot root;
  start(lab, root, outer(lab, root));
  EXPECT_EQ(let_happen(lab, 2), 2);
  EXPECT_EQ(lab.diary, (Diary{"+outer 1", "+middle", "+inner 1", "+inner 2", "-inner 2", "-inner 1",
                              "7", "-middle", "+outer 2"}));
  lab.diary.clear();
  root.kill();
  EXPECT_EQ(lab.diary, (Diary{"cancelled", "-outer 2", "-outer 1"}));
}

// Three sleeps: killed after 0, 1, 2 it has cancelled one; after 3 it is finished and has none.
TEST(TaskKilling, at_every_step_cancels_the_one_wait_until_it_is_finished) {
  for (int steps = 0; steps <= 3; ++steps) {
    Lab lab;
    TaskRoot root;
    start(lab, root, outer(lab, root));
    EXPECT_EQ(let_happen(lab, steps), steps);
    EXPECT_EQ(root.finished(), steps == 3);
    root.kill();
    EXPECT_EQ(lab.queue.pop(), nullptr) << steps;
    EXPECT_EQ(std::count(lab.diary.begin(), lab.diary.end(), "cancelled"), steps == 3 ? 0 : 1);
  }
}

// Two of them sleep in turn; whenever one is killed, the other ends as if it had been alone: at 15 us, with 1.
TEST(TaskKilling, of_one_task_is_nothing_to_another) {
  for (int steps = 0; steps <= 6; ++steps) {
    for (const bool first : {true, false}) {
      Lab lab;
      TaskRoot roots[2];
      start(lab, roots[0], outer(lab, roots[0]));
      start(lab, roots[1], outer(lab, roots[1]));
      EXPECT_EQ(let_happen(lab, steps), steps);
      (first ? roots[0] : roots[1]).kill();
      let_happen(lab, all);
      const TaskRoot& other = first ? roots[1] : roots[0];
      ASSERT_TRUE(other.finished()) << steps;
      EXPECT_EQ(result_of<int>(other), 1);
      EXPECT_EQ(lab.queue.now(), Instant{15}) << steps;
    }
  }
}

TEST(TaskKilling, is_what_the_end_of_its_root_does) {
  Lab lab;
  {
    TaskRoot root;
    start(lab, root, outer(lab, root));
  }
  EXPECT_EQ(lab.diary, (Diary{"+outer 1", "+middle", "+inner 1", "cancelled", "-inner 1", "-middle",
                              "-outer 1"}));
  EXPECT_EQ(lab.queue.pop(), nullptr);
}

TEST(TaskKilling, is_what_a_new_task_does_to_the_one_before_it) {
  Lab lab;
  TaskRoot root;
  start(lab, root, outer(lab, root));
  lab.diary.clear();
  start(lab, root, inner(lab, root));
  EXPECT_EQ(lab.diary, (Diary{"cancelled", "-inner 1", "-middle", "-outer 1", "+inner 1"}));
  let_happen(lab, all);
  EXPECT_EQ(result_of<int>(root), 7);
}

Task<int> levels_down(Lab& lab, TaskRoot& root, int levels) {
  if (levels == 0) {
    co_await Sleep(lab, root, 1);
    co_return 0;
  }
  const int below = co_await levels_down(lab, root, levels - 1);
  co_return below + 1;
}

// Frames are destroyed from the outside in, one call each, so this depth does go down the machine's stack.
TEST(TaskKilling, a_thousand_levels_deep) {
  Lab lab;
  TaskRoot root;
  start(lab, root, levels_down(lab, root, 1'000));
  EXPECT_TRUE(root.alive());
  root.kill();
  EXPECT_EQ(lab.queue.pop(), nullptr);
  start(lab, root, levels_down(lab, root, 1'000));
  let_happen(lab, all);
  EXPECT_EQ(result_of<int>(root), 1'000);
}

Task<std::unique_ptr<std::string>> story(Lab& /*lab*/, int chapter) {
  co_return std::make_unique<std::string>("chapter " + std::to_string(chapter));
}

Task<std::string> two_stories(Lab& lab) {
  std::unique_ptr<std::string> one = co_await story(lab, 1);
  std::unique_ptr<std::string> two = co_await story(lab, 2);
  co_return *one + ", " + *two;
}

TEST(TaskValues, may_be_of_a_kind_that_only_moves) {
  Lab lab;
  TaskRoot root;
  start(lab, root, two_stories(lab));
  EXPECT_EQ(result_of<std::string>(root), "chapter 1, chapter 2");
}

Task<std::string> from_words(Lab& /*lab*/) { co_return "words"; }

TEST(TaskValues, are_made_from_what_is_returned) {
  Lab lab;
  TaskRoot root;
  start(lab, root, from_words(lab));
  EXPECT_EQ(result_of<std::string>(root), "words");
}

Task<int> one(Lab& /*lab*/) { co_return 1; }

Task<int> counted(Lab& lab, int times) {
  int sum = 0;
  for (int i = 0; i < times; ++i) {
    sum += co_await one(lab);
  }
  co_return sum;
}

TEST(TaskValues, of_children_that_never_wait_come_at_once) {
  Lab lab;
  TaskRoot root;
  start(lab, root, counted(lab, 100'000));
  EXPECT_EQ(result_of<int>(root), 100'000);
}

#ifndef RACELAB_HEAP_FRAMES
TEST(TaskFrames, of_children_one_after_another_are_one_frame) {
  Lab lab;
  TaskRoot root;
  start(lab, root, counted(lab, 1));
  const std::size_t used = lab.arena.used_bytes();
  root.kill();  // a new frame is made before the old one goes
  start(lab, root, counted(lab, 10'000));
  EXPECT_EQ(lab.arena.used_bytes(), used);
}

// 1,000 times with a frame of each of the three kinds alive, killed at every step in turn.
TEST(TaskFrames, are_all_given_back_wherever_the_task_was_killed) {
  Lab lab;
  TaskRoot root;
  start(lab, root, outer(lab, root));
  const std::size_t used = lab.arena.used_bytes();  // all three are alive
  root.kill();
  for (int i = 0; i < 1'000; ++i) {
    start(lab, root, outer(lab, root));
    let_happen(lab, i % 4);
    root.kill();
    lab.diary.clear();
  }
  EXPECT_EQ(lab.arena.used_bytes(), used);
}

Task<> never_awaited(Lab& lab) {
  const Task<int> dropped = counted(lab, 3);
  lab.diary.push_back("dropped");
  co_return;
}

TEST(TaskFrames, of_a_task_that_is_never_awaited_are_given_back) {
  Lab lab;
  TaskRoot root;
  start(lab, root, never_awaited(lab));
  EXPECT_EQ(lab.diary, Diary{"dropped"});
  const std::size_t used = lab.arena.used_bytes();
  for (int i = 0; i < 100; ++i) {
    root.kill();
    start(lab, root, never_awaited(lab));
  }
  EXPECT_EQ(lab.arena.used_bytes(), used);
}

TEST(TaskFramesDeathTest, must_lie_in_the_arena_of_their_world) {
  Lab lab;
  Arena another;
  TaskRoot root;
  EXPECT_DEATH(spawn(root, another, one(lab)), "racelab bug: expected arena.owns");
}
#endif

Task<> throwing(Lab& lab) {
  const Guest guest(lab, "guest");
  if (lab.diary.size() == 1) {
    throw std::runtime_error("lost");
  }
  co_return;
}

TEST(TaskKillingDeathTest, no_exception_crosses_the_simulated_world) {
  Lab lab;
  TaskRoot root;
  EXPECT_DEATH(start(lab, root, throwing(lab)), "racelab bug: expected that no exception");
}

TEST(TaskKillingDeathTest, there_is_no_result_before_the_end) {
  Lab lab;
  TaskRoot root;
  start(lab, root, inner(lab, root));
  EXPECT_DEATH(static_cast<void>(result_of<int>(root)), "racelab bug: expected root.finished");
}

}  // namespace
}  // namespace racelab::task_killing_test
