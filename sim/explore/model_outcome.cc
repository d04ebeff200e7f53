// How an execution ended, judged by what each row's last version contains.
#include <algorithm>
#include <boost/container/static_vector.hpp>

#include "sim/explore/model_state.h"
#include "sim/scenario/verdict.h"

namespace racelab {

bool Outcome::violated() const {
  return stuck > 0 || invariant_broken || !ledger_adds_up ||
         std::any_of(anomalies.begin(), anomalies.end(), [](std::uint32_t n) { return n > 0; });
}

Outcome Model::outcome() const {
  Outcome outcome;
  const Store& store = state_->store;
  for (std::uint32_t row = 0; row < state_->applied.size(); ++row) {
    const VersionId last = store.last_committed(RowKey::row(row));
    outcome.final.push_back(store.versions()[last].value);
    outcome.ledger_adds_up =
        outcome.ledger_adds_up && !state_->wrong && state_->contents[last].excess == 0;
  }
  std::uint32_t waits = 0;
  for (const Live& live : state_->live) {
    waits += store.waiting(live.session) ? 1 : 0;
  }
  for (std::uint32_t client = 0; client < clients_; ++client) {
    const LocalState& here = local(client);
    for (std::uint32_t number = 0; number < here.told.size(); ++number) {
      outcome.stuck += here.told[number] == 0 ? 1 : 0;
      if (number >= here.issued) {
        continue;  // it waits for one that is stuck
      }
      const Told told =
          here.told[number] == 0 ? Told::unknown : static_cast<Told>(here.told[number] - 1);
      const std::uint32_t operation = (client * operations_) + number;
      boost::container::static_vector<RowFate, rows_max> rows;
      const Change change = setup_.workload->change({client, number});
      for (std::uint32_t row = 0; row < state_->applied.size(); ++row) {
        const bool applied = ((state_->applied[row] >> operation) & 1U) != 0;
        const bool changes = std::find(change.rows.begin(), change.rows.end(), RowKey::row(row)) !=
                             change.rows.end();
        if (applied || changes) {
          const VersionId last = store.last_committed(RowKey::row(row));
          rows.push_back({row, applied ? 1U : 0U, state_->contents[last].count(operation)});
        }
      }
      const OperationFate fate = fate_of(told, {rows.data(), rows.size()});
      ++outcome.told[static_cast<std::size_t>(told)][std::min(fate.surviving, 2U)];
      for (std::size_t kind = 0; kind < anomaly_kinds; ++kind) {
        outcome.anomalies[kind] += fate.anomalies[kind] ? 1 : 0;
      }
    }
  }
  outcome.stuck = outcome.stuck > 0 ? outcome.stuck : waits;
  outcome.invariant_broken = outcome.stuck == 0 && breaks_invariant(setup_, outcome.final);
  return outcome;
}

}  // namespace racelab
