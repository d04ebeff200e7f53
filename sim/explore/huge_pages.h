// Memory for large tables that are looked up at random: in large pages where the system has them, since otherwise nearly every
// look-up would first have to find out where its page lies.
#pragma once

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <cstddef>
#include <new>

namespace racelab {

template <class T>
class HugePages {
 public:
  using value_type = T;
  HugePages() = default;
  template <class Other>
  HugePages(const HugePages<Other>& /*other*/) {}  // NOLINT: converts

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    void* block = ::operator new(bytes, alignment(bytes));
#ifdef __linux__
    if (bytes >= page) {
      madvise(block, bytes, MADV_HUGEPAGE);  // advice: without it everything works, too
    }
#endif
    return static_cast<T*>(block);
  }
  void deallocate(T* block, std::size_t count) {
    ::operator delete(block, alignment(count * sizeof(T)));
  }
  friend bool operator==(const HugePages& /*a*/, const HugePages& /*b*/) { return true; }

 private:
  static constexpr std::size_t page = std::size_t{1} << 21U;
  static std::align_val_t alignment(std::size_t bytes) {
    return std::align_val_t{bytes >= page ? page : alignof(T)};
  }
};

}  // namespace racelab
