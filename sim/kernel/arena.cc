// Chunks, and saving and restoring them. Chunks are kept across reset() and restore(): their addresses are part of
// what a snapshot means.
#include "sim/kernel/arena.h"

#include <algorithm>

#include "sim/kernel/expect.h"

namespace racelab {

namespace {

std::byte* new_chunk(std::size_t bytes) {
  return static_cast<std::byte*>(::operator new (bytes, std::align_val_t{Arena::alignment}));
}

}  // namespace

Arena::Arena(std::size_t first_chunk_bytes) {
  std::byte* begin = new_chunk(first_chunk_bytes);
  chunks_.push_back({begin, begin + first_chunk_bytes, begin});
  reset();
}

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) {
    ::operator delete (chunk.begin, std::align_val_t{alignment});
  }
}

void Arena::reset() {
  state_ = {};
  free_ = {};
  state_.next = chunks_.front().begin;
  state_.end = chunks_.front().end;
}

void Arena::start_chunk(std::size_t bytes) {
  chunks_[state_.chunk].filled = state_.next;
  ++state_.chunk;
  if (state_.chunk < chunks_.size() &&
      static_cast<std::size_t>(chunks_[state_.chunk].end - chunks_[state_.chunk].begin) < bytes) {
    // A kept chunk that is too small stays empty; nothing in it is in use.
    chunks_[state_.chunk].filled = chunks_[state_.chunk].begin;
    state_.next = chunks_[state_.chunk].begin;
    start_chunk(bytes);
    return;
  }
  if (state_.chunk == chunks_.size()) {
    const std::size_t last = static_cast<std::size_t>(chunks_.back().end - chunks_.back().begin);
    const std::size_t size = std::max(last * 2, bytes);
    std::byte* begin = new_chunk(size);
    chunks_.push_back({begin, begin + size, begin});
  }
  state_.next = chunks_[state_.chunk].begin;
  state_.end = chunks_[state_.chunk].end;
}

bool Arena::owns(const void* address) const {
  const auto* byte = static_cast<const std::byte*>(address);
  return std::any_of(chunks_.begin(), chunks_.end(), [byte](const Chunk& chunk) {
    return std::less_equal<>{}(chunk.begin, byte) && std::less<>{}(byte, chunk.end);
  });
}

std::size_t Arena::used_bytes() const {
  std::size_t total = static_cast<std::size_t>(state_.next - chunks_[state_.chunk].begin);
  for (std::size_t i = 0; i < state_.chunk; ++i) {
    total += static_cast<std::size_t>(chunks_[i].filled - chunks_[i].begin);
  }
  return total;
}

void Arena::save(Snapshot& into) const {
  into.state_ = state_;
  into.bytes_.clear();
  into.chunk_bytes_.clear();
  into.free_.assign(free_.begin(), free_.begin() + static_cast<std::ptrdiff_t>(state_.lists));
  for (std::size_t i = 0; i <= state_.chunk; ++i) {
    const std::byte* end = i == state_.chunk ? state_.next : chunks_[i].filled;
    into.bytes_.insert(into.bytes_.end(), static_cast<const std::byte*>(chunks_[i].begin), end);
    into.chunk_bytes_.push_back(static_cast<std::size_t>(end - chunks_[i].begin));
  }
}

void Arena::restore(const Snapshot& from) {
  RACELAB_EXPECT(!from.chunk_bytes_.empty() && from.chunk_bytes_.size() <= chunks_.size());
  const auto emptied = std::copy(from.free_.begin(), from.free_.end(), free_.begin());
  if (state_.lists > from.state_.lists) {
    std::fill(emptied, free_.begin() + static_cast<std::ptrdiff_t>(state_.lists), nullptr);
  }
  state_ = from.state_;
  const std::byte* source = from.bytes_.data();
  for (std::size_t i = 0; i < from.chunk_bytes_.size(); ++i) {
    const std::size_t bytes = from.chunk_bytes_[i];
    std::copy_n(source, bytes, chunks_[i].begin);  // of nothing, too, where memcpy must not
    chunks_[i].filled = chunks_[i].begin + bytes;
    source += bytes;
  }
}

}  // namespace racelab
