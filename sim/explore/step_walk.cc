// Words as they are typed, and how far away a violation is.
#include "sim/explore/step_walk.h"

namespace racelab {

std::vector<std::uint32_t> steps_to_violation(const OrderGraph& graph) {
  std::vector<std::uint32_t> steps(graph.root() + std::size_t{1}, Outlook::never);
  for (OrderGraph::Node node = OrderGraph::unexplored + 1; node <= graph.root(); ++node) {
    if (graph.is_end(node)) {
      steps[node] = graph.violated()[graph.outcome_of(node)] ? 0 : Outlook::never;
      continue;
    }
    for (const OrderGraph::Node next : graph.next(node)) {
      if (steps[next] != Outlook::never) {
        steps[node] = std::min(steps[node], steps[next] + 1);
      }
    }
  }
  return steps;
}

std::string plain_letter(std::string_view letter) {
  std::string plain(letter.substr(0, 1));
  letter.remove_prefix(plain.size());
  std::size_t strokes = 0;
  while (letter.starts_with('\'')) {
    ++strokes;
    letter.remove_prefix(1);
  }
  if (strokes > 0) {
    plain += std::to_string(strokes + 1);
  } else if (letter.starts_with('1') &&
             (letter.size() == 1 || letter[1] < '0' || letter[1] > '9')) {
    letter.remove_prefix(1);
  }
  return plain + std::string(letter);
}

}  // namespace racelab
