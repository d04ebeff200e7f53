// Services that call one another, and clients that stop asking, in words: whose attempt an event is about, who gave up.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "sim/report/timeline.h"
#include "tests/report/report_of.h"

namespace racelab::lab::layers_text_test {
namespace {

namespace json = boost::json;

std::vector<std::string> trace_of(const RunReport& report) {
  std::vector<std::string> lines;
  for (const TraceLine& line : trace_lines(report)) {
    lines.push_back(line.who + ": " + line.event);
  }
  return lines;
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

const Flags two_layers{{"clients", "1"},
                       {"layers", "2"},
                       {"attempts-max", "2"},
                       {"backoff", "none"},
                       {"lose-reply.rate", "100%"},
                       {"lose-reply.max", "1"}};

// The reply of the last service is lost. The client gives up first and asks again; the service in between then does, too:
// the work is done three times, once for nobody.
TEST(LayersText, names_a_call_by_the_attempts_that_lead_to_it) {
  EXPECT_EQ(trace_of(report_of("two-writers", "atomic-increment", 1, two_layers)),
            (std::vector<std::string>{
                "A: operation starts",
                "A.1: client sends the request",
                "A.1: service 1 gets the request",
                "A.1.1: service 1 asks service 2",
                "A.1.1: request arrives, handler starts",
                "A.1.1: UPDATE n = n + 1",
                "A.1.1: service replies ok",
                "A.1.1: FAULT lose-reply (ok)",
                "A.1: client gives up on the attempt",
                "A.2: client sends the request",
                "A.1.1: service 1 gives up on the attempt",
                "A.1.2: service 1 asks service 2",
                "A.2: service 1 gets the request",
                "A.2.1: service 1 asks service 2",
                "A.1.2: request arrives, handler starts",
                "A.2.1: request arrives, handler starts",
                "A.2.1: UPDATE n = n + 1",
                "A.2.1: service replies ok",
                "A.1.2: UPDATE n = n + 1",
                "A.1.2: service replies ok",
                "A.2.1: service 1 hears ok",
                "A.2: service 1 replies ok",
                "A.1.2: service 1 hears ok",
                "A.1: service 1 replies ok",
                "A.2: client hears ok",
                "A.2: client knows: ok",
                "A.1: client ignores a late ok",
            }));
}

TEST(LayersText, says_who_gave_up_and_asked_again) {
  const std::string text =
      run_text(report_of("two-writers", "atomic-increment", 1, two_layers), {});
  EXPECT_TRUE(says(text, "service 1 gives up")) << text;
  EXPECT_TRUE(says(text, "service 1 asks again")) << text;
  EXPECT_TRUE(says(text, "layers=2")) << text;

  // A client that asks once more would be the second to give up; here it cannot, and the repeat is the service's.
  Flags once = two_layers;
  once.insert(once.end(), {{"retry-budget", "0%"}, {"retry-budget-burst", "1"}});
  const std::string why = run_text(report_of("two-writers", "atomic-increment", 1, once), {});
  EXPECT_TRUE(says(why, "service 1 heard\n        nothing, gave up")) << why;
  EXPECT_TRUE(says(why, "asks no more: no budget")) << why;
  EXPECT_TRUE(says(why, "retry-budget=0% retry-budget-burst=1")) << why;
}

// The client asks twice and gives up after 60 ms; service 1 asks three times, and waits 25 ms each time. Nothing arrives.
const Flags unequal{{"clients", "1"},
                    {"attempts-max", "2"},
                    {"timeout", "60ms"},
                    {"backoff", "none"},
                    {"layer.2.timeout", "25ms"},
                    {"layer.2.attempts-max", "3"},
                    {"lose-request.rate", "100%"}};

// Call 4 of service 2 is the first that service 1 makes for the client's second attempt, after three for its first.
TEST(LayersText, numbers_the_calls_of_layers_that_are_unlike) {
  EXPECT_EQ(trace_of(report_of("two-writers", "atomic-increment", 1, unequal)),
            (std::vector<std::string>{
                "A: operation starts",
                "A.1: client sends the request",
                "A.1: service 1 gets the request",
                "A.1.1: service 1 asks service 2",
                "A.1.1: FAULT lose-request",
                "A.1.1: service 1 gives up on the attempt",
                "A.1.2: service 1 asks service 2",
                "A.1.2: FAULT lose-request",
                "A.1.2: service 1 gives up on the attempt",
                "A.1.3: service 1 asks service 2",
                "A.1.3: FAULT lose-request",
                "A.1: client gives up on the attempt",
                "A.2: client sends the request",
                "A.2: service 1 gets the request",
                "A.2.1: service 1 asks service 2",
                "A.2.1: FAULT lose-request",
                "A.1.3: service 1 gives up on the attempt",
                "A.1: service 1 has no answer to give",
                "A.2.1: service 1 gives up on the attempt",
                "A.2.2: service 1 asks service 2",
                "A.2.2: FAULT lose-request",
                "A.2.2: service 1 gives up on the attempt",
                "A.2.3: service 1 asks service 2",
                "A.2.3: FAULT lose-request",
                "A.2: client gives up on the attempt",
                "A.2: client knows: unknown",
                "A.2.3: service 1 gives up on the attempt",
                "A.2: service 1 has no answer to give",
            }));
}

TEST(LayersText, says_who_calls_whom_by_which_path_and_who_gives_up_too_early) {
  const std::string text = run_text(report_of("two-writers", "atomic-increment", 1,
                                              {{"layer.1", "ky"},
                                               {"layer.2", "nginx"},
                                               {"layer.3", "axios-retry"},
                                               {"timeout", "1s"},
                                               {"layer.3.timeout", "2s"},
                                               {"refuse-call.rate", "100%"}}),
                                    {});
  EXPECT_TRUE(says(text,
                   "stack   client: ky (timeout=1s), service 1: nginx, service 2: axios-retry\n"
                   "        (timeout=2s)\n"
                   "path    up to 8 calls of service 3 for one operation when every connection is\n"
                   "        refused: 1 by the client x 2 by service 1 x 4 by service 2\n"))
      << text;
}

// The client waits 50 ms, once; service 1 calls at 1, 21, 41, 61, …, 181 ms: 10 times, of which 7 are after 50 ms.
TEST(LayersText, gives_programs_the_settings_of_each_layer) {
  const json::object run = json::parse(run_json(report_of("two-writers", "atomic-increment", 1,
                                                          {{"clients", "1"},
                                                           {"attempts-max", "1"},
                                                           {"layer.2", "nginx"},
                                                           {"layer.2.retry-on", "timeout"},
                                                           {"layer.2.timeout", "20ms"},
                                                           {"layer.2.attempts-max", "10"},
                                                           {"lose-request.rate", "100%"}})))
                               .as_object();
  const json::object& options = run.at("options").as_object();
  EXPECT_EQ(options.at("layers"), "2");
  EXPECT_EQ(options.at("layer.2"), "nginx");
  EXPECT_EQ(options.at("layer.2.attempts-max"), "10");
  EXPECT_FALSE(options.contains("layer.2.backoff"));
  const json::object& stack = run.at("stack").as_object();
  EXPECT_EQ(stack.at("calls_at_most"), 10);
  EXPECT_EQ(stack.at("calls_when_nobody_waited"), 7);
  const json::array& layers = stack.at("layers").as_array();
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].at("caller"), "client");
  EXPECT_EQ(layers[0].at("client"), nullptr);
  EXPECT_EQ(layers[0].at("settings").at("timeout"), "50ms");
  EXPECT_EQ(layers[1].at("caller"), "service 1");
  EXPECT_EQ(layers[1].at("client"), "nginx");
  EXPECT_EQ(layers[1].at("settings").at("backoff"), "none");
  EXPECT_EQ(layers[1].at("settings").at("retry-on"), "timeout");
  const auto json_of = [](const Flags& flags) {
    return json::parse(run_json(report_of("two-writers", "atomic-increment", 1, flags)))
        .as_object();
  };
  EXPECT_EQ(json_of(two_layers).at("stack").at("calls_at_most"), 4);  // all as the client: 2 x 2
  EXPECT_EQ(json_of({{"layer.2.attempts-max", "endless"}, {"attempts-max", "1"}})
                .at("stack")
                .at("calls_at_most"),
            nullptr);
  EXPECT_FALSE(json_of({}).contains("stack"));
}

TEST(LayersText, says_what_a_breaker_stopped) {
  const Flags lost{{"clients", "1"}, {"lose-request.rate", "100%"}, {"breaker-window", "1"}};
  Flags calls = lost;
  calls.emplace_back("breaker", "calls");
  EXPECT_TRUE(says(run_text(report_of("two-writers", "atomic-increment", 1, calls), {}),
                   "not sent: its breaker is open"));
  EXPECT_EQ(trace_of(report_of("two-writers", "atomic-increment", 1, calls)).end()[-2],
            "A.2: client does not send it: its breaker is open");
  Flags retries = lost;
  retries.emplace_back("breaker", "retries");
  EXPECT_TRUE(says(run_text(report_of("two-writers", "atomic-increment", 1, retries), {}),
                   "asks no more: its breaker"));
}

// What is switched off is not among the settings that shaped a run, nor are the settings of what is switched off.
TEST(LayersText, names_no_setting_of_what_is_off) {
  const std::string text = run_text(report_of("two-writers", "atomic-increment"), {});
  for (const char* setting : {"layers", "budget", "breaker", "spike", "until"}) {
    EXPECT_FALSE(says(text, setting)) << setting;
  }
}

}  // namespace
}  // namespace racelab::lab::layers_text_test
