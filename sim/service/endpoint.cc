// How a request passes through the protections to the strategy.
#include "sim/service/endpoint.h"

namespace racelab {

Endpoint::Endpoint(StrategyFunction strategy_, const Protections& outermost_first)
    : strategy(strategy_), protections(outermost_first) {
  for (std::size_t depth = 0; depth <= protections.size(); ++depth) {
    levels.emplace_back(*this, depth);
  }
  plugin.functions[0] = reinterpret_cast<const void*>(strategy);
  for (std::size_t i = 0; i < protections.size(); ++i) {
    plugin.functions[protections.size() - i] = reinterpret_cast<const void*>(protections[i]);
  }
}

Task<Reply> Next::run(Session& db, const Request& request) const {
  if (depth_ == endpoint_->protections.size()) {
    return endpoint_->strategy(db, request);
  }
  return endpoint_->protections[depth_](db, request, endpoint_->levels[depth_ + 1]);
}

}  // namespace racelab
