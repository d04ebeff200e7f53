// Task<T>: a coroutine of the simulated world (a client, a handler, a strategy), lazily started, awaited by one parent.
//
// Only the loop resumes: an awaited child, and a parent whose child has finished, are handed to the task's root, and
// run(root) goes on with whichever frame is on top. So the machine's stack never grows with the depth of calls (symmetric
// transfer does that at -O0, under AddressSanitizer and in WebAssembly).
//
// Frames come from the arena of the world they run in, which a coroutine names by its first parameter: anything with a
// member `Arena& frames()`. Destroying the root's frame destroys the frames below it, runs their destructors and thereby
// cancels whatever they were waiting for: that is how a handler is killed.
#pragma once

#include <coroutine>
#include <cstddef>
#include <new>
#include <optional>
#include <utility>

#include "sim/kernel/arena.h"
#include "sim/kernel/expect.h"

namespace racelab {

template <class T = void>
class Task;

/// One running coroutine with everything it awaits below it. Must not move while it runs.
class TaskRoot {
 public:
  TaskRoot() = default;
  TaskRoot(const TaskRoot&) = delete;
  TaskRoot& operator=(const TaskRoot&) = delete;
  ~TaskRoot() { kill(); }

  /// Started and not finished.
  [[nodiscard]] bool alive() const { return static_cast<bool>(top_); }
  [[nodiscard]] bool finished() const { return root_ && root_.done(); }

  /// Runs until the top frame waits for something outside, or all is finished.
  void run() {
    RACELAB_EXPECT(alive());
    std::coroutine_handle<> resumed;
    do {
      resumed = top_;
      resumed.resume();
    } while (top_ != resumed && alive());  // it has called, or returned
  }

  /// Destroys the frames, if any, innermost first: destructors run and waits are cancelled.
  void kill() {
    if (root_) {
      std::exchange(root_, nullptr).destroy();
      top_ = nullptr;
    }
  }

 private:
  template <class T>
  friend class Task;
  friend struct PromiseBase;
  template <class T>
  friend void spawn(TaskRoot& root, Arena& arena, Task<T> task);
  template <class T>
  friend const T& result_of(const TaskRoot& root);

  std::coroutine_handle<> root_;
  std::coroutine_handle<> top_;  // the frame to resume; null once all is finished
};

struct PromiseBase {
  TaskRoot* root = nullptr;
  std::coroutine_handle<> parent;

  // A frame is preceded by the arena it came from, so that it can go back there.
  struct alignas(Arena::alignment) Header {
    Arena* arena;
  };

  template <class World, class... Rest>
  static void* operator new(std::size_t bytes, World& world, Rest&&... /*unused*/) {
    return allocate(bytes, world.frames());
  }
  static void operator delete(void* frame, std::size_t bytes) {
    Header* header = static_cast<Header*>(frame) - 1;
#ifdef RACELAB_HEAP_FRAMES
    ::operator delete(header, bytes + sizeof(Header));
#else
    header->arena->release(header, bytes + sizeof(Header));
#endif
  }

  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) const noexcept {
      PromiseBase& promise = frame.promise();
      promise.root->top_ = promise.parent;
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept {
    broken_promise("that no exception crosses the simulated world", __FILE__, __LINE__);
  }

 private:
  static void* allocate(std::size_t bytes, Arena& arena) {
#ifdef RACELAB_HEAP_FRAMES
    auto* header = static_cast<Header*>(::operator new(bytes + sizeof(Header)));
#else
    auto* header = static_cast<Header*>(arena.allocate(bytes + sizeof(Header)));
#endif
    header->arena = &arena;
    return header + 1;
  }
};

template <class T>
struct ResultPromise : PromiseBase {
  std::optional<T> result;
  template <class Value>
  void return_value(Value&& value) {
    result.emplace(std::forward<Value>(value));
  }
};

template <>
struct ResultPromise<void> : PromiseBase {
  void return_void() const noexcept {}
};

template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type : ResultPromise<T> {
    Task get_return_object() {
      return Task{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) {
      frame_.destroy();
    }
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> parent) const noexcept {
    PromiseBase& child = frame_.promise();
    child.root = static_cast<PromiseBase&>(parent.promise()).root;
    child.parent = parent;
    child.root->top_ = frame_;
    return true;
  }
  T await_resume() const {
    if constexpr (!std::is_void_v<T>) {
      return std::move(*frame_.promise().result);
    }
  }

 private:
  template <class Result>
  friend void spawn(TaskRoot& root, Arena& arena, Task<Result> task);
  template <class Result>
  friend const Result& result_of(const TaskRoot& root);

  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

/// Hands a coroutine to a root, which owns it from now on; the caller then calls root.run(). Not inlined, so that no
/// compiler elides the frame onto the machine's stack (clang does at -O2): a frame outside the arena would be torn by
/// stepping back.
template <class T>
[[gnu::noinline]] void spawn(TaskRoot& root, Arena& arena, Task<T> task) {
  root.kill();
  auto frame = std::exchange(task.frame_, nullptr);
#ifndef RACELAB_HEAP_FRAMES
  RACELAB_EXPECT(arena.owns(frame.address()));
#endif
  static_cast<void>(arena);
  frame.promise().root = &root;
  root.root_ = root.top_ = frame;
}

/// What a finished task returned.
template <class T>
const T& result_of(const TaskRoot& root) {
  RACELAB_EXPECT(root.finished());
  using Handle = std::coroutine_handle<typename Task<T>::promise_type>;
  return *Handle::from_address(root.root_.address()).promise().result;
}

}  // namespace racelab
