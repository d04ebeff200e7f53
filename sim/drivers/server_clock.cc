// The functions that stand before the server's own.
#include "sim/drivers/server_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/parse/lexer.h"
#include "sim/scenario/script_setup.h"

namespace racelab::drivers {

namespace {

constexpr std::string_view keyword = "current_timestamp";

std::string small(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

}  // namespace

// The moment is kept in a sequence: setval() is seen by everybody at once, whatever their snapshots, also by a statement that reads
// the clock again after it has waited.
std::string clock_functions(const std::string& schema) {
  return fmt::format(
      "create function {1}.now() returns timestamptz language sql stable as "
      "$$select 'epoch'::timestamptz + coalesce(nullif(current_setting('racelab.started', true), "
      "''), '{0}')::bigint * interval '1 microsecond'$$;"
      "create sequence {1}.moment;"
      "create function {1}.clock_timestamp() returns timestamptz language sql volatile as "
      "$$select 'epoch'::timestamptz + last_value * interval '1 microsecond' from "
      "{1}.moment$$;"
      "create sequence {1}.uuids;"
      "create function {1}.gen_random_uuid() returns uuid language sql volatile as "
      "$$select ('00000000-0000-4000-8000-' || "
      "lpad(to_hex(nextval('{1}.uuids')), 12, '0'))::uuid$$;"
      "select setval('{1}.moment', {0})",
      script_clock, schema);
}

std::string set_moment(const std::string& schema, std::int64_t micros) {
  return fmt::format("select setval('{}.moment', {});", schema, micros);
}

std::string clock_words(const std::string& sql) {
  std::string made;
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t end = parse::end_of_quoted(sql, at); end > at) {
      made.append(sql, at, end - at);
      at = end;
    } else if (parse::starts_name(sql[at])) {
      const std::size_t begin = at;
      while (at < sql.size() && parse::in_name(sql[at])) {
        ++at;
      }
      const std::string word = sql.substr(begin, at - begin);
      made += small(word) == keyword ? "now()" : word;
    } else {
      made += sql[at++];
    }
  }
  return made;
}

bool names_clock(std::string_view sql) {
  const std::string text = small(sql);
  return text.find("now") != std::string::npos ||
         text.find("clock_timestamp") != std::string::npos ||
         text.find(keyword) != std::string::npos;
}

}  // namespace racelab::drivers
