// The same order in the world of strategies in C++.
#include "sim/explore/same_order_walk.h"

namespace racelab {

bool nothing_left(const Model& model, std::uint32_t client) {
  const LocalState& local = model.local(client);
  return local.requests.empty() && local.handlers.empty();
}

SameOrder same_order(const Settings& settings, const Fleet& fleet,
                     const std::vector<std::uint32_t>& issued, const std::vector<Move>& order,
                     std::uint64_t steps_max) {
  Setup setup(settings, fleet);
  setup.world.clients.issued = issued;
  Model model(setup);
  return SameOrderSearch<Model>(model, order, steps_max).run();
}

}  // namespace racelab
