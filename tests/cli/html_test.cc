// `--format html` and `step --page`: what is written into the built page, and the sentences where that cannot be. The page here is a
// stand-in with the one element that counts; how the real one draws the data is tested in a browser (sim/page/web/tests).
#include <gtest/gtest.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/cli/page_files.h"
#include "tests/cli/command.h"
#include "tests/cli/folder.h"
#include "tests/cli/shell.h"

namespace racelab::lab::html_test {
namespace {

namespace json = boost::json;

const std::string before = R"(<html><script type="application/json" id="given">)";
const std::string after = "</script><script>draw()</script></html>\n";

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A racelab with pages beside it, as `./dev page` and a release lay them out.
class Html : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy_file(RACELAB_BINARY, folder_.path("racelab"));
    folder_.write("result.html", before + after);
    folder_.write("racelab.html", before + after);
  }

  Process racelab(const std::string& line) const {
    return shell(fmt::format("cd {} && ./racelab {} 2>&1", folder_.path(), line));
  }
  // The data of the page that a command writes.
  json::value given(const std::string& line, int code) const {
    const Process process = racelab(line + " --output page.html");
    EXPECT_EQ(process.code, code) << process.output;
    EXPECT_EQ(process.output, "");
    const std::string page = content(folder_.path("page.html"));
    if (!page.starts_with(before) || !page.ends_with(after)) {
      ADD_FAILURE() << page;
      return {};
    }
    const std::string text = page.substr(before.size(), page.size() - before.size() - after.size());
    EXPECT_FALSE(contains(text, "<"));
    return json::parse(text);
  }

  TestFolder folder_;
};

TEST_F(Html, explain_draws_its_order_state_by_state) {
  const json::value data = given("explain two-writers --format html", 1);
  EXPECT_EQ(data.at("schema"), "racelab.page/1");
  EXPECT_EQ(data.at("command"), "racelab explain two-writers");
  EXPECT_EQ(data.at("result").at("schema"), "racelab.explain/1");
  EXPECT_TRUE(data.at("text").as_string().starts_with("LOST UPDATE   read-modify-write"));
  EXPECT_EQ(data.at("commands"),
            json::parse(R"(["racelab replay 0.1.0:two-writers:read-modify-write::ABBA:6f442",
                            "racelab step 0.1.0:two-writers:read-modify-write::ABBA:6f442",
                            "racelab step two-writers"])"));
  EXPECT_EQ(data.at("shown").at("scenario"), "two-writers");
  EXPECT_TRUE(data.at("start").is_null());
  // ABBA: the start and four steps; the start lists the six orders of AABB.
  const json::array& way = data.at("way").as_array();
  ASSERT_EQ(way.size(), 5U);
  const char* const orders[] = {"", "A", "AB", "ABB", "ABBA"};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(way[i].at("order"), orders[i]);
  }
  EXPECT_EQ(way[0].at("orders").at("list").as_array().size(), 6U);
  EXPECT_EQ(way[4].at("verdict"), "violated");
  EXPECT_EQ(way[4].at("token"), data.at("result").at("token"));
}

TEST_F(Html, the_smallest_order_leaves_clients_out_and_so_does_its_way) {
  // Of three clients two are enough; among those two there are six orders, not ninety.
  const json::value data = given("explain two-writers --clients 3 --format html", 1);
  const json::array& way = data.at("way").as_array();
  ASSERT_EQ(way.size(), 5U);
  EXPECT_EQ(way[0].at("odds").at("orders"), "6");
  EXPECT_EQ(way[4].at("ended"), true);
  EXPECT_EQ(way[4].at("token"), data.at("result").at("token"));
}

TEST_F(Html, explore_has_all_orders_and_the_smallest_that_goes_wrong) {
  const json::value data = given("explore two-writers --clients=3 --format=html", 1);
  EXPECT_EQ(data.at("command"), "racelab explore two-writers --clients=3");
  EXPECT_EQ(data.at("result").at("orders_violating"), "84");
  // Three clients of two steps: 6! / (2! 2! 2!) = 90.
  EXPECT_EQ(data.at("start").at("orders").at("list").as_array().size(), 90U);
  EXPECT_EQ(data.at("way").as_array().size(), 5U);
  EXPECT_EQ(data.at("commands").as_array().back(), "racelab step two-writers --clients 3");
}

TEST_F(Html, endings_stand_in_it_once_and_single_orders_only_where_all_are_listed) {
  const json::value few = given("explore two-writers --format html", 1);
  EXPECT_TRUE(few.at("result").at("outcomes").as_array().empty());
  const json::object& ending =
      few.at("start").at("orders").at("outcomes").as_array()[0].as_object();
  EXPECT_EQ(ending.at("final"), 1);
  EXPECT_FALSE(ending.contains("told"));
  // 8! / (2!)^4 = 2,520 for four clients; 10! / (2!)^5 = 113,400 for five, more than are listed.
  const json::value many = given("explore two-writers --clients 5 --format html", 1);
  EXPECT_EQ(many.at("result").at("orders"), "113400");
  EXPECT_TRUE(many.at("start").at("orders").at("list").as_array().empty());
  EXPECT_FALSE(many.at("start").at("orders").at("outcomes").as_array().empty());
}

TEST_F(Html, what_holds_has_its_orders_and_no_way) {
  for (const char* verb : {"explain", "explore"}) {
    const json::value data =
        given(fmt::format("{} two-writers --strategy pessimistic-lock --format html", verb), 0);
    EXPECT_EQ(data.at("result").at("schema"), "racelab.explore/1");
    EXPECT_EQ(data.at("result").at("verdict"), "holds");
    EXPECT_EQ(data.at("way").as_array().size(), 0U);
    EXPECT_FALSE(data.at("start").at("orders").at("list").as_array().empty());
  }
}

TEST_F(Html, of_several_strategies_it_is_their_table) {
  const json::value data = given("explore oversold-stock --format html", 1);
  EXPECT_EQ(data.at("result").at("schema"), "racelab.explore-several/1");
  EXPECT_TRUE(data.at("start").is_null());
}

TEST_F(Html, endpoints_in_sql_come_with_their_files) {
  const json::value data =
      given("explain oversold-stock --strategy read-then-write --format html", 1);
  EXPECT_EQ(data.at("result").at("schedule"), "ABBBBAAA");
  EXPECT_EQ(data.at("way").as_array().size(), 9U);
  EXPECT_EQ(data.at("way").as_array()[1].at("tasks").as_array()[0].at("line"), 11);  // the update
  EXPECT_FALSE(data.at("shown").at("files").as_array().empty());
}

TEST_F(Html, compare_leaves_the_settings_of_each_cell_out) {
  const json::value data =
      given("compare two-writers --seeds 3 --vary clients=2,4 --format html", 0);
  const json::value& result = data.at("result");
  EXPECT_EQ(result.at("schema"), "racelab.compare/1");
  // Four strategies at two numbers of clients.
  ASSERT_EQ(result.at("cells").as_array().size(), 8U);
  EXPECT_FALSE(result.at("cells").as_array()[0].as_object().contains("options"));
  EXPECT_TRUE(data.at("shown").is_null());
}

TEST_F(Html, texts_of_users_files_end_no_script) {
  const std::string hostile = "</script><script>alert(1)</script><!-- & 'quoted' \xC3\xA4";
  folder_.write("mine.ini",
                "# " + hostile + "\nworkload = increment\nhazards = race\nclients = 2\n");
  const json::value data = given("explain ./mine.ini --format html", 1);
  EXPECT_EQ(data.at("shown").at("story").as_array()[0].as_string(), hostile);
  std::filesystem::create_directory(folder_.path("shop"));
  folder_.write("shop/setup.sql", "-- " + hostile +
                                      "\ncreate table t (n integer not null);\ninsert into t "
                                      "values (0);\n");
  folder_.write("shop/add.sql",
                "select n from t \\gset\nupdate t set n = :n + 1;\n-- " + hostile + "\n");
  folder_.write("shop/scenario.ini", "# Mine.\nhazards = race\nclients = 2\n");
  const json::value shop = given("explain ./shop --format html", 1);
  EXPECT_TRUE(shop.at("commands").as_array()[0].as_string().ends_with(" ./shop"));
  const json::value& files = shop.at("shown").at("files");
  EXPECT_TRUE(contains(json::value_to<std::string>(files.as_array()[0].at("text")), hostile));
}

TEST_F(Html, step_writes_a_page_that_opens_at_a_place) {
  const json::value place = given("step two-writers --clients 3 --order AB --page", 0);
  EXPECT_EQ(place, json::parse(R"({"scenario": "two-writers", "strategy": "read-modify-write",
                                   "settings": {"clients": "3"}, "order": "AB"})"));
  EXPECT_EQ(given("step payment --param balance=3 --strategy built --page", 0).at("settings"),
            json::parse(R"({"param.balance": "3"})"));
  // A token's order, to its end, which violates.
  EXPECT_EQ(given("step 0.1.0:two-writers:read-modify-write::ABBA:6f442 --page", 1),
            json::parse(R"({"scenario": "two-writers", "strategy": "read-modify-write",
                            "settings": {}, "order": "ABBA"})"));
}

TEST_F(Html, step_says_what_it_cannot_write) {
  folder_.write("mine.ini", "# Mine.\nworkload = increment\nhazards = race\nclients = 2\n");
  folder_.write("there.html", "as it was");
  const auto refused = [&](const std::string& line, const std::string& sentence) {
    const Process process = racelab(line);
    EXPECT_EQ(process.code, 2) << line;
    EXPECT_EQ(process.output, "racelab: " + sentence + "\n");
    EXPECT_EQ(content(folder_.path("there.html")), "as it was");
  };
  refused("step ./mine.ini --page --output there.html",
          "the page has only the built-in scenarios; `racelab explain ... --format html` draws an "
          "order of your own files");
  refused("step two-writers --page", "--page writes a page for a browser: it needs --output FILE");
  refused("step two-writers --output there.html",
          "'--output' is for --page and --format json: a conversation is not written");
  refused("step two-writers --page --format json --output there.html",
          "--page and --format json are two ways to write a place: choose one");
  refused("step 0.1.0:two-writers:read-modify-write::ABBA:6f442 --clients 3",
          "a token names strategy, settings and order: flags for them go with a scenario");
  refused("explore two.spec --format html --output there.html",
          "a spec file is explored as text, json or isolation: there is no page of it");
}

TEST_F(Html, without_a_page_it_says_how_to_build_one) {
  std::filesystem::remove(folder_.path("result.html"));
  const Process process = racelab("explain two-writers --format html --output page.html");
  EXPECT_EQ(process.code, 2);
  EXPECT_EQ(process.output,
            "racelab: the page is not built yet: `./dev page` builds it, in build/page\n");
  EXPECT_FALSE(std::filesystem::exists(folder_.path("page.html")));
  folder_.write("result.html", "<html>of another version</html>");
  EXPECT_EQ(racelab("explain two-writers --format html --output page.html").output,
            "racelab: the built page has no place for data, so another version made it: `./dev "
            "page` builds it anew\n");
  EXPECT_FALSE(std::filesystem::exists(folder_.path("page.html")));
}

TEST_F(Html, needs_a_file_that_is_no_terminal) {
  for (const char* line : {"explain two-writers", "explore two-writers", "compare two-writers",
                           "explain oversold-stock", "explore oversold-stock"}) {
    const CommandResult outcome = racelab_of(fmt::format("{} --format html", line));
    EXPECT_EQ(code(outcome), 2);
    EXPECT_EQ(outcome.errors,
              "racelab: --format html writes a page for a browser: it needs --output FILE\n");
  }
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(grantpt(terminal), 0);
  ASSERT_EQ(unlockpt(terminal), 0);
  const std::string name = ptsname(terminal);
  EXPECT_EQ(racelab_of(fmt::format("explore two-writers --format html --output {}", name)).errors,
            fmt::format("racelab: --format html writes a page for a browser, and '{}' is a "
                        "terminal\n",
                        name));
  close(terminal);
}

TEST(StepToken, stands_at_the_end_of_its_order_and_can_go_back) {
  Environment environment;
  int lines = 0;
  environment.conversation.next_line = [&lines]() -> std::optional<std::string> {
    return ++lines == 1 ? std::optional<std::string>("u") : std::nullopt;
  };
  const CommandResult outcome =
      racelab_of("step 0.1.0:two-writers:read-modify-write::ABBA:6f442", environment);
  EXPECT_EQ(code(outcome), 0);  // one step before its end
  EXPECT_TRUE(contains(outcome.output, "VIOLATED  1 lost update"));
  EXPECT_EQ(code(racelab_of("step 0.1.0:two-writers:read-modify-write::ABBA:6f442")), 1);
}

TEST(StepToken, of_an_order_that_leaves_clients_out_ends_there) {
  // B alone, of two clients: what `explore payment --param balance=3` finds.
  const CommandResult outcome =
      racelab_of("step 0.1.0:payment:built:param.balance=3~issued=0.1:BaB:85b3b --format json");
  EXPECT_EQ(code(outcome), 1);
  const json::value state = json::parse(outcome.output);
  EXPECT_EQ(state.at("order"), "BaB");
  EXPECT_EQ(state.at("ended"), true);
  EXPECT_EQ(state.at("token"), "0.1.0:payment:built:param.balance=3~issued=0.1:BaB:85b3b");
}

}  // namespace
}  // namespace racelab::lab::html_test
