// What the page calls: the whole command line as one function, and a step session that is kept.
//
// Texts go in as bytes at a place that racelab_alloc gave; words of a command line end in a zero byte each. What a call answers stays
// where racelab_output and racelab_errors say, until the next call.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/cli.h"
#include "sim/cli/step_session.h"
#include "sim/cli/usage_error.h"
#include "sim/page/given.h"

namespace {

racelab::CommandResult last;
std::unique_ptr<racelab::SteppedWorld> session;

std::vector<std::string> words_of(const char* text, std::uint32_t bytes) {
  std::vector<std::string> words;
  const char* const end = text + bytes;
  while (text < end) {
    const char* zero = std::find(text, end, '\0');
    words.emplace_back(text, zero);
    text = zero + 1;
  }
  return words;
}

}  // namespace

// What the page gives: it hears how far long work is.
extern "C" [[clang::import_module("page"), clang::import_name("progress")]] void page_progress(
    const char* text, std::uint32_t bytes);

#define EXPORTED(name) extern "C" [[clang::export_name(#name)]]

EXPORTED(racelab_alloc) void* racelab_alloc(std::uint32_t bytes) { return std::malloc(bytes); }
EXPORTED(racelab_free) void racelab_free(void* place) { std::free(place); }

EXPORTED(racelab_output) const char* racelab_output() { return last.output.data(); }
EXPORTED(racelab_output_bytes) std::uint32_t racelab_output_bytes() { return last.output.size(); }
EXPORTED(racelab_errors) const char* racelab_errors() { return last.errors.data(); }
EXPORTED(racelab_errors_bytes) std::uint32_t racelab_errors_bytes() { return last.errors.size(); }

/// Runs a command line; its exit code.
EXPORTED(racelab_run) int racelab_run(const char* text, std::uint32_t bytes) {
  racelab::Environment environment;
  environment.progress = [](std::string_view told) {
    page_progress(told.data(), static_cast<std::uint32_t>(told.size()));
  };
  last = racelab::run_command_line(words_of(text, bytes), environment);
  return static_cast<int>(last.exit);
}

/// Puts a text into the page, given in two words: a file by its path, or what the parser says of a text.
EXPORTED(racelab_give_file) void racelab_give_file(const char* text, std::uint32_t bytes) {
  const std::vector<std::string> words = words_of(text, bytes);
  racelab::page::given_files()[words.at(0)] = words.at(1);
}
EXPORTED(racelab_give_tree) void racelab_give_tree(const char* text, std::uint32_t bytes) {
  const std::vector<std::string> words = words_of(text, bytes);
  racelab::page::given_trees()[words.at(0)] = words.at(1);
}

// ---- a step session

/// Begins one, and ends the one before, given what follows `racelab step`; 0, or the exit code when that is wrong.
EXPORTED(racelab_open) int racelab_open(const char* text, std::uint32_t bytes) {
  session = nullptr;
  last = racelab::guarded([&] {
    session = racelab::open_world(words_of(text, bytes));
    return racelab::CommandResult{};
  });
  return static_cast<int>(last.exit);
}

/// Goes to where an order leads from the start; 0, or the exit code when it does not go there.
EXPORTED(racelab_go_to) int racelab_go_to(const char* text, std::uint32_t bytes) {
  last = racelab::guarded([&]() -> racelab::CommandResult {
    if (std::string refusal; !racelab::go_to(*session, {text, bytes}, refusal)) {
      throw racelab::UsageError(refusal);
    }
    return {};
  });
  return static_cast<int>(last.exit);
}

/// Where it stands, as `racelab step --format json` tells it, with so many of the orders that begin so.
EXPORTED(racelab_state) void racelab_state(std::uint32_t orders_max) {
  last = {racelab::Exit::as_expected, session->json(orders_max), ""};
}
