// The one place where libpg_query is called.
#include <pg_query.h>
#include <pthread.h>

#include <memory>

#include "sim/parse/tree.h"

namespace racelab::parse {

namespace {

std::map<std::string, std::string>* recorded = nullptr;

struct Work {
  const std::string& text;
  PgQueryParseResult result{};
};

void* parse_there(void* argument) {
  auto* work = static_cast<Work*>(argument);
  work->result = pg_query_parse(work->text.c_str());
  return nullptr;
}

// libpg_query writes its tree by recursion, some 140 bytes a level: a sum of 95,000 ones overflows the usual stack of 8 MB. So a long
// text, of which there are 200,000 bytes at most, is parsed where there is room.
PgQueryParseResult parse_with_room(const std::string& text) {
  constexpr std::size_t short_text = 10'000;
  constexpr std::size_t stack_bytes = std::size_t{256} << 20U;
  Work work{text};
  pthread_attr_t attributes;
  pthread_t thread{};
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  if (text.size() > short_text && pthread_create(&thread, &attributes, parse_there, &work) == 0) {
    pthread_join(thread, nullptr);
  } else {
    parse_there(&work);
  }
  pthread_attr_destroy(&attributes);
  return work.result;
}

}  // namespace

std::string tree_text(const std::string& text) {
  const PgQueryParseResult result = parse_with_room(text);
  const auto free_result = [](const PgQueryParseResult* it) { pg_query_free_parse_result(*it); };
  const std::unique_ptr<const PgQueryParseResult, decltype(free_result)> guard(&result,
                                                                               free_result);
  if (result.error != nullptr) {
    // The place is counted in letters, from 1.
    std::size_t offset = 0;
    for (int letters = 1; letters < result.error->cursorpos && offset < text.size(); ++letters) {
      do {
        ++offset;
      } while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U);
    }
    throw SyntaxError{result.error->message, offset};
  }
  if (recorded != nullptr) {
    recorded->emplace(text, result.parse_tree);
  }
  return result.parse_tree;
}

TreeRecorder::TreeRecorder() { recorded = &trees_; }
TreeRecorder::~TreeRecorder() { recorded = nullptr; }

}  // namespace racelab::parse
