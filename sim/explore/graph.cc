// Depth first: a state's alternatives are taken one after another from a saved copy of it, and a state gets its number when
// all of them are done, so that numbers grow from the ends to the root.
#include "sim/explore/graph.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <map>

#include "sim/kernel/expect.h"

namespace racelab {

namespace {

// A fingerprint is as good as random already.
struct HashOfFingerprint {
  using is_avalanching = void;
  std::size_t operator()(const Fingerprint& name) const { return name.low; }
};

}  // namespace

// While searching, states are numbered as they are found; edges get the final numbers at the end.
class StateGraph::Search {
 public:
  Search(StateGraph& graph, Model& model, const Limits& limits, bool symmetry, bool labels)
      : graph_(graph), model_(model), limits_(limits), symmetry_(symmetry), labels_(labels) {}

  void run() {
    graph_.first_edge_ = {0, 0};  // `unexplored` has no edges
    enter(model_.name(symmetry_));
    while (depth_ > 0) {
      Frame& frame = *frames_[depth_ - 1];
      if (frame.next == frame.steps.size() || stop_) {
        leave(frame);
      } else {
        take_next(frame);
      }
    }
    graph_.bytes_ = bytes();
    number_edges();
    sort_outcomes();
  }

 private:
  static constexpr std::uint32_t not_entered = UINT32_MAX;

  // A state whose alternatives are being taken.
  struct Frame {
    std::uint32_t entry = 0;
    Arena::Snapshot saved;
    std::vector<Step> steps;
    std::size_t next = 0;
    std::vector<std::uint32_t> children;
    std::vector<Label> labels;
    bool moved = false;  // the model stands somewhere else now
  };

  std::uint32_t enter(const Fingerprint& name) {
    const auto entry = static_cast<std::uint32_t>(node_of_.size());
    known_.emplace(name, entry);
    node_of_.push_back(unexplored);
    if (depth_ == frames_.size()) {
      frames_.push_back(std::make_unique<Frame>());
    }
    Frame& frame = *frames_[depth_++];
    frame.entry = entry;
    frame.steps.clear();
    frame.children.clear();
    frame.labels.clear();
    frame.next = 0;
    frame.moved = false;
    model_.alternatives(frame.steps);
    if (!frame.steps.empty()) {
      model_.save(frame.saved);
    }
    return entry;
  }

  void take_next(Frame& frame) {
    const Step step = frame.steps[frame.next++];
    if (frame.moved) {
      model_.restore(frame.saved);
    }
    frame.moved = true;
    if (labels_) {
      frame.labels.push_back({step, model_.who(step)});
    }
    const Model::Effects effects = model_.take(step);
    variants_.clear();
    model_.variants(step, effects, variants_);
    if (!variants_.empty()) {
      frame.steps.insert(frame.steps.begin() + static_cast<std::ptrdiff_t>(frame.next),
                         variants_.begin(), variants_.end());
    }
    if (++transitions_ % between_questions == 0 && limits_.go_on &&
        !limits_.go_on(node_of_.size(), transitions_)) {
      give_up(Stopped::asked);
      stop_ = true;
    }
    if (model_.overflowed()) {
      give_up(Stopped::executions);
      frame.children.push_back(not_entered);
      return;
    }
    const Fingerprint name = model_.name(symmetry_);
    const auto known = known_.find(name);
    if (known != known_.end()) {
      frame.children.push_back(known->second);
    } else if (node_of_.size() >= limits_.states) {
      give_up(Stopped::states);
      stop_ = true;
      frame.children.push_back(not_entered);
    } else if (depth_ >= limits_.steps) {
      give_up(Stopped::steps);
      frame.children.push_back(not_entered);
    } else {
      frame.children.push_back(enter(name));
    }
  }

  void leave(Frame& frame) {
    const auto node = static_cast<Node>(graph_.first_edge_.size() - 1);
    node_of_[frame.entry] = node;
    if (frame.steps.empty()) {
      const auto [outcome, is_new] =
          outcomes_.emplace(model_.outcome(), static_cast<std::uint32_t>(outcomes_.size()));
      graph_.ends_.emplace_back(node, outcome->second);
    }
    frame.children.resize(frame.steps.size(), not_entered);
    graph_.edges_.insert(graph_.edges_.end(), frame.children.begin(), frame.children.end());
    if (labels_) {
      frame.labels.resize(frame.steps.size());
      graph_.labels_.insert(graph_.labels_.end(), frame.labels.begin(), frame.labels.end());
    }
    graph_.first_edge_.push_back(graph_.edges_.size());
    graph_.root_ = node;
    --depth_;
  }

  void give_up(Stopped why) {
    graph_.complete_ = false;
    graph_.stopped_ = why;
  }

  [[nodiscard]] std::uint64_t bytes() const {
    return (known_.bucket_count() * (sizeof(std::pair<Fingerprint, std::uint32_t>) + 1)) +
           (node_of_.capacity() * sizeof(Node)) +
           (graph_.first_edge_.capacity() * sizeof(std::uint64_t)) +
           (graph_.edges_.capacity() * sizeof(Node)) + (graph_.labels_.capacity() * sizeof(Label)) +
           (graph_.ends_.capacity() * sizeof(graph_.ends_.front()));
  }

  void number_edges() {
    for (Node node = 1; node + 1 < graph_.first_edge_.size(); ++node) {
      for (std::uint64_t edge = graph_.first_edge_[node]; edge < graph_.first_edge_[node + 1];
           ++edge) {
        Node& to = graph_.edges_[edge];
        to = to == not_entered ? unexplored : node_of_[to];
        RACELAB_EXPECT(to < node);  // no cycle: what has been observed only grows
      }
    }
  }

  void sort_outcomes() {
    std::vector<std::uint32_t> place(outcomes_.size());
    for (const auto& [outcome, number] : outcomes_) {
      place[number] = static_cast<std::uint32_t>(graph_.outcomes_.size());
      graph_.outcomes_.push_back(outcome);
    }
    for (auto& [end, outcome] : graph_.ends_) {
      outcome = place[outcome];
    }
  }

  static constexpr std::uint64_t between_questions = 4096;

  StateGraph& graph_;
  Model& model_;
  const Limits& limits_;
  bool symmetry_;
  bool labels_;
  bool stop_ = false;
  std::uint64_t transitions_ = 0;
  boost::unordered_flat_map<Fingerprint, std::uint32_t, HashOfFingerprint> known_;
  std::vector<Node> node_of_;  // by entry; unexplored while its alternatives are being taken
  std::map<Outcome, std::uint32_t> outcomes_;
  std::vector<std::unique_ptr<Frame>> frames_;  // used again and again
  std::size_t depth_ = 0;
  std::vector<Step> variants_;
};

StateGraph::StateGraph(Model& model, const Limits& limits, bool symmetry, bool labels) {
  Search(*this, model, limits, symmetry, labels).run();
}

std::uint32_t StateGraph::outcome_of(Node end) const {
  const auto found =
      std::lower_bound(ends_.begin(), ends_.end(), end,
                       [](const auto& entry, Node node) { return entry.first < node; });
  RACELAB_EXPECT(found != ends_.end() && found->first == end);
  return found->second;
}

}  // namespace racelab
