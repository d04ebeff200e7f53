// Copies what counts out of the store: committed versions of the rows (idempotency keys are not part of any change).
#include "sim/check/history.h"

#include <algorithm>

namespace racelab {

namespace {

// Those that their clients were to issue.
void add_operations(History& history, const World& world, const Workload& workload,
                    const ClientSettings& settings) {
  history.operations.reserve(world.clients().operations().size());
  for (std::uint32_t client = 0; client < settings.clients; ++client) {
    for (std::uint32_t number = 0; number < world.clients().issued_by(client); ++number) {
      const OperationRecord& record =
          world.clients().operations()[(std::size_t{client} * settings.operations) + number];
      const Change change = workload.change({client, number});
      history.operations.push_back(
          {.name = {client, number},
           .told = record.told,
           .finished = record.finished,
           .started = record.started,
           .ended = record.ended,
           .attempts = record.attempts,
           .amount_count = static_cast<std::uint16_t>(change.rows.size()),
           .first_amount = static_cast<std::uint32_t>(history.amounts.size())});
      for (std::size_t i = 0; i < change.rows.size(); ++i) {
        history.amounts.push_back({change.rows[i].number(), change.amounts[i]});
      }
    }
  }
}

}  // namespace

std::optional<std::int64_t> History::amount_on(std::uint32_t operation, std::uint32_t row) const {
  for (const RowAmount& on_row : change(operation)) {
    if (on_row.row == row) {
      return on_row.amount;
    }
  }
  return std::nullopt;
}

History history_of(const World& world, const Workload& workload, const WorldSettings& settings) {
  History history;
  add_operations(history, world, workload, settings.clients);
  const Store& store = world.store();
  for (std::uint32_t row = 0; row < settings.initial_values.size(); ++row) {
    const VersionId last = store.last_committed(RowKey::row(row));
    history.rows.push_back({.key = RowKey::row(row),
                            .initial = settings.initial_values[row],
                            .final = store.versions()[last].value,
                            .last = last});
  }

  std::vector<VersionId> committed;
  for (VersionId id = 0; id < store.versions().size(); ++id) {
    const Version& version = store.versions()[id];
    if (version.committed != 0 && version.key.table() == Table::rows) {
      committed.push_back(id);
    }
  }
  std::stable_sort(committed.begin(), committed.end(), [&store](VersionId a, VersionId b) {
    return store.versions()[a].committed < store.versions()[b].committed;
  });

  std::vector<std::uint32_t> first_operation;  // by client
  for (std::uint32_t client = 0, first = 0; client < settings.clients.clients; ++client) {
    first_operation.push_back(first);
    first += world.clients().issued_by(client);
  }
  const auto& executions = world.service().executions();
  std::vector<ApplicationId> application_of(executions.size(), no_application);
  for (const VersionId id : committed) {
    const Version& version = store.versions()[id];
    ApplicationId application = no_application;
    if (version.execution != no_execution) {
      ApplicationId& known = application_of[version.execution];
      if (known == no_application) {
        const Execution& execution = executions[version.execution];
        known = static_cast<ApplicationId>(history.applications.size());
        history.applications.push_back({.operation = first_operation[execution.operation.client] +
                                                     execution.operation.operation,
                                        .execution = execution,
                                        .execution_id = version.execution});
      }
      application = known;
    }
    history.versions.push_back({.id = id,
                                .row = version.key.number(),
                                .number = version.number,
                                .value = version.value,
                                .application = application,
                                .computed_from = version.computed_from});
  }
  return history;
}

}  // namespace racelab
