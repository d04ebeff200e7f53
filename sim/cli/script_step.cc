// racelab step for endpoints in SQL.
#include <algorithm>

#include "sim/cli/script_commands.h"
#include "sim/explore/script_explore.h"
#include "sim/report/script_step_page.h"
#include "sim/report/step_json.h"
#include "sim/report/step_words.h"

namespace racelab {

namespace {

class ScriptWorld final : public SteppedWorld {
 public:
  ScriptWorld(LoadedScripts scripts, const std::string& strategy, std::uint64_t states_max,
              const std::vector<std::uint32_t>& issued)
      : scripts_(std::move(scripts)) {
    report_.experiment = experiment_of(scripts_, strategy);
    stepper_.emplace(*report_.experiment.setup, states_max, issued);
    look();
  }

  bool take(const std::string& letter) override { return looked(stepper_->take(letter)); }
  bool undo() override { return looked(stepper_->undo()); }
  bool redo() override { return looked(stepper_->redo()); }
  void mark() override { mark_ = stepper_->place(); }
  void back_to_mark() override {
    stepper_->go_to(mark_);
    look();
  }

  [[nodiscard]] bool begins_letter(char c) const override {
    return SteppedWorld::begins_letter(c) || c == '~';
  }
  [[nodiscard]] std::size_t clients() const override { return report_.experiment.setup->clients(); }
  [[nodiscard]] bool violated() const override {
    return report_.ended && report_.ended->order.outcome.violated();
  }

  [[nodiscard]] Page greeting() override { return script_step_greeting(report_); }
  [[nodiscard]] Page screen() override { return script_step_page(report_); }
  [[nodiscard]] Page odds() override { return odds_page(next_words(report_), stepper_->outlook()); }
  [[nodiscard]] Page hint() override { return hint_page(next_words(report_), stepper_->outlook()); }
  [[nodiscard]] std::string refusal(const std::string& letter) override {
    return step_refusal_text(report_, letter);
  }
  [[nodiscard]] std::string help() const override { return script_step_help(); }
  [[nodiscard]] std::string json(std::size_t orders_max) override {
    return step_json(report_, stepper_->outlook(),
                     orders_max == 0 ? std::nullopt : stepper_->orders(orders_max));
  }

 private:
  bool looked(bool moved) {
    if (moved) {
      look();
    }
    return moved;
  }

  void look() {
    report_.moves = stepper_->moves();
    report_.standing = stepper_->standing();
    report_.ended.reset();
    if (stepper_->ended()) {
      report_.ended = order_report(scripts_, report_.experiment, stepper_->order());
    }
  }

  LoadedScripts scripts_;
  ScriptStepReport report_;
  std::optional<ScriptStepper> stepper_;
  ScriptStepper::Place mark_;
};

// The first that can fail, as far as a short look tells; else the first.
std::string strategy_to_step(const LoadedScripts& scripts) {
  constexpr std::uint64_t states_max = 20'000;
  for (const std::string& strategy : scripts.scenario.strategies) {
    ExploreOptions options;
    options.limits.states = states_max;
    options.examples = false;
    if (explore(*experiment_of(scripts, strategy).setup, options).verdict == Verdict::violated) {
      return strategy;
    }
  }
  return scripts.scenario.strategies.front();
}

}  // namespace

std::unique_ptr<SteppedWorld> world_of(const LoadedScripts& scripts, const std::string& strategy,
                                       const std::vector<std::uint32_t>& issued,
                                       std::uint64_t states_max) {
  return std::make_unique<ScriptWorld>(scripts, strategy, states_max, issued);
}

namespace {

constexpr std::uint64_t step_states_max = 200'000;  // some seconds: somebody waits

}  // namespace

std::unique_ptr<SteppedWorld> open_script_world(const Arguments& arguments) {
  const LoadedScripts scripts = load_scripts(load_script_files(arguments), script_flags(arguments));
  const std::string strategy =
      arguments.strategies.empty() ? strategy_to_step(scripts) : arguments.strategies.front();
  return world_of(scripts, strategy, {}, std::min(arguments.states_max, step_states_max));
}

std::unique_ptr<SteppedWorld> open_script_world(const TokenParts& token,
                                                const Arguments& arguments) {
  Limits limits;
  limits.states = 0;  // its chances are not asked for
  const ScriptTokenContents contents = read_script_token(token, arguments, limits);
  return world_of(contents.scripts, contents.order.strategy, contents.order.order.issued,
                  std::min(arguments.states_max, step_states_max));
}

}  // namespace racelab
