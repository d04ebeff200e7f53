// Types as they are written, and casts to them.
#include <algorithm>
#include <array>

#include "sim/parse/binder.h"
#include "sim/sql/evaluate.h"

namespace racelab::parse {

using sql::Expression;
using sql::Type;

namespace {

struct NamedType {
  const char* name;
  Type type;
};
constexpr std::array<NamedType, 9> modelled{{{"int2", Type::smallint},
                                             {"int4", Type::integer},
                                             {"int8", Type::bigint},
                                             {"bool", Type::boolean},
                                             {"text", Type::text},
                                             {"varchar", Type::text},
                                             {"timestamptz", Type::timestamptz},
                                             {"interval", Type::interval},
                                             {"uuid", Type::uuid}}};

// What to write instead.
struct WayOut {
  const char* name;
  const char* sentence;
};
constexpr std::array<WayOut, 5> ways_out{
    {{"numeric", "the type numeric (count in whole units: cents, as bigint)"},
     {"float8", "the type double precision (count in whole units, as bigint)"},
     {"float4", "the type real (count in whole units, as bigint)"},
     {"bpchar", "the type char, which pads with blanks (varchar and text do not)"},
     {"timestamp", "a timestamp without time zone (timestamptz has one)"}}};

}  // namespace

Binder::WrittenType Binder::type_of(const Object& name) {
  const std::vector<std::string> names = names_of(list_of(name, "names"));
  const std::string& last = names.back();
  if (!list_of(name, "arrayBounds").empty()) {
    throw not_modelled(location(name), "an array");
  }
  // NOLINTNEXTLINE(readability-qualified-auto): a pointer in libstdc++, not in libc++
  const auto found = std::find_if(modelled.begin(), modelled.end(),
                                  [&last](const NamedType& it) { return last == it.name; });
  if (found == modelled.end()) {
    // NOLINTNEXTLINE(readability-qualified-auto): a pointer in libstdc++, not in libc++
    const auto way = std::find_if(ways_out.begin(), ways_out.end(),
                                  [&last](const WayOut& it) { return last == it.name; });
    throw not_modelled(location(name), way != ways_out.end() ? way->sentence : "the type " + last);
  }
  WrittenType made;
  made.type = found->type;
  const auto& modifiers = list_of(name, "typmods");
  if (modifiers.empty()) {
    return made;
  }
  const Json* length = member(body_of(modifiers.front()), "ival");
  if (last != "varchar" || length == nullptr) {
    throw not_modelled(location(name), "a precision of " + last);
  }
  const std::int64_t letters = number_of(length->as_object(), "ival");
  if (letters < 1) {
    throw problem(location(name), "length for type varchar must be at least 1");
  }
  made.letters_max = static_cast<std::uint32_t>(letters);
  return made;
}

Expression Binder::cast(const Object& body) {
  const WrittenType written = type_of(body.at("typeName").as_object());
  const Type type = written.type;
  Expression from = expression(body.at("arg"));
  if (from.type == Type::unknown) {
    take_type(from, type, location(body_of(body.at("arg"))));
    if (written.letters_max == 0) {
      return from;
    }
  }
  const bool works = from.type == type || type == Type::text || from.type == Type::text ||
                     (sql::is_number(from.type) && sql::is_number(type)) ||
                     (from.type == Type::integer && type == Type::boolean) ||
                     (from.type == Type::boolean && type == Type::integer);
  if (!works) {
    throw problem(location(body),
                  "cannot cast type " + sql::name_of(from.type) + " to " + sql::name_of(type));
  }
  Expression made;
  made.kind = Expression::Kind::cast;
  made.type = type;
  made.letters_max = written.letters_max;
  made.arguments = {std::move(from)};
  return made;
}

}  // namespace racelab::parse
