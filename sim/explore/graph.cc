// The graph of states, as the models that are walked instantiate it.
#include "sim/explore/graph.h"

#include <algorithm>

#include "sim/explore/graph_search.h"
#include "sim/kernel/expect.h"

namespace racelab {

std::uint32_t OrderGraph::outcome_of(Node end) const {
  const auto found =
      std::lower_bound(ends_.begin(), ends_.end(), end,
                       [](const auto& entry, Node node) { return entry.first < node; });
  RACELAB_EXPECT(found != ends_.end() && found->first == end);
  return found->second;
}

template class GraphOf<Model>;

}  // namespace racelab
