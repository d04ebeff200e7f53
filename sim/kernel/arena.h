// The memory of one execution. Everything that a simulated world owns (coroutine frames, rows, queues, messages) is
// allocated here, at addresses that never move, so that the whole world can be saved by copying the used bytes and
// stepped back by copying them in again: pointers inside it stay right.
//
// Freed blocks go on a list per size and come back from it, so a world in steady state allocates nothing from the
// system; reset() forgets everything at once and keeps the memory for the next execution.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace racelab {

class Arena {
 public:
  static constexpr std::size_t alignment = 16;

  /// Starts with one chunk of that many bytes; further chunks double.
  explicit Arena(std::size_t first_chunk_bytes = std::size_t{1} << 16U);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// A block of at least `bytes`, aligned to 16.
  [[nodiscard]] void* allocate(std::size_t bytes) {
    const std::size_t list = size_class(bytes);
    if (FreeBlock* block = free_[list]) {
      free_[list] = block->next;
      return block;
    }
    const std::size_t rounded = class_bytes(list);
    if (rounded > static_cast<std::size_t>(state_.end - state_.next)) {
      start_chunk(rounded);
    }
    std::byte* block = state_.next;
    state_.next += rounded;
    return block;
  }

  /// Gives a block back; `bytes` as it was asked for.
  void release(void* block, std::size_t bytes) {
    const std::size_t list = size_class(bytes);
    free_[list] = new (block) FreeBlock{free_[list]};
    state_.lists = std::max(state_.lists, list + 1);
  }

  template <class T, class... Arguments>
  [[nodiscard]] T* create(Arguments&&... arguments) {
    static_assert(alignof(T) <= alignment);
    return new (allocate(sizeof(T))) T(std::forward<Arguments>(arguments)...);
  }
  template <class T>
  void destroy(T* object) {
    object->~T();
    release(object, sizeof(T));
  }

  /// Forgets every block. Whoever still needs a destructor run must have run it before.
  void reset();

  /// Whether the address lies in memory of this arena.
  [[nodiscard]] bool owns(const void* address) const;

  /// Bytes handed out or on a free list since the last reset.
  [[nodiscard]] std::size_t used_bytes() const;

 private:
  struct FreeBlock {
    FreeBlock* next;
  };
  struct Chunk {
    std::byte* begin;
    std::byte* end;
    std::byte* filled;  // for chunks before the current one: where allocation stopped
  };
  // Up to 2 KiB in steps of 16 bytes (what a handler and its frames take, thousands of them at a time), then powers of two.
  static constexpr std::size_t small_classes = 128;
  static constexpr std::size_t classes = small_classes + 40;

  static std::size_t size_class(std::size_t bytes);
  static std::size_t class_bytes(std::size_t list) {
    return list < small_classes ? (list + 1) * alignment
                                : 2 * small_classes * alignment << (list - small_classes);
  }
  void start_chunk(std::size_t bytes);

  struct State {
    std::byte* next = nullptr;
    std::byte* end = nullptr;
    std::size_t chunk = 0;
    std::size_t lists = 0;  // every free list from there on is empty
  };

 public:
  /// What save() keeps: the used bytes of every chunk, and where allocation stood.
  class Snapshot {
    friend class Arena;
    State state_;
    std::vector<std::byte> bytes_;
    std::vector<std::size_t> chunk_bytes_;
    std::vector<FreeBlock*> free_;
  };

  /// Copies the used bytes; restore() puts them back at the same addresses. Memory that was allocated in between is
  /// forgotten without destructors, so nothing in the arena may own anything outside it.
  void save(Snapshot& into) const;
  void restore(const Snapshot& from);

 private:
  State state_;
  std::array<FreeBlock*, classes> free_{};
  std::vector<Chunk> chunks_;
};

inline std::size_t Arena::size_class(std::size_t bytes) {
  if (bytes <= small_classes * alignment) {
    return bytes == 0 ? 0 : (bytes - 1) / alignment;
  }
  std::size_t list = small_classes;
  while (class_bytes(list) < bytes) {
    ++list;
  }
  return list;
}

/// Lets standard containers live in an arena. A copy of a container stays in the same arena (with std::pmr it would
/// silently leave it, and stepping back would tear it).
template <class T>
class ArenaAllocator {
 public:
  using value_type = T;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;

  explicit ArenaAllocator(Arena& arena) : arena_(&arena) {}
  template <class Other>
  ArenaAllocator(const ArenaAllocator<Other>& other)
      : arena_(&other.arena()) {}  // NOLINT: converts

  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= Arena::alignment);
    return static_cast<T*>(arena_->allocate(count * sizeof(T)));
  }
  void deallocate(T* block, std::size_t count) { arena_->release(block, count * sizeof(T)); }
  [[nodiscard]] Arena& arena() const { return *arena_; }

  friend bool operator==(const ArenaAllocator& a, const ArenaAllocator& b) {
    return a.arena_ == b.arena_;
  }

 private:
  Arena* arena_;
};

template <class T>
using ArenaVector = std::vector<T, ArenaAllocator<T>>;

}  // namespace racelab
