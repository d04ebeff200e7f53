// racelab step: you are the scheduler.
#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/page_files.h"
#include "sim/cli/page_place.h"
#include "sim/cli/result_page.h"
#include "sim/cli/scenario_file.h"
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

std::string what_can_be_typed() { return "What can be typed:\n\n" + script_step_help(); }

const CommandSyntax syntax{
    .name = "step",
    .sentence = "you are the scheduler: one execution, statement by statement",
    .usage =
        "usage: racelab step SCENARIO|TOKEN [--strategy S] [option...]\n"
        "\n"
        "You are the scheduler: a letter runs that client's next statement, u undoes it,\n"
        "o tells the odds, ? the rest. Faults with a budget (.max) can be put where you\n"
        "like. --order begins behind some steps, a token at the end of its order;\n"
        "--format json tells where that stands, and --page writes the page in the\n"
        "browser, opened there, to --output.\n"
        "\n"
        "  racelab step two-writers\n"
        "  racelab step two-writers --strategy atomic-increment --lose-reply.max 1\n"
        "  echo ABBA | racelab step two-writers\n"
        "  racelab step two-writers --order AB --page --output doomed.html\n"
        "\n"
        "Endpoints in SQL likewise; without --strategy, the first that can fail.\n"
        "\n"
        "  racelab step oversold-stock --strategy read-then-write\n"
        "  racelab step --setup schema.sql --endpoint buy.sql --param item=1\n",
    .exits = "1 when it ends at an end that violates, else 0; 2 bad usage",
    .flags = {"client", "strategy", "setup", "endpoint", "check", "param", "order",
              "time-passes.max", "time-passes.by", "states-max", "format", "list-orders", "page",
              "output", "color"},
    .takes_settings = true,
    .names_max = 2,
    .name_word = "scenario or token",
    .page_is_switch = true,
    .words = {{"page", "write a page for a browser that opens there"},
              {"strategy",
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
  StrategyWorld(const Experiment& experiment, const std::vector<std::uint32_t>& issued,
                std::uint64_t states)
      : report_(experiment),
        issued_(issued),
        stepper_(report_.settings, report_.fleet, states, issued) {
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
    report_.result = replay(settings, report_.fleet, issued_, report_.moves);
    if (!stepper_.ended()) {
      return;
    }
    RACELAB_EXPECT((report_.result.verdict == Verdict::violated) == stepper_.outcome().violated());
    OrderReport order{static_cast<const Experiment&>(report_)};
    order.order.issued = issued_;
    if (issued_.empty()) {
      order.order.issued.assign(report_.settings.clients, report_.settings.operations);
    }
    order.order.moves = report_.moves;
    report_.token = token_of(order);
  }

  StepReport report_;
  std::vector<std::uint32_t> issued_;  // operations of each client; empty: all
  Stepper stepper_;
  Stepper::Place mark_;
};

std::unique_ptr<SteppedWorld> world_at_start(const Arguments& arguments) {
  if (arguments.names.size() > 1) {
    throw UsageError(fmt::format("`racelab step` takes one scenario: what is '{}' after '{}'?",
                                 arguments.names[1], arguments.names[0]));
  }
  if (asks_for_scripts(arguments)) {
    return open_script_world(arguments);
  }
  Arguments others = arguments;
  others.order.clear();  // is for every world
  refuse_flags_of_scripts(others);
  return world_of(load_experiment(syntax, arguments, For::exploration), {},
                  std::min(arguments.states_max, states_max));
}

// The order that a token names is a place like every other: it can be left, too.
struct OpenedToken {
  std::unique_ptr<SteppedWorld> world;
  std::string word;
};
OpenedToken world_of_token(const Arguments& arguments) {
  if (!arguments.settings.empty() || !arguments.strategies.empty() || !arguments.order.empty()) {
    throw UsageError(
        "a token names strategy, settings and order: flags for them go with a scenario");
  }
  const TokenParts parts = parts_of_token(arguments.names.front());
  if (is_script_token(parts)) {
    return {open_script_world(parts, arguments), parts.word};
  }
  refuse_files(arguments);
  const TokenContents contents = read_token(arguments.names.front());
  return {
      world_of(contents.experiment, contents.issued, std::min(arguments.states_max, states_max)),
      contents.word};
}

std::unique_ptr<SteppedWorld> open_world(const Arguments& arguments) {
  std::string refusal;
  if (!arguments.names.empty() && is_token(arguments.names.front())) {
    OpenedToken opened = world_of_token(arguments);
    if (!go_to(*opened.world, opened.word, refusal)) {
      throw UsageError(fmt::format("in the token: {}", refusal));
    }
    return std::move(opened.world);
  }
  std::unique_ptr<SteppedWorld> world = world_at_start(arguments);
  if (!go_to(*world, arguments.order, refusal)) {
    throw UsageError(fmt::format("in --order, {}", refusal));
  }
  return world;
}

// The page with the engine in it, told where to begin.
CommandResult write_page(const Arguments& arguments) {
  const std::string built = page_to_fill(arguments, "racelab.html", "--page");
  if (arguments.format != "text") {
    throw UsageError("--page and --format json are two ways to write a place: choose one");
  }
  const std::unique_ptr<SteppedWorld> world = open_world(arguments);
  OutputFile file(arguments.output);
  file.write(filled_page(built, page_place(arguments, *world)));
  return {world->violated() ? Exit::violated : Exit::as_expected, "", ""};
}

}  // namespace

std::unique_ptr<SteppedWorld> world_of(const Experiment& experiment,
                                       const std::vector<std::uint32_t>& issued,
                                       std::uint64_t states) {
  return std::make_unique<StrategyWorld>(experiment, issued, states);
}

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
  if (arguments.writes_page) {
    return write_page(arguments);
  }
  if (!arguments.output.empty() && arguments.format != "json") {
    throw UsageError("'--output' is for --page and --format json: a conversation is not written");
  }
  const std::unique_ptr<SteppedWorld> world = open_world(arguments);
  OutputFile file(arguments.output);
  if (arguments.format == "json") {
    return deliver(world->violated() ? Exit::violated : Exit::as_expected,
                   world->json(arguments.list_orders), file, arguments);
  }
  return converse(*world, style_for(arguments, environment), environment.conversation);
}

}  // namespace racelab
