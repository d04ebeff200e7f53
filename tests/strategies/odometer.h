// An odometer over every order: it runs one execution after another, each time with the next choice among the statements
// that are ready, until all have been taken.
//
// The plainest explorer there can be, kept as an oracle: no states, no snapshots, no cleverness. It merges what touches
// nothing shared (requests, replies, client timers) exactly as Replay does, so an order found here can be replayed there.
#pragma once

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "sim/kernel/choice.h"
#include "sim/kernel/expect.h"

namespace racelab::lab {

class Odometer final : public Choice {
 public:
  /// Makes ready for the next order; false when every one has been taken.
  bool next_order() {
    RACELAB_EXPECT(offered_.empty());
    if (started_) {
      while (!wheels_.empty() && wheels_.back().place + 1 == wheels_.back().size) {
        wheels_.pop_back();
      }
      if (wheels_.empty()) {
        return false;
      }
      ++wheels_.back().place;
    }
    started_ = true;
    step_ = 0;
    turns_.clear();
    set_now({});
    return true;
  }

  /// The order just taken, for Replay.
  [[nodiscard]] Order order() const {
    Order order;
    order.turns = turns_;
    return order;
  }

  /// The same as a word: a letter for each statement, A for client 0.
  [[nodiscard]] std::string word() const {
    std::string word;
    for (const Order::Turn& turn : turns_) {
      word += static_cast<char>('A' + static_cast<char>(turn.client));
    }
    return word;
  }

 protected:
  void add(Pending& pending) override { offered_.push_back(&pending); }

  void take_back(Pending& pending) override {
    offered_.erase(std::find(offered_.begin(), offered_.end(), &pending));
  }

  Occurrence decide() override {
    for (Pending* pending : offered_) {
      if (pending->happening == Happening::request || pending->happening == Happening::reply ||
          pending->happening == Happening::timer) {
        take_back(*pending);
        return {pending, Fault::none};
      }
    }
    std::vector<Pending*> ready;
    for (Pending* pending : offered_) {
      if (pending->happening == Happening::statement) {
        ready.push_back(pending);
      }
    }
    if (ready.empty()) {
      return {};
    }
    std::sort(ready.begin(), ready.end(), [](const Pending* a, const Pending* b) {
      return std::tie(a->name.client, a->name.operation, a->name.attempt) <
             std::tie(b->name.client, b->name.operation, b->name.attempt);
    });
    if (step_ == wheels_.size()) {
      wheels_.push_back({0, ready.size()});
    }
    RACELAB_EXPECT(wheels_[step_].size == ready.size());  // the same choices lead to the same place
    Pending* chosen = ready[wheels_[step_++].place];
    turns_.push_back(
        {.client = chosen->name.client, .handler = 0, .happening = Happening::statement});
    take_back(*chosen);
    set_now(now() + milliseconds(1));
    return {chosen, Fault::none};
  }

 private:
  struct Wheel {
    std::size_t place = 0;
    std::size_t size = 0;
  };
  std::vector<Pending*> offered_;  // in the order they were offered
  std::vector<Wheel> wheels_;      // one per step, the slowest first
  std::size_t step_ = 0;
  std::vector<Order::Turn> turns_;
  bool started_ = false;
};

}  // namespace racelab::lab
