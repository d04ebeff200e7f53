// A history written by hand, version by version, as the judge reads it: for tests that say what happened and ask what is
// made of it. Values follow from the parents and the amounts, so that an honest story needs no arithmetic.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/check/judge.h"

namespace racelab::lab {

class Story {
 public:
  /// The rows' values at the start; each is version 0 of its row.
  explicit Story(const std::vector<std::int64_t>& initial) {
    for (std::uint32_t row = 0; row < initial.size(); ++row) {
      history.rows.push_back({RowKey::row(row), initial[row], initial[row], row});
      history.versions.push_back({.id = row,
                                  .row = row,
                                  .number = 0,
                                  .value = initial[row],
                                  .application = no_application,
                                  .computed_from = no_version});
    }
  }

  /// An operation that was told this, and adds these amounts to these rows. Answers its index.
  std::uint32_t operation(Told told,
                          const std::vector<std::pair<std::uint32_t, std::int64_t>>& amounts) {
    HistoryOperation operation;
    operation.name = {static_cast<std::uint32_t>(history.operations.size()), 0};
    operation.told = told;
    operation.finished = true;
    operation.first_amount = static_cast<std::uint32_t>(history.amounts.size());
    operation.amount_count = static_cast<std::uint16_t>(amounts.size());
    for (const auto& [row, amount] : amounts) {
      history.amounts.push_back({row, amount});
    }
    history.operations.push_back(operation);
    return static_cast<std::uint32_t>(history.operations.size() - 1);
  }

  /// One more application of an operation; its versions follow.
  ApplicationId application(std::uint32_t operation) {
    Application application;
    application.operation = operation;
    application.execution_id = static_cast<ExecutionId>(history.applications.size());
    history.applications.push_back(application);
    return static_cast<ApplicationId>(history.applications.size() - 1);
  }

  /// The application commits a version of the row, computed from the parent. Answers the version.
  VersionId writes(ApplicationId application, std::uint32_t row, VersionId parent) {
    const std::int64_t amount =
        history.amount_on(history.applications[application].operation, row).value_or(0);
    std::uint32_t number = 0;
    for (const HistoryVersion& version : history.versions) {
      number += version.row == row ? 1 : 0;
    }
    const auto id = static_cast<VersionId>(history.versions.size());
    history.versions.push_back({.id = id,
                                .row = row,
                                .number = number,
                                .value = history.versions[parent].value + amount,
                                .application = application,
                                .computed_from = parent});
    history.rows[row].last = id;
    history.rows[row].final = history.versions.back().value;
    return id;
  }

  /// An application of one version.
  VersionId applies(std::uint32_t operation, std::uint32_t row, VersionId parent) {
    return writes(application(operation), row, parent);
  }

  History history;
};

}  // namespace racelab::lab
