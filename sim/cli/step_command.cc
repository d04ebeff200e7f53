// racelab step: you are the scheduler.
#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/step_session.h"
#include "sim/cli/usage_error.h"
#include "sim/explore/stepper.h"
#include "sim/kernel/expect.h"
#include "sim/report/script_step_page.h"
#include "sim/report/step_json.h"
#include "sim/report/step_page.h"

namespace racelab {

namespace {

std::string what_can_be_typed() {
  std::string text = "\nWhat can be typed:\n\n";
  return text += script_step_help();
}

const CommandSyntax syntax{
    .name = "step",
    .sentence = "you are the scheduler: one execution, statement by statement",
    .usage =
        "usage: racelab step SCENARIO [--strategy S] [option...]\n"
        "\n"
        "You are the scheduler: a letter runs that client's next statement, u undoes it, o tells\n"
        "the odds, ? the rest. Faults with a budget (.max) can be put where you like.\n"
        "--order begins behind some steps; --format json tells where that stands.\n"
        "\n"
        "  racelab step two-writers\n"
        "  racelab step two-writers --strategy atomic-increment --lose-reply.max 1\n"
        "  echo ABBA | racelab step two-writers\n"
        "\n"
        "Endpoints in SQL likewise; without --strategy, the first that can fail.\n"
        "\n"
        "  racelab step oversold-stock --strategy read-then-write\n"
        "  racelab step --setup schema.sql --endpoint buy.sql --param item=1\n",
    .exits = "1 when it ends at an end that violates, else 0; 2 bad usage",
    .flags = {"client", "strategy", "setup", "endpoint", "check", "param", "order",
              "time-passes.max", "time-passes.by", "states-max", "format", "list-orders", "color"},
    .takes_settings = true,
    .words = {{"strategy",
               "how the service writes (default read-modify-write; of endpoints in SQL the first "
               "that can fail)"},
              {"order", "begin behind these steps"},
              {"states-max",
               "tell no odds beyond so many states (default 500000; of endpoints in SQL 200000)"}},
    .more = what_can_be_typed,
};

constexpr std::uint64_t states_max = 500'000;  // a second or so: somebody waits

class StrategyWorld final : public SteppedWorld {
 public:
  StrategyWorld(Experiment experiment, std::uint64_t states)
      : report_(std::move(experiment)), stepper_(report_.settings, report_.fleet, states) {
    look();
  }

  bool take(const std::string& letter) override { return looked(stepper_.take(letter)); }
  bool undo() override { return looked(stepper_.undo()); }
  bool redo() override { return looked(stepper_.redo()); }
  void mark() override { mark_ = stepper_.place(); }
  void back_to_mark() override {
    stepper_.go_to(mark_);
    look();
  }

  [[nodiscard]] std::size_t clients() const override { return report_.settings.clients; }
  [[nodiscard]] bool violated() const override {
    return stepper_.ended() && report_.result.verdict == Verdict::violated;
  }

  [[nodiscard]] Page greeting() override { return step_greeting(report_); }
  [[nodiscard]] Page screen() override { return step_page(report_); }
  [[nodiscard]] Page odds() override { return step_odds(report_, stepper_.outlook()); }
  [[nodiscard]] Page hint() override { return step_hint(report_, stepper_.outlook()); }
  [[nodiscard]] std::string refusal(const std::string& letter) override {
    return step_refusal_text(report_, letter);
  }
  [[nodiscard]] std::string help() const override { return step_help_text(); }
  [[nodiscard]] std::string json(std::size_t orders_max) override {
    return step_json(report_, stepper_.outlook(),
                     orders_max == 0 ? std::nullopt : stepper_.orders(orders_max));
  }

 private:
  bool looked(bool moved) {
    if (moved) {
      look();
    }
    return moved;
  }

  // What the report is made from, as the stepper stands.
  void look() {
    report_.moves = stepper_.moves();
    report_.standing = stepper_.standing();
    report_.token.clear();
    // The model knows no events, so none can be too many for it.
    Settings settings = report_.settings;
    settings.happenings_max = Settings{}.happenings_max;
    report_.result = replay(settings, report_.fleet, {}, report_.moves);
    if (!stepper_.ended()) {
      return;
    }
    RACELAB_EXPECT((report_.result.verdict == Verdict::violated) == stepper_.outcome().violated());
    OrderReport order{static_cast<const Experiment&>(report_)};
    order.order.issued.assign(report_.settings.clients, report_.settings.operations);
    order.order.moves = report_.moves;
    report_.token = token_of(order);
  }

  StepReport report_;
  Stepper stepper_;
  Stepper::Place mark_;
};

std::unique_ptr<SteppedWorld> world_at_start(const Arguments& arguments) {
  if (asks_for_scripts(arguments)) {
    return open_script_world(arguments);
  }
  Arguments others = arguments;
  others.order.clear();  // is for every world
  refuse_flags_of_scripts(others);
  return std::make_unique<StrategyWorld>(load_experiment(syntax, arguments, For::exploration),
                                         std::min(arguments.states_max, states_max));
}

std::unique_ptr<SteppedWorld> open_world(const Arguments& arguments) {
  std::unique_ptr<SteppedWorld> world = world_at_start(arguments);
  if (std::string refusal; !go_to(*world, arguments.order, refusal)) {
    throw UsageError("in --order, " + refusal);
  }
  return world;
}

}  // namespace

std::unique_ptr<SteppedWorld> open_world(const std::vector<std::string>& rest) {
  return open_world(parse_arguments(syntax, rest));
}

const CommandSyntax& step_syntax() { return syntax; }

CommandResult step_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  if (arguments.list_orders > 0 && arguments.format != "json") {
    throw UsageError("'--list-orders' lists them in JSON: it needs --format json");
  }
  const std::unique_ptr<SteppedWorld> world = open_world(arguments);
  const OutputFile standard_output("");
  if (arguments.format == "json") {
    return {world->violated() ? Exit::violated : Exit::as_expected,
            world->json(arguments.list_orders), ""};
  }
  return converse(*world, style_for(arguments, environment), environment.conversation);
}

}  // namespace racelab
