// The cheapest way through a graph (cheapest.h); and which graph: of the fewest clients and operations that violate at all.
#include "sim/explore/counterexample.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>
#include <tuple>

#include "sim/explore/cheapest.h"
#include "sim/explore/odds.h"
#include "sim/kernel/stop.h"

namespace racelab {

namespace {

// The one whose letter comes first in the alphabet, of a word as racelab writes it.
std::size_t first_by_word(const std::vector<std::size_t>& edges,
                          std::span<const StateGraph::Label> labels, const Model& model) {
  const auto letter = [&](std::size_t edge) { return word_of(move_of(model, labels[edge].step)); };
  return *std::min_element(edges.begin(), edges.end(),
                           [&](std::size_t a, std::size_t b) { return letter(a) < letter(b); });
}

// Ways to share `total` operations among `clients`, each at least one and at most `most`; the first clients get more first.
void share_out(std::uint32_t clients, std::uint32_t total, std::uint32_t most,
               std::vector<std::uint32_t>& shares, std::vector<std::vector<std::uint32_t>>& all) {
  if (clients == 0) {
    if (total == 0) {
      all.push_back(shares);
    }
    return;
  }
  for (std::uint32_t mine = std::min(most, total); mine >= 1; --mine) {
    shares.push_back(mine);
    share_out(clients - 1, total - mine, most, shares, all);
    shares.pop_back();
  }
}

bool are_in_one_part(const std::vector<std::uint32_t>& members,
                     const std::vector<std::vector<std::uint32_t>>& parts) {
  return parts.empty() || std::any_of(parts.begin(), parts.end(), [&members](const auto& part) {
           return std::includes(part.begin(), part.end(), members.begin(), members.end());
         });
}

// Subsets of {0 … all-1} with `size` members, in alphabetical order.
std::vector<std::vector<std::uint32_t>> subsets(std::uint32_t all, std::uint32_t size) {
  std::vector<std::vector<std::uint32_t>> result;
  std::vector<std::uint32_t> members(size);
  std::iota(members.begin(), members.end(), 0U);
  while (true) {
    result.push_back(members);
    std::size_t i = size;
    while (i > 0 && members[i - 1] == all - size + i - 1) {
      --i;
    }
    if (i == 0) {
      return result;
    }
    ++members[i - 1];
    for (; i < size; ++i) {
      members[i] = members[i - 1] + 1;
    }
  }
}

}  // namespace

std::optional<WalkedOrder> smallest_in(const StateGraph& graph, Model& model,
                                       std::optional<NearMiss> by) {
  const Cheapest<Model> cheapest(graph, by);
  const Cheapest<Model>* way = &cheapest;
  if (cheapest.from(graph.root(), std::nullopt) == impossible) {
    return std::nullopt;
  }
  const std::vector<double> chances = violation_chances(graph);
  WalkedOrder found;
  found.chances.push_back(chances[graph.root()]);
  Walker walker(model);
  StateGraph::Node node = graph.root();
  std::optional<HandlerName> last;
  while (!graph.is_end(node)) {
    const std::size_t edge =
        first_by_word(way->cheapest_edges(node, last), graph.labels(node), model);
    const StateGraph::Label& label = graph.labels(node)[edge];
    found.faults += label.step.faults();
    found.switches += last && *last != label.who ? 1 : 0;
    last = label.who;
    way = &way->after(node, edge);
    node = graph.next(node)[edge];
    walker.take(label.step);
    found.chances.push_back(chances[node]);
  }
  found.moves = walker.moves();
  found.outcome = graph.outcomes()[graph.outcome_of(node)];
  return found;
}

std::optional<WalkedOrder> find_smallest(const Settings& settings, const Fleet& fleet,
                                         const Limits& limits, std::optional<NearMiss> by,
                                         const std::vector<std::vector<std::uint32_t>>& parts) {
  Setup setup(settings, fleet);
  const Model whole(setup);
  std::size_t most = parts.empty() ? settings.clients : 0;
  for (const std::vector<std::uint32_t>& part : parts) {
    most = std::max(most, part.size());
  }
  for (std::uint32_t clients = 1; clients <= most; ++clients) {
    for (std::uint32_t total = clients; total <= clients * settings.operations; ++total) {
      std::vector<std::vector<std::uint32_t>> shares;
      std::vector<std::uint32_t> share;
      share_out(clients, total, settings.operations, share, shares);
      std::optional<WalkedOrder> best;
      // Subsets that differ only by who is who among interchangeable clients need no second look.
      std::set<std::vector<std::pair<std::uint32_t, std::uint32_t>>> looked_at;
      for (const auto& members : subsets(settings.clients, clients)) {
        if (!are_in_one_part(members, parts)) {
          continue;
        }
        for (const auto& each : shares) {
          setup.world.clients.issued.assign(settings.clients, 0);
          std::vector<std::pair<std::uint32_t, std::uint32_t>> kind;
          for (std::uint32_t i = 0; i < clients; ++i) {
            setup.world.clients.issued[members[i]] = each[i];
            kind.emplace_back(whole.class_of(members[i]), each[i]);
          }
          std::sort(kind.begin(), kind.end());
          if (!looked_at.insert(kind).second) {
            continue;
          }
          Model model(setup);
          Arena::Snapshot start;
          model.save(start);
          const StateGraph graph(model, limits, false, true);
          model.restore(start);
          std::optional<WalkedOrder> found = smallest_in(graph, model, by);
          if (!found) {
            if (graph.stopped() == StateGraph::Stopped::asked || stop_asked()) {
              return std::nullopt;
            }
            continue;
          }
          found->issued = setup.world.clients.issued;
          found->clients = clients;
          found->operations = total;
          const auto size = [](const WalkedOrder& it) {
            std::vector<std::string> word;
            for (const Move& move : it.moves) {
              word.push_back(word_of(move));
            }
            return std::tuple(it.faults, it.switches, it.moves.size(), std::move(word));
          };
          if (!best || size(*found) < size(*best)) {
            best = std::move(found);
          }
        }
      }
      if (best) {
        return best;
      }
    }
  }
  return std::nullopt;
}

WalkedOrder walk_order(const Settings& settings, const Fleet& fleet,
                       const std::vector<std::uint32_t>& issued, const std::vector<Move>& moves,
                       const Limits& limits) {
  Setup setup(settings, fleet);
  setup.world.clients.issued = issued;
  Model model(setup);
  Walker walker(model);
  WalkedOrder order;
  order.issued = issued;
  order.moves = moves;
  for (const std::uint32_t operations : issued) {
    order.clients += operations > 0 ? 1 : 0;
    order.operations += operations;
  }
  for (std::size_t i = 0; i < moves.size(); ++i) {
    order.faults += moves[i].step.faults();
    order.switches += i > 0 && moves[i].who != moves[i - 1].who ? 1 : 0;
    walker.take(moves[i].step);
  }
  if (walker.ended()) {
    order.outcome = model.outcome();
  }
  walker.back_to(0);
  const StateGraph graph(model, limits, false, true);
  if (!graph.complete()) {
    return order;
  }
  const std::vector<double> chances = violation_chances(graph);
  StateGraph::Node node = graph.root();
  order.chances.push_back(chances[node]);
  for (const Move& move : moves) {
    const auto labels = graph.labels(node);
    const auto label =
        std::find_if(labels.begin(), labels.end(),
                     [&move](const StateGraph::Label& l) { return l.step == move.step; });
    if (label == labels.end()) {
      order.chances.clear();
      return order;
    }
    node = graph.next(node)[static_cast<std::size_t>(label - labels.begin())];
    order.chances.push_back(chances[node]);
  }
  return order;
}

}  // namespace racelab
