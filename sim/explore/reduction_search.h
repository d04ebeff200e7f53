// The search behind ReducedOutcomes: depth first, like the graph's (graph_search.h), without anything that only counting needs.
// Included where one is built for a model.
#pragma once

#include <memory>
#include <set>
#include <utility>

#include "sim/explore/known_states.h"
#include "sim/explore/not_begun.h"
#include "sim/explore/reduction.h"

namespace racelab {

template <class World>
class ReducedOutcomes<World>::Search {
 public:
  Search(ReducedOutcomes& found, World& model, const Limits& limits, bool symmetry, Until until)
      : found_(found), model_(model), limits_(limits), symmetry_(symmetry), until_(until) {}

  /// False: something was learned that what was done before should have known; the model stands at its start again.
  bool run() {
    typename World::Saved start;
    model_.save(start);
    is_new(model_.name(symmetry_));
    enter();
    while (depth_ > 0 && !stop_) {
      const bool names = model_.refine_names();
      const bool touches = model_.refine_touches();
      if (names || touches) {
        model_.restore(start);
        return false;
      }
      Frame& frame = *frames_[depth_ - 1];
      if (frame.fresh.empty()) {
        --depth_;
      } else {  // the last one first: the model may stand where it leads
        const std::uint32_t alternative = frame.fresh.back();
        frame.fresh.pop_back();
        go_on(frame, alternative);
      }
    }
    found_.bytes_ = known_.bytes();
    found_.outcomes_.assign(outcomes_.begin(), outcomes_.end());
    return true;
  }

 private:
  // A state whose alternatives have been taken once.
  struct Frame {
    typename World::Saved saved;
    std::vector<typename World::Step> steps;
    std::vector<std::uint32_t>
        fresh;  // those that led to states nobody had met, and are to be entered
  };

  bool is_new(const Fingerprint& name) { return std::exchange(known_[name], 1U) == 0; }

  void go_on(const Frame& frame, std::uint32_t alternative) {
    if (found_.states_ >= limits_.states) {
      give_up(OrderGraph::Stopped::states);
      stop_ = true;
      return;
    }
    if (looked_at_ != &frame || alternative + 1 < frame.steps.size()) {
      model_.restore(frame.saved);
      model_.take(frame.steps[alternative]);
    }
    enter();
  }

  // The model stands there; afterwards, at where its last alternative leads.
  void enter() {
    ++found_.states_;
    if (depth_ == frames_.size()) {
      frames_.push_back(std::make_unique<Frame>());
    }
    Frame& frame = *frames_[depth_];
    frame.steps.clear();
    frame.fresh.clear();
    model_.alternatives(frame.steps);
    if (frame.steps.empty()) {
      looked_at_ = nullptr;
      end();
      return;
    }
    if (depth_ + 1 >= limits_.steps) {
      looked_at_ = nullptr;
      give_up(OrderGraph::Stopped::steps);
      return;
    }
    ++depth_;
    model_.keep_enough(frame.steps);
    take_all(frame);
    looked_at_ = &frame;
  }

  void end() {
    auto outcome = model_.outcome();
    if (outcome.violated()) {
      found_.violated_ = true;
      stop_ = stop_ || until_ == Until::first_violation;
    }
    outcomes_.insert(std::move(outcome));
  }

  void take_all(Frame& frame) {
    model_.save(frame.saved);
    taken_.clear();
    plain_.clear();
    if (symmetry_) {
      not_begun_.look(model_, frame.steps);
    }
    for (std::size_t i = 0; i < frame.steps.size(); ++i) {  // more may join them
      const std::size_t same = symmetry_ ? not_begun_.same_as(frame.steps, i) : i;
      if (same < i && plain_[same]) {
        taken_.push_back(taken_[same]);
        plain_.push_back(true);
        continue;
      }
      if (i > 0) {
        model_.restore(frame.saved);
      }
      const typename World::Step step = frame.steps[i];
      const typename World::Effects& effects = model_.take(step);
      variants_.clear();
      model_.variants(step, effects, variants_);
      plain_.push_back(variants_.empty());
      if (!variants_.empty()) {
        frame.steps.insert(frame.steps.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                           variants_.begin(), variants_.end());
      }
      if (model_.overflowed()) {
        give_up(OrderGraph::Stopped::executions);
        taken_.push_back({});
        continue;
      }
      taken_.push_back(model_.name(symmetry_));
      known_.prefetch(taken_.back());
    }
    for (std::uint32_t i = 0; i < taken_.size(); ++i) {
      if (taken_[i] != Fingerprint{} && is_new(taken_[i])) {
        frame.fresh.push_back(i);
      }
    }
    ask_whether_to_go_on(taken_.size());
  }

  void ask_whether_to_go_on(std::uint64_t more) {
    const std::uint64_t before = found_.transitions_;
    found_.transitions_ += more;
    if (found_.transitions_ / between_questions == before / between_questions) {
      return;
    }
    if (known_.bytes() > limits_.bytes) {
      give_up(OrderGraph::Stopped::memory);
      stop_ = true;
    } else if (limits_.go_on && !limits_.go_on(found_.states_, found_.transitions_)) {
      give_up(OrderGraph::Stopped::asked);
      stop_ = true;
    }
  }

  void give_up(OrderGraph::Stopped why) { found_.stopped_ = why; }

  static constexpr std::uint64_t between_questions = 4096;

  ReducedOutcomes& found_;
  World& model_;
  const Limits& limits_;
  bool symmetry_;
  Until until_;
  bool stop_ = false;
  KnownStates known_;
  std::set<typename World::Outcome> outcomes_;
  std::vector<std::unique_ptr<Frame>> frames_;  // used again and again
  std::size_t depth_ = 0;
  const Frame* looked_at_ = nullptr;  // the model stands where its last alternative leads
  // The alternatives that are being taken.
  std::vector<Fingerprint> taken_;  // the names of where they lead; {}: too far
  std::vector<bool> plain_;         // whether a step has no variants
  std::vector<typename World::Step> variants_;
  NotBegun<World> not_begun_;
};

template <class World>
ReducedOutcomes<World>::ReducedOutcomes(World& model, const Limits& limits, bool symmetry,
                                        Until until) {
  static_cast<void>(model.refine_touches());  // what is known already
  while (!Search(*this, model, limits, symmetry, until).run()) {
    *this = ReducedOutcomes();
  }
}

}  // namespace racelab
