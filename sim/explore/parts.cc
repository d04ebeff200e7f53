// Looks for parts, walks each, and looks again whether they met.
#include "sim/explore/parts.h"

#include <algorithm>

#include "sim/explore/part_graphs.h"
#include "sim/scenario/verdict.h"

namespace racelab {

namespace {

// What a client's statements name: a bit for each row; for keys, each client whose key it is.
struct Reach {
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;  // or locks
  std::uint64_t keys = 0;
  bool everything = false;  // it looks through the whole table

  void add(const Statement& statement) {
    everything = everything || statement.verb == Verb::scan;
    const bool only_reads = statement.verb == Verb::select && statement.locking == Locking::none;
    for (const RowKey key : statement.keys) {
      if (key.table() == Table::keys) {
        keys |= std::uint64_t{1} << key.client();
      } else {
        (only_reads ? reads : writes) |= std::uint64_t{1} << key.number();
      }
    }
  }
  [[nodiscard]] bool meets(const Reach& other) const {
    return everything || other.everything || (writes & (other.reads | other.writes)) != 0 ||
           (reads & other.writes) != 0 || (keys & other.keys) != 0;
  }
};

std::uint64_t rows_changed_by(const Setup& setup, std::uint32_t client) {
  std::uint64_t rows = 0;
  for (std::uint32_t number = 0; number < setup.world.clients.operations; ++number) {
    for (const RowKey row : setup.workload->change({client, number}).rows) {
      rows |= std::uint64_t{1} << row.number();
    }
  }
  return rows;
}

Partition by_changes(const Setup& setup) {
  const std::uint32_t clients = setup.world.clients.clients;
  Partition partition(clients);
  std::vector<std::uint64_t> rows;
  for (std::uint32_t client = 0; client < clients; ++client) {
    rows.push_back(rows_changed_by(setup, client));
    for (std::uint32_t other = 0; other < client; ++other) {
      if ((rows[client] & rows[other]) != 0) {
        partition.join(client, other);
      }
    }
  }
  return partition;
}

Outcome both(const Setup& setup, const Outcome& a, const Outcome& b) {
  Outcome whole = a;
  for (std::size_t row = 0; row < whole.final.size(); ++row) {
    if (a.final[row] == setup.world.initial_values[row]) {
      whole.final[row] = b.final[row];  // at most one of them can have changed it
    }
  }
  for (std::size_t told = 0; told < whole.told.size(); ++told) {
    for (std::size_t survived = 0; survived < whole.told[told].size(); ++survived) {
      whole.told[told][survived] += b.told[told][survived];
    }
  }
  for (std::size_t kind = 0; kind < anomaly_kinds; ++kind) {
    whole.anomalies[kind] += b.anomalies[kind];
  }
  whole.stuck += b.stuck;
  whole.ledger_adds_up = a.ledger_adds_up && b.ledger_adds_up;
  return whole;
}

// One walk through all parts.
class Walk {
 public:
  Walk(Setup& setup, const ExploreOptions& options, const Partition& partition)
      : setup_(setup),
        options_(options),
        reach_(setup.world.clients.clients),
        parts_(partition.parts()),
        graphs_(options.limits, FaultBudget(setup.faults), parts_.size()) {
    const std::vector<std::uint32_t> issued = setup.world.clients.issued;  // as it was given
    for (const std::vector<std::uint32_t>& clients : parts_) {
      if (parts_.size() > 1) {
        setup.world.clients.issued.assign(reach_.size(), 0);
        for (const std::uint32_t client : clients) {
          setup.world.clients.issued[client] =
              issued.empty() ? setup.world.clients.operations : issued[client];
        }
      }
      Model model(setup);
      graphs_.walk(model, options.symmetry);
      for (const std::uint32_t client : clients) {
        for (const Statement& statement : model.process(client).statements()) {
          reach_[client].add(statement);
        }
      }
    }
    setup.world.clients.issued = issued;
  }

  /// Joins the parts that have met; false: none has.
  bool join_what_met(Partition& partition) const {
    bool met = false;
    for (std::uint32_t a = 0; a < reach_.size(); ++a) {
      for (std::uint32_t b = 0; b < a; ++b) {
        if (!partition.together(a, b) && reach_[a].meets(reach_[b])) {
          partition.join(a, b);
          met = true;
        }
      }
    }
    return met;
  }

  /// Whether the parts tell of the whole. They do not say how many are stuck when several can be: waits count where nobody's
  /// operation is unanswered.
  [[nodiscard]] bool adds_up() const {
    std::size_t stuck = 0;
    for (std::size_t part = 0; part < graphs_.size(); ++part) {
      const std::vector<Outcome>& outcomes = graphs_.graph(part).outcomes();
      stuck += std::any_of(outcomes.begin(), outcomes.end(),
                           [](const Outcome& outcome) { return outcome.stuck > 0; })
                   ? 1
                   : 0;
    }
    return graphs_.size() == 1 || (stuck < 2 && !graphs_.too_long());
  }

  [[nodiscard]] Explored result() const {
    Explored made{put_together(), parts_, graphs_.violating()};
    Exploration& all = made.exploration;
    all.verdict =
        verdict_of({.violated = all.odds.orders_violating > 0, .complete = all.complete()});
    if (options_.examples && all.verdict == Verdict::holds) {
      const std::array<OrderCount, near_miss_kinds> orders = graphs_.near_misses();
      for (std::size_t kind = 0; kind < near_miss_kinds; ++kind) {
        if (orders[kind] > 0) {
          all.near_misses.push_back({static_cast<NearMiss>(kind), orders[kind], std::nullopt});
        }
      }
    }
    return made;
  }

 private:
  [[nodiscard]] Exploration put_together() const {
    Exploration all;
    all.stopped = graphs_.stopped();
    all.odds = graphs_.odds();
    all.parts = graphs_.size();
    all.states = graphs_.states();
    all.transitions = graphs_.transitions();
    all.bytes = graphs_.bytes();
    if (graphs_.size() == 1) {
      all.outcomes = graphs_.graph(0).outcomes();
      return all;
    }
    std::vector<std::vector<Outcome>> outcomes;
    for (std::size_t part = 0; part < graphs_.size(); ++part) {
      outcomes.push_back(graphs_.graph(part).outcomes());
    }
    const auto join = [this](const Outcome& a, const Outcome& b) { return both(setup_, a, b); };
    if (const auto whole = outcomes_together(graphs_.orders(), outcomes, graphs_.budget(),
                                             PartGraphs<Model>::outcomes_max, join);
        whole) {
      for (const auto& [outcome, orders] : *whole) {
        all.outcomes.push_back(outcome);
        all.odds.by_outcome.push_back(orders);
      }
      return all;
    }
    for (std::size_t part = 0; part < graphs_.size(); ++part) {
      PartEndings& endings = all.by_part.emplace_back();
      endings.clients = parts_[part];
      endings.outcomes = outcomes[part];
      for (const OrdersByCost& orders : graphs_.orders()[part].by_outcome) {
        endings.orders.push_back(count_of(orders));
      }
    }
    return all;
  }

  Setup& setup_;
  const ExploreOptions& options_;
  std::vector<Reach> reach_;  // by client
  std::vector<std::vector<std::uint32_t>> parts_;
  PartGraphs<Model> graphs_;
};

}  // namespace

std::vector<Outcome> Exploration::every_outcome() const {
  std::vector<Outcome> all = outcomes;
  for (const PartEndings& part : by_part) {
    all.insert(all.end(), part.outcomes.begin(), part.outcomes.end());
  }
  return all;
}

Explored explore_in_parts(Setup& setup, const ExploreOptions& options) {
  Partition partition = by_changes(setup);
  if (!options.apart || setup.entry->keeps_invariant != nullptr) {
    partition.join_all();
  }
  while (true) {
    Walk walk(setup, options, partition);
    if (walk.join_what_met(partition)) {
      continue;
    }
    if (walk.adds_up()) {
      return walk.result();
    }
    partition.join_all();
  }
}

}  // namespace racelab
