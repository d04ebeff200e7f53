// One walk with undo goes through all ways.
#include "sim/explore/serial_endings.h"

#include <algorithm>

namespace racelab {

namespace {

class SerialWalk {
 public:
  SerialWalk(ScriptModel& model, std::size_t ways_max)
      : model_(model), walker_(model), ways_max_(ways_max) {}

  std::vector<SerialEnding> run() {
    go_on();
    if (endings_.size() > ways_max_) {
      endings_.clear();
    }
    return std::move(endings_);
  }

 private:
  void go_on() {
    if (endings_.size() > ways_max_) {
      return;
    }
    if (walker_.ended()) {
      endings_.push_back({sequence_, model_.outcome()});
      return;
    }
    const std::size_t here = walker_.moves().size();
    for (std::uint8_t client = 0; client < model_.setup().clients(); ++client) {
      const std::uint8_t operation = model_.state().clients[client].operation;
      if (run_one(client)) {
        sequence_.push_back(model_.place_of(client, operation));
        go_on();
        sequence_.pop_back();
      }
      walker_.back_to(here);
    }
  }

  // The client's next operation, to its end; false: it has none, or it comes to no end alone.
  bool run_one(std::uint8_t client) {
    const std::uint8_t operation = model_.state().clients[client].operation;
    const ScriptModel::State& state = model_.state();
    while (state.clients[client].operation == operation) {
      const std::vector<ScriptStep>& possible = walker_.possible();
      const auto step = std::find_if(possible.begin(), possible.end(), [&](const ScriptStep& it) {
        return it.client == client && it.faults() == 0;
      });
      if (step == possible.end()) {
        return false;
      }
      walker_.take(ScriptStep(*step));
    }
    return true;
  }

  ScriptModel& model_;
  ScriptWalker walker_;
  std::size_t ways_max_;
  std::vector<std::size_t> sequence_;
  std::vector<SerialEnding> endings_;
};

}  // namespace

std::vector<SerialEnding> serial_endings(const ScriptSetup& setup, OneAtATime& rule,
                                         const std::vector<std::uint32_t>& issued,
                                         std::size_t ways_max) {
  ScriptModel model(setup, rule, issued);
  return SerialWalk(model, ways_max).run();
}

}  // namespace racelab
