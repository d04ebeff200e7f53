// The walk and the search are those of every world.
#include "sim/explore/script_same_order.h"

#include <algorithm>

#include "sim/explore/order_swap_search.h"
#include "sim/explore/same_order_walk.h"

namespace racelab {

namespace {

// Every letter ran in its place, or its client had finished sooner: who reads something else may do less.
bool runs_in_place(const ScriptSameOrder& same) {
  return same.ended && same.held.empty() &&
         std::all_of(same.letters.begin(), same.letters.end(),
                     [](const auto& letter) { return letter.has_value(); }) &&
         std::none_of(same.faults.begin(), same.faults.end(),
                      [](const auto& fault) { return fault.dropped() || fault.moved(); });
}

}  // namespace

bool nothing_left(const ScriptModel& model, std::uint32_t client) {
  const ScriptModel::State& state = model.state();
  const auto of_client = [client](const auto& it) { return it.client == client; };
  return std::none_of(state.requests.begin(), state.requests.end(), of_client) &&
         std::none_of(state.handlers.begin(), state.handlers.end(), of_client);
}

ScriptSameOrder same_order(const ScriptSetup& setup, OneAtATime& rule,
                           const std::vector<std::uint32_t>& issued,
                           const std::vector<ScriptMove>& order, std::uint64_t steps_max) {
  ScriptModel model(setup, rule, issued);
  return SameOrderSearch<ScriptModel>(model, order, steps_max).run();
}

std::optional<ScriptSwap> find_swap(const ScriptSetup& setup, OneAtATime& rule,
                                    const ScriptOrder& order) {
  return shortest_swap<ScriptModel>(order.moves(), [&](const std::vector<ScriptMove>& moves) {
    ScriptSameOrder tried = same_order(setup, rule, order.issued, moves, moves.size() + 1);
    const bool right = runs_in_place(tried) && !tried.outcome.violated();
    return right ? std::optional(std::move(tried)) : std::nullopt;
  });
}

}  // namespace racelab
