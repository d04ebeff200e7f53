// One execution, taken step by step by whoever asks, in whatever world: what is possible next, where that leads, and every step
// undone and taken again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/explore/graph.h"
#include "sim/explore/odds.h"
#include "sim/explore/walker.h"

namespace racelab {

/// What may still come.
struct Outlook {
  static constexpr std::uint32_t never = UINT32_MAX;
  struct Way {
    double chance = 0;  // of a violation, when every next step is as likely as the others;
                        // exactly 1: doomed
    std::uint32_t steps = never;  // to the nearest end that violates
    OrderCount orders = {};       // from there on
    OrderCount orders_violating = {};
  };
  Way here;
  std::vector<Way> next;  // after each step that is possible
};

/// Orders one by one, as words.
template <class World>
struct ListedOrders {
  struct Order {
    std::string word;
    std::uint32_t outcome = 0;  // its place among the outcomes
  };
  std::vector<typename World::Outcome> outcomes;  // sorted
  std::vector<OrderCount> by_outcome;             // how many orders end in each, listed or not
  std::vector<Order> list;                        // in the order of the alternatives
};

/// A letter with its marks as it stands in a word: "A'" is "A2", "A1" is "A".
std::string plain_letter(std::string_view letter);

/// By node: how many steps the nearest end that violates is away.
std::vector<std::uint32_t> steps_to_violation(const OrderGraph& graph);

template <class World>
class StepWalk {
 public:
  using Move = MoveOf<World>;

  /// From where the model stands, which must outlive this. Looks ahead through at most so many states.
  StepWalk(World& model, std::uint64_t states_max)
      : model_(model), walker_(model), states_max_(states_max) {
    look();
  }

  /// The steps that were taken and not undone.
  [[nodiscard]] const std::vector<Move>& moves() const { return walker_.moves(); }
  /// Every step that is possible; none: the execution has ended.
  [[nodiscard]] const std::vector<Move>& next() const { return next_; }
  [[nodiscard]] bool ended() const { return next_.empty(); }

  /// Takes the step that a letter with its marks names ("A", "A2", "A'", "Ar"). False: it is not possible here, or would be one
  /// execution too many to keep account of; nothing has changed.
  bool take(std::string_view letter) {
    const std::string plain = plain_letter(letter);
    const auto found = std::find_if(next_.begin(), next_.end(),
                                    [&plain](const Move& move) { return word_of(move) == plain; });
    if (found == next_.end()) {
      return false;
    }
    const Move move = *found;
    if (walker_.try_out(move.step).overflows) {
      return false;
    }
    way_.resize(moves().size());
    way_.push_back(move);
    go(move);
    return true;
  }

  /// One step back; false at the start.
  bool undo() {
    if (moves().empty()) {
      return false;
    }
    walker_.back_to(moves().size() - 1);
    look();
    return true;
  }

  /// Takes the step that was undone last; false when there is none.
  bool redo() {
    if (moves().size() == way_.size()) {
      return false;
    }
    go(way_[moves().size()]);
    return true;
  }

  /// Where this stands, with what could be redone: to come back to.
  struct Place {
    std::vector<Move> way;
    std::size_t taken = 0;
  };
  [[nodiscard]] Place place() const { return {way_, moves().size()}; }
  void go_to(const Place& place) {
    std::size_t common = 0;
    while (common < std::min(moves().size(), place.taken) &&
           way_[common].step == place.way[common].step) {
      ++common;
    }
    walker_.back_to(common);
    way_ = place.way;
    for (std::size_t i = common; i < place.taken; ++i) {
      walker_.take(way_[i].step);
    }
    look();
  }

  /// What may still come; nullptr when that is too large to know.
  const Outlook* outlook() {
    if (!looked_ahead_) {
      looked_ahead_ = true;
      look_ahead();
    }
    return outlook_ ? &*outlook_ : nullptr;
  }

  /// The orders that begin with the steps taken: the first so many. Nothing: there is too much to know.
  std::optional<ListedOrders<World>> orders(std::size_t orders_max) {
    const std::optional<Node> node = find_node();
    if (!node || kept_->symmetry) {
      return std::nullopt;
    }
    ListedOrders<World> orders;
    orders.outcomes = kept_->graph.outcomes();
    orders.by_outcome = orders_by_outcome(kept_->graph, *node);
    Lister lister{orders, orders_max, {}, {}, word_of(moves()), moves().size()};
    list_from(*node, lister);
    walker_.back_to(lister.steps_before);
    return orders;
  }

 private:
  using Node = OrderGraph::Node;

  // A graph with what is read off it. Without symmetry it is kept for as long as the way goes through it.
  struct Kept {
    Kept(World& model, const Limits& limits, bool symmetric,
         std::vector<typename World::Step> begin)
        : before(std::move(begin)), symmetry(symmetric), graph(model, limits, symmetric, true) {
      if (graph.complete()) {
        chances = violation_chances(graph);
        steps = steps_to_violation(graph);
        orders.emplace(graph);
      }
    }
    std::vector<typename World::Step> before;  // the steps that lead to where it begins
    bool symmetry;                             // what lies inside may be told of other clients
    GraphOf<World> graph;
    std::vector<double> chances;
    std::vector<std::uint32_t> steps;
    std::optional<OrdersOn> orders;
  };

  // Goes through the graph, and has the model tell each node's letters when it is first there.
  struct Lister {
    ListedOrders<World>& orders;
    std::size_t orders_max;
    std::map<Node, std::vector<std::string>> letters_of;
    std::vector<typename World::Step> way;  // to where it is, from where this stands
    std::string word;
    std::size_t steps_before;
  };

  void go(const Move& move) {
    walker_.take(move.step);
    look();
  }

  void look() {
    next_ = walker_.next();
    outlook_.reset();
    looked_ahead_ = false;
  }

  [[nodiscard]] std::vector<typename World::Step> steps_taken() const {
    std::vector<typename World::Step> steps;
    for (const Move& move : moves()) {
      steps.push_back(move.step);
    }
    return steps;
  }

  // The node of the kept graph where this stands; nothing: it is not in it.
  [[nodiscard]] std::optional<Node> node_in(const Kept& kept) const {
    const std::vector<typename World::Step> taken = steps_taken();
    if (taken.size() < kept.before.size() ||
        !std::equal(kept.before.begin(), kept.before.end(), taken.begin()) ||
        (kept.symmetry && taken.size() > kept.before.size())) {
      return std::nullopt;
    }
    Node node = kept.graph.root();
    for (std::size_t i = kept.before.size(); i < taken.size(); ++i) {
      const auto labels = kept.graph.labels(node);
      const auto found = std::find_if(labels.begin(), labels.end(),
                                      [&](const auto& label) { return label.step == taken[i]; });
      RACELAB_EXPECT(found != labels.end());
      node = kept.graph.next(node)[static_cast<std::size_t>(found - labels.begin())];
    }
    return node;
  }

  bool keep(const typename World::Saved& from, bool symmetry,
            std::vector<typename World::Step> before) {
    const Limits limits{.states = states_max_, .go_on = {}};
    model_.restore(from);
    kept_ = std::make_unique<Kept>(model_, limits, symmetry, std::move(before));
    model_.restore(walker_.here());
    if (!kept_->graph.complete()) {
      kept_.reset();
    }
    return kept_ != nullptr;
  }

  // Best of all is a graph from the start: then every step, back and forth, is in it.
  std::optional<Node> find_node() {
    if (kept_) {
      if (const std::optional<Node> node = node_in(*kept_)) {
        return node;
      }
    }
    if (!start_is_too_large_ && keep(walker_.start(), false, {})) {
      return node_in(*kept_);
    }
    start_is_too_large_ = true;
    const bool kept = (!moves().empty() && keep(walker_.here(), false, steps_taken())) ||
                      keep(walker_.here(), true, steps_taken());
    return kept ? node_in(*kept_) : std::nullopt;
  }

  void look_ahead() {
    const std::optional<Node> here = find_node();
    if (!here) {
      return;
    }
    const auto way = [this](Node node) {
      return Outlook::Way{kept_->chances[node], kept_->steps[node], kept_->orders->all(node),
                          kept_->orders->violating(node)};
    };
    outlook_.emplace(Outlook{way(*here), {}});
    const auto labels = kept_->graph.labels(*here);
    RACELAB_EXPECT(labels.size() == next_.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      RACELAB_EXPECT(labels[i].step == next_[i].step);
      outlook_->next.push_back(way(kept_->graph.next(*here)[i]));
    }
  }

  void list_from(Node node, Lister& lister) {
    if (kept_->graph.is_end(node)) {
      lister.orders.list.push_back({lister.word, kept_->graph.outcome_of(node)});
      return;
    }
    const std::vector<std::string>& next = letters_at(node, lister);
    for (std::size_t i = 0; i < next.size(); ++i) {
      if (lister.orders.list.size() >= lister.orders_max) {
        return;
      }
      lister.way.push_back(kept_->graph.labels(node)[i].step);
      lister.word += next[i];
      list_from(kept_->graph.next(node)[i], lister);
      lister.word.resize(lister.word.size() - next[i].size());
      lister.way.pop_back();
    }
  }

  const std::vector<std::string>& letters_at(Node node, Lister& lister) {
    const auto known = lister.letters_of.find(node);
    if (known != lister.letters_of.end()) {
      return known->second;
    }
    std::size_t same = 0;
    while (lister.steps_before + same < moves().size() && same < lister.way.size() &&
           moves()[lister.steps_before + same].step == lister.way[same]) {
      ++same;
    }
    walker_.back_to(lister.steps_before + same);
    for (std::size_t i = same; i < lister.way.size(); ++i) {
      walker_.take(lister.way[i]);
    }
    std::vector<std::string>& next = lister.letters_of[node];
    for (const Move& move : walker_.next()) {
      next.push_back(word_of(move));
    }
    return next;
  }

  World& model_;
  WalkerOf<World> walker_;
  std::uint64_t states_max_;
  std::vector<Move> next_;
  std::vector<Move> way_;           // the steps taken, then those that can be redone
  std::optional<Outlook> outlook_;  // of this point, when it was asked for
  bool looked_ahead_ = false;
  std::unique_ptr<Kept> kept_;
  bool start_is_too_large_ = false;
};

}  // namespace racelab
