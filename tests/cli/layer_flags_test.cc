// Whose retries a flag sets, over a file that has set others: presets do not mix, and reports name the one that was at work.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "tests/cli/command.h"
#include "tests/cli/folder.h"

namespace racelab::lab::layer_flags_test {
namespace {

namespace json = boost::json;

// The policies of all layers, as `run --format json` gives them.
json::array layers_of(const std::string& line) {
  const CommandResult result = racelab_of("run " + line + " --format json");
  EXPECT_EQ(result.errors, "");
  return json::parse(result.output).at("stack").at("layers").as_array();
}

json::object options_of(const std::string& line) {
  const CommandResult result = racelab_of("run " + line + " --format json");
  EXPECT_EQ(result.errors, "");
  return json::parse(result.output).at("options").as_object();
}

std::string text_of(const std::string& line) { return racelab_of(line).output; }

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

constexpr const char* base = "# Mine.\nworkload = charge\ninitial = 1000\namount = 30\n";

// axios-retry heeds a Retry-After; opossum has a breaker. Neither is left of the file's preset under another one.
TEST(LayerFlags, replace_the_preset_of_the_file) {
  const TestFolder folder;
  folder.write("axios.ini", std::string(base) + "layer.1 = axios-retry\nlayer.2 = fetch\n");
  folder.write("opossum.ini", std::string(base) + "client = opossum\n");
  const json::array layers = layers_of(folder.path("axios.ini") + " --layer 1=stripe");
  EXPECT_EQ(layers[0].at("client"), "stripe");
  EXPECT_EQ(layers[0].at("settings").at("attempts-max"), "3");
  EXPECT_EQ(layers[0].at("settings").at("retry-after"), "ignored");
  const json::object options = options_of(folder.path("opossum.ini") + " --client ky");
  EXPECT_EQ(options.at("timeout"), "10s");
  EXPECT_EQ(options.at("breaker"), "none");
  EXPECT_EQ(options_of(folder.path("opossum.ini")).at("breaker"), "calls");
}

// The file's own retry-after stays, though the preset has set another before; so does what no preset has set.
TEST(LayerFlags, leave_what_the_file_sets_besides_its_preset) {
  const TestFolder folder;
  folder.write("over.ini", std::string(base) + "client = axios-retry\nretry-after = replaces\n");
  EXPECT_EQ(options_of(folder.path("over.ini") + " --client fetch").at("retry-after"), "replaces");
  folder.write("own.ini", std::string(base) + "attempts-max = 7\nretry-after = at-least\n");
  const json::object options = options_of(folder.path("own.ini") + " --client fetch");
  EXPECT_EQ(options.at("attempts-max"), "1");
  EXPECT_EQ(options.at("retry-after"), "at-least");
}

TEST(LayerFlags, are_who_the_report_says_was_at_work) {
  const TestFolder folder;
  folder.write("mine.ini", std::string(base) + "layer.1 = axios-retry\nlayer.2 = nginx\n");
  const std::string line = "run " + folder.path("mine.ini") + " --client stripe --timeout 7s";
  const std::string text = text_of(line);
  EXPECT_TRUE(says(text, "client: stripe")) << text;
  EXPECT_TRUE(says(text, " layer.1=stripe\n        layer.2=nginx\n")) << text;
  EXPECT_TRUE(says(text, "timeout=7s")) << text;
  EXPECT_TRUE(says(text, folder.path("mine.ini") + " --seed 1 --client stripe --timeout 7s\n"))
      << text;
}

// A preset that is typed stands over all that the file says of its layer; a setting that is typed, over every preset.
TEST(LayerFlags, with_a_preset_win_over_the_files_settings_of_that_layer) {
  // layered-stack: layer.2.timeout = 1s, layer.2.attempts-max = 3
  const json::object nginx = layers_of("layered-stack --layer 2=nginx")[1].as_object();
  EXPECT_EQ(nginx.at("settings").at("attempts-max"), "2");
  const json::object both =
      layers_of("layered-stack --layer.2.attempts-max 4 --layer 2=nginx")[1].as_object();
  EXPECT_EQ(both.at("settings").at("attempts-max"), "4");
  const json::object other = layers_of("layered-stack --layer.2.attempts-max 4")[1].as_object();
  EXPECT_EQ(other.at("client"), nullptr);
  EXPECT_EQ(other.at("settings").at("timeout"), "1s");
}

// The cells of a comparison, too: a typed timeout stands over ky's 10 s in each; the pauses of stripe do not get into ky.
TEST(LayerFlags, hold_in_every_cell_of_a_comparison) {
  const TestFolder folder;
  folder.write("mine.ini", std::string(base) +
                               "layer.1 = axios-retry\ncompare.strategies = atomic-increment\n"
                               "compare.a.layer.2 = ky\ncompare.b.layer.1 = stripe\n");
  const auto cells = [](const std::string& line) {
    return json::parse(racelab_of("compare " + line + " --seeds 1 --format json").output)
        .at("cells")
        .as_array();
  };
  const json::array varied = cells("retry-storm --vary layer.1=stripe,ky --timeout 3s");
  ASSERT_EQ(varied.size(), 2U);
  for (const json::value& cell : varied) {
    EXPECT_EQ(cell.at("options").at("timeout"), "3s");
  }
  EXPECT_EQ(varied[0].at("options").at("backoff-min"), "500ms");
  EXPECT_EQ(varied[1].at("options").at("backoff-min"), "none");
  const json::array variants = cells(folder.path("mine.ini"));
  ASSERT_EQ(variants.size(), 2U);
  EXPECT_EQ(variants[0].at("options").at("retry-after"), "at-least");
  EXPECT_EQ(variants[1].at("options").at("retry-after"), "ignored");
}

TEST(LayerFlags, say_whose_the_clients_retries_are_only_once) {
  for (const char* more : {"", " --layer 2=ky"}) {
    EXPECT_EQ(
        racelab_of(std::string("compare retry-storm --vary layer.1=nginx,ky --client axios") + more)
            .errors,
        "racelab: 'layer.1' is varied, and given as --client axios, too: both say whose the "
        "clients' retries are\n");
  }
  EXPECT_EQ(racelab_of("compare retry-storm --vary layer.2=nginx,ky --layer 2=ky").errors,
            "racelab: 'layer.2' is varied, and given as --layer 2=ky, too\n");
}

// A line `layers` is not raised by one that names a layer, whichever comes first.
TEST(LayerFlags, of_a_file_agree_with_its_number_of_layers) {
  const TestFolder folder;
  for (const char* lines : {"layers = 2\nlayer.3 = ky\n", "layer.3 = ky\nlayers = 2\n"}) {
    folder.write("mine.ini", std::string(base) + lines);
    const std::string errors = racelab_of("run " + folder.path("mine.ini")).errors;
    EXPECT_TRUE(says(errors, ": layer.3 needs layers=3 or more: it means nothing with layers=2\n"))
        << errors;
  }
}

// stripe waits 80 s and asks three times, ky 10 s and once; both stand behind a service with ky's policy.
TEST(LayerFlags, that_vary_a_preset_leave_what_it_sets_out_of_what_is_common) {
  const std::string text =
      text_of("compare retry-storm --vary layer.1=stripe,ky --layer 2=ky --seeds 2");
  const std::string common = text.substr(text.rfind("\nwith "));
  EXPECT_FALSE(says(common, " timeout=")) << common;
  EXPECT_FALSE(says(common, " attempts-max=")) << common;
  EXPECT_TRUE(says(common, " layers=3")) << common;
  EXPECT_TRUE(says(common, "layer.2=ky")) << common;
}

// Exploration follows one service: it is not the next command where there are more.
TEST(LayerFlags, offer_no_exploration_that_is_refused) {
  EXPECT_FALSE(says(text_of("compare real-clients --layer 2=nginx --seeds 2"), "racelab explore"));
  EXPECT_TRUE(says(text_of("compare real-clients --seeds 2"), "racelab explore real-clients"));
}

TEST(LayerFlags, do_not_decide_whether_the_path_is_told) {
  EXPECT_TRUE(
      says(text_of("run retry-storm"),
           "\npath    up to 27 calls of service 3 for one operation when every answer is a\n"
           "        503: 3 by the client x 3 by service 1 x 3 by service 2\n"))
      << text_of("run retry-storm");
  EXPECT_TRUE(says(text_of("run retry-storm --layer 1=ky"),
                   "\nstack   client: ky, service 1: as the client, service 2: as the client\n"));
}

}  // namespace
}  // namespace racelab::lab::layer_flags_test
