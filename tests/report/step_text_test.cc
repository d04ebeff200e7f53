// The screen of a scheduler: it fits a terminal, and the statement that it announces is the one that then runs.
#include "sim/report/step_page.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/report/order_steps.h"
#include "sim/report/words.h"
#include "sim/store/sql.h"
#include "tests/report/stepping.h"

namespace racelab::lab::step_text_test {
namespace {

StepReport report_of(const Experiment& experiment, const Stepper& stepper) {
  StepReport report(experiment);
  report.moves = stepper.moves();
  report.standing = stepper.standing();
  report.result = replay(experiment.settings, experiment.fleet, {}, report.moves);
  return report;
}

std::size_t widest(const std::string& text) {
  std::size_t width = 0;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    width = std::max(width, end - begin);
    begin = end + 1;
  }
  return width;
}

TEST(StepText, every_screen_fits_80_columns) {
  for (const SteppingPlace& place : stepping_places()) {
    const Experiment experiment = experiment_of(place);
    Stepper stepper(experiment.settings, experiment.fleet);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      SCOPED_TRACE(place.scenario + " " + place.strategy);
      stepper.go_to({});
      wander(stepper, seed, 200, [&](const std::string&, std::size_t) {
        const StepReport report = report_of(experiment, stepper);
        const std::string screen = step_text(report, {});
        EXPECT_LE(widest(screen), text_width) << screen;
        EXPECT_EQ(screen.back(), '\n');
      });
    }
  }
  EXPECT_LE(widest(step_help_text()), text_width);
}

TEST(StepText, the_statement_that_is_announced_is_the_one_that_runs) {
  for (const SteppingPlace& place : stepping_places()) {
    const Experiment experiment = experiment_of(place);
    Stepper stepper(experiment.settings, experiment.fleet);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      SCOPED_TRACE(place.scenario + " " + place.strategy + " seed " + std::to_string(seed));
      stepper.go_to({});
      std::vector<std::string> announced;
      wander(stepper, seed, 200, [&](const std::string&, std::size_t chosen) {
        const Move& move = stepper.standing().next[chosen];
        for (const Standing::Handler& handler : stepper.standing().handlers) {
          if (handler.who == move.who) {
            announced.push_back(handler.statement ? to_sql(*handler.statement, experiment.row_names)
                                                  : "");
          }
        }
      });
      OrderReport order(experiment);
      order.order.moves = stepper.moves();
      order.order.chances.resize(stepper.moves().size() + 1);
      order.result = replay(experiment.settings, experiment.fleet, {}, stepper.moves());
      const std::vector<OrderStep> steps = order_steps(order);
      ASSERT_EQ(steps.size(), announced.size());
      for (std::size_t i = 0; i < steps.size(); ++i) {
        const Step& step = order.order.moves[i].step;
        const bool plain = step.faults() == 0 &&
                           (step.kind == Step::Kind::statement || step.kind == Step::Kind::request);
        if (plain) {
          EXPECT_EQ(steps[i].statement, announced[i]) << word_of(order.order.moves);
        }
      }
    }
  }
}

TEST(StepText, color_marks_the_verdict_and_nothing_else_changes) {
  const Experiment experiment = experiment_of({"two-writers", "read-modify-write", {}});
  Stepper stepper(experiment.settings, experiment.fleet);
  for (const char* letter : {"A", "B", "B", "A"}) {
    ASSERT_TRUE(stepper.take(letter));
  }
  const StepReport report = report_of(experiment, stepper);
  std::string colored = step_text(report, {.color = true});
  EXPECT_TRUE(colored.starts_with("\x1b[31mVIOLATED\x1b[0m  1 lost update")) << colored;
  for (const char* code : {"\x1b[31m", "\x1b[0m"}) {
    for (std::size_t at = colored.find(code); at != std::string::npos; at = colored.find(code)) {
      colored.erase(at, std::string(code).size());
    }
  }
  EXPECT_EQ(colored, step_text(report, {}));
}

TEST(StepText, long_orders_show_their_last_twenty_lines) {
  const Experiment experiment =
      experiment_of({"two-writers", "read-modify-write", {{"operations", "12"}}});
  Stepper stepper(experiment.settings, experiment.fleet);
  for (int step = 0; step < 23; ++step) {
    ASSERT_TRUE(stepper.take("A"));
  }
  const std::string screen = step_text(report_of(experiment, stepper), {});
  const std::string timeline = screen.substr(0, screen.find("\n\n") + 1);
  EXPECT_EQ(std::count(timeline.begin(), timeline.end(), '\n'), 22) << screen;
  EXPECT_NE(timeline.find("\n  ...\n    4 "), std::string::npos) << screen;
  EXPECT_NE(timeline.find("\n   23 "), std::string::npos) << screen;
}

TEST(StepText, what_cannot_be_known_is_said) {
  const StepReport report;
  EXPECT_EQ(page_text(step_odds(report, nullptr), {}).substr(0, 30),
            "odds    too large to know: too");
  EXPECT_EQ(page_text(step_hint(report, nullptr), {}).substr(0, 30),
            "hint    too large to know: too");
}

}  // namespace
}  // namespace racelab::lab::step_text_test
