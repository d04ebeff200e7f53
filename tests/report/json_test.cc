// What JSON reports are made with: an object that is written member by member has the bytes of the whole one.
#include "sim/report/json.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace racelab::lab::json_test {
namespace {

namespace json = boost::json;

std::string printed(const json::object& object) {
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

TEST(ObjectWriter, writes_what_print_prints) {
  const json::object before{{"name", "a \"b\""}, {"inner", {{"one", 1}, {"none", json::object()}}}};
  const json::object after{{"last", nullptr}};
  for (const json::array& list : {json::array{}, json::array{1}, json::array{{{"x", 1}}, "y"}}) {
    json::object whole = before;
    whole["list"] = list;
    whole["last"] = nullptr;
    std::string text;
    const Sink sink = [&text](std::string_view piece) { text += piece; };
    ObjectWriter writer(sink);
    writer.add(before);
    writer.add_list("list", [&list](const ObjectWriter::Element& add) {
      for (const json::value& element : list) {
        add(element);
      }
    });
    writer.add(after);
    writer.end();
    EXPECT_EQ(text, printed(whole));
  }
}

TEST(ObjectWriter, of_nothing_is_an_empty_object) {
  std::string text;
  const Sink sink = [&text](std::string_view piece) { text += piece; };
  ObjectWriter(sink).end();
  EXPECT_EQ(text, printed({}));
}

}  // namespace
}  // namespace racelab::lab::json_test
