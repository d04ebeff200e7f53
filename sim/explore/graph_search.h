// Depth first. All alternatives of a state are taken at once, from a saved copy of it, and only then looked up: the memory that
// the look-ups need is on its way meanwhile. Those that lead to new states are then gone through one after another, and a state
// gets its number when all of them are done, so that numbers grow from the ends to the root.
//
// A model has the types Step, Who, Outcome (ordered; violated()), Saved and Effects (near_misses), and the members save, restore,
// alternatives, take, variants, who, name, refine_names, overflowed and outcome; see Model. Included where a graph of one is
// built.
#pragma once

#include <algorithm>
#include <map>
#include <memory>

#include "sim/explore/graph.h"
#include "sim/explore/known_states.h"
#include "sim/explore/not_begun.h"
#include "sim/kernel/expect.h"

namespace racelab {

// While searching, states are numbered as they are found, from 1; edges get the final numbers at the end.
template <class World>
class GraphOf<World>::Search {
 public:
  Search(GraphOf& graph, World& model, const Limits& limits, bool symmetry, bool labels)
      : graph_(graph), model_(model), limits_(limits), symmetry_(symmetry), labels_(labels) {}

  /// False: the names were too coarse, and nothing of this is right; the model stands at its start again.
  bool run() {
    typename World::Saved start;
    model_.save(start);
    graph_.first_edge_ = {0, 0};  // `unexplored` has no edges
    enter(find(model_.name(symmetry_)));
    while (depth_ > 0) {
      if (model_.refine_names()) {
        model_.restore(start);
        return false;
      }
      Frame& frame = *frames_[depth_ - 1];
      if (frame.next == frame.steps.size() || stop_) {
        leave(frame);
      } else {
        go_on(frame, frame.next++);
      }
    }
    graph_.bytes_ = bytes();
    number_edges();
    sort_outcomes();
    return true;
  }

 private:
  using Found = std::uint32_t;
  static constexpr Found not_entered = 0;

  // A state whose alternatives have been looked at, and are gone through.
  struct Frame {
    Found state = not_entered;
    typename World::Saved saved;
    std::vector<typename World::Step> steps;
    std::vector<Found> children;  // where each step leads
    std::vector<NearMisses> near_misses;
    std::vector<Label> labels;
    std::size_t next = 0;
  };

  Found find(const Fingerprint& name) {
    Found& state = known_[name];
    if (state == not_entered) {
      state = static_cast<Found>(node_of_.size());
      node_of_.push_back(unexplored);
    }
    return state;
  }

  void go_on(const Frame& frame, std::size_t alternative) {
    const Found state = frame.children[alternative];
    if (state == not_entered || node_of_[state] != unexplored) {
      return;
    }
    if (entered_ >= limits_.states) {
      give_up(Stopped::states);
      stop_ = true;
      return;
    }
    if (looked_at_ != &frame || alternative + 1 < frame.steps.size()) {
      model_.restore(frame.saved);
      model_.take(
          frame.steps
              [alternative]);  // once more: cheaper than keeping copies of where all of them lead
    }
    enter(state);
  }

  // The model stands there; afterwards, at where its last alternative leads.
  void enter(Found state) {
    ++entered_;
    if (depth_ == frames_.size()) {
      frames_.push_back(std::make_unique<Frame>());
    }
    Frame& frame = *frames_[depth_++];
    frame.state = state;
    frame.steps.clear();
    frame.children.clear();
    frame.near_misses.clear();
    frame.labels.clear();
    frame.next = 0;
    model_.alternatives(frame.steps);
    if (frame.steps.empty()) {
      looked_at_ = nullptr;
      end_ = outcomes_.emplace(model_.outcome(), outcomes_.size()).first->second;
      return;
    }
    take_all(frame);
    look_up(frame);
    looked_at_ = &frame;
  }

  void take_all(Frame& frame) {
    model_.save(frame.saved);
    taken_.clear();
    plain_.clear();
    const bool like_others = symmetry_ && !labels_;
    if (like_others) {
      not_begun_.look(model_, frame.steps);
    }
    for (std::size_t i = 0; i < frame.steps.size(); ++i) {  // more may join them
      const std::size_t same = like_others ? not_begun_.same_as(frame.steps, i) : i;
      if (same < i && plain_[same]) {
        frame.near_misses.push_back(frame.near_misses[same]);
        taken_.push_back(taken_[same]);
        plain_.push_back(true);
        continue;
      }
      if (i > 0) {
        model_.restore(frame.saved);
      }
      const typename World::Step step = frame.steps[i];
      if (labels_) {
        frame.labels.push_back({step, model_.who(step)});
      }
      const typename World::Effects& effects = model_.take(step);
      frame.near_misses.push_back(effects.near_misses);
      variants_.clear();
      model_.variants(step, effects, variants_);
      plain_.push_back(variants_.empty());
      if (!variants_.empty()) {
        frame.steps.insert(frame.steps.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                           variants_.begin(), variants_.end());
      }
      if (model_.overflowed()) {
        give_up(Stopped::executions);
        taken_.push_back({});
        continue;
      }
      taken_.push_back(model_.name(symmetry_));
      known_.prefetch(taken_.back());
    }
    const std::uint64_t before = transitions_;
    transitions_ += taken_.size();
    if (transitions_ / between_questions == before / between_questions) {
      return;
    }
    if (bytes() > limits_.bytes) {
      give_up(Stopped::memory);
      stop_ = true;
    } else if (limits_.go_on && !limits_.go_on(entered_, transitions_)) {
      give_up(Stopped::asked);
      stop_ = true;
    }
  }

  void look_up(Frame& frame) {
    for (const Fingerprint& name : taken_) {
      if (name == Fingerprint{}) {
        frame.children.push_back(not_entered);
        continue;
      }
      const Found state = find(name);
      __builtin_prefetch(&node_of_[state]);  // for go_on()
      const bool too_deep = depth_ >= limits_.steps && node_of_[state] == unexplored;
      if (too_deep) {
        give_up(Stopped::steps);
      }
      frame.children.push_back(too_deep ? not_entered : state);
    }
  }

  void leave(Frame& frame) {
    const auto node = static_cast<Node>(graph_.first_edge_.size() - 1);
    node_of_[frame.state] = node;
    if (frame.steps.empty()) {
      graph_.ends_.emplace_back(node, end_);
    }
    graph_.edges_.insert(graph_.edges_.end(), frame.children.begin(), frame.children.end());
    graph_.near_misses_.insert(graph_.near_misses_.end(), frame.near_misses.begin(),
                               frame.near_misses.end());
    if (labels_) {
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
    return known_.bytes() + (node_of_.capacity() * sizeof(Node)) +
           (graph_.first_edge_.capacity() * sizeof(std::uint64_t)) +
           (graph_.edges_.capacity() * (sizeof(Node) + sizeof(NearMisses))) +
           (graph_.labels_.capacity() * sizeof(Label)) +
           (graph_.ends_.capacity() * sizeof(graph_.ends_.front()));
  }

  void number_edges() {
    for (Node node = 1; node + 1 < graph_.first_edge_.size(); ++node) {
      for (std::uint64_t edge = graph_.first_edge_[node]; edge < graph_.first_edge_[node + 1];
           ++edge) {
        Node& to = graph_.edges_[edge];
        to = node_of_[to];
        RACELAB_EXPECT(to < node);  // no cycle: what has been observed only grows
      }
    }
  }

  void sort_outcomes() {
    std::vector<std::uint32_t> place(outcomes_.size());
    for (const auto& [outcome, number] : outcomes_) {
      place[number] = static_cast<std::uint32_t>(graph_.outcomes_.size());
      graph_.outcomes_.push_back(outcome);
      graph_.violated_.push_back(outcome.violated());
    }
    for (auto& [end, outcome] : graph_.ends_) {
      outcome = place[outcome];
    }
  }

  static constexpr std::uint64_t between_questions = 4096;

  GraphOf& graph_;
  World& model_;
  const Limits& limits_;
  bool symmetry_;
  bool labels_;
  bool stop_ = false;
  std::uint64_t transitions_ = 0;
  std::uint64_t entered_ = 0;
  KnownStates known_;
  std::vector<Node> node_of_{unexplored};  // by number; unexplored until its alternatives are done
  std::map<typename World::Outcome, std::uint32_t> outcomes_;
  std::vector<std::unique_ptr<Frame>> frames_;  // used again and again
  std::size_t depth_ = 0;
  const Frame* looked_at_ = nullptr;  // the model stands where its last alternative leads
  std::uint32_t end_ =
      0;  // the outcome of the state that was entered last, if it has no alternatives
  // The alternatives that are being taken.
  std::vector<Fingerprint> taken_;  // the names of where they lead; {}: too far
  std::vector<bool> plain_;         // whether a step has no variants
  std::vector<typename World::Step> variants_;
  NotBegun<World> not_begun_;
};

template <class World>
GraphOf<World>::GraphOf(World& model, const Limits& limits, bool symmetry, bool labels) {
  while (!Search(*this, model, limits, symmetry, labels).run()) {
    *this = GraphOf();
  }
}

}  // namespace racelab
