// A change must be a pure function of the operation, or nothing that is said of it would be true; and
// what it names must be there, or the store would be asked for what it has not.
#include "sim/scenario/checked_workload.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "sim/kernel/plugin_call.h"

namespace racelab {

namespace {

constexpr std::int64_t amount_max = 4'000'000'000'000'000'000;

bool same(const Change& a, const Change& b) {
  const auto where = [](const Change& change) {
    const InPlace& in_place = *change.in_place;
    return std::tuple(in_place.key, in_place.amount, in_place.where.kind, in_place.where.operand,
                      in_place.where.divisor);
  };
  return a.rows == b.rows && a.amounts == b.amounts && a.function == b.function &&
         a.in_place.has_value() == b.in_place.has_value() && (!a.in_place || where(a) == where(b));
}

// What a change does that it must not; nullptr: nothing.
const char* problem_with(const Change& change, std::size_t rows) {
  if (change.rows.empty()) {
    return "breaks its contract: a change has no rows";
  }
  for (std::size_t i = 0; i < change.rows.size(); ++i) {
    if (change.rows[i].packed >= rows) {
      return "breaks its contract: a change has a row that there is not";
    }
    if (i > 0 && change.rows[i] <= change.rows[i - 1]) {
      return "breaks its contract: a change must have its rows in order, each once";
    }
  }
  const auto too_large = [](std::int64_t amount) {
    return amount > amount_max || amount < -amount_max;
  };
  if (std::any_of(change.amounts.begin(), change.amounts.end(), too_large) ||
      (change.in_place && too_large(change.in_place->amount))) {
    return "breaks its contract: an amount is larger than a row can hold";
  }
  if (change.function == nullptr) {
    return "breaks its contract: a change has no function";
  }
  if (change.in_place && std::find(change.rows.begin(), change.rows.end(), change.in_place->key) ==
                             change.rows.end()) {
    return "breaks its contract: a change in place must be of a row of the change";
  }
  if (change.in_place && change.in_place->where.divisor == 0) {
    return "breaks its contract: a condition divides by 0";
  }
  return nullptr;
}

PluginFunctions functions_of(const WorkloadEntry& entry) {
  return {{reinterpret_cast<const void*>(entry.make)}};
}

class CheckedWorkload final : public Workload {
 public:
  CheckedWorkload(const WorkloadEntry& entry, const Settings& settings, Asked asked)
      : asked_(asked),
        plugin_(functions_of(entry)),
        rows_(row_names_of(entry, settings).size()),
        workload_(call_plugin(plugin_, [&] { return entry.make(settings); })) {
    if (workload_ == nullptr) {
      plugin_failed("breaks its contract: it makes nothing", plugin_);
    }
  }

  [[nodiscard]] Change change(OperationName operation) const override {
    Change change = ask(operation);
    if (const char* problem = problem_with(change, rows_)) {
      plugin_failed(problem, plugin_);
    }
    if (asked_ == Asked::twice && !same(change, ask(operation))) {
      plugin_failed("breaks its contract: asked twice for a change, it gives two answers", plugin_);
    }
    return change;
  }

 private:
  [[nodiscard]] Change ask(OperationName operation) const {
    return call_plugin(plugin_, [&] { return workload_->change(operation); });
  }

  Asked asked_;
  PluginFunctions plugin_;
  std::size_t rows_;
  std::unique_ptr<Workload> workload_;
};

}  // namespace

std::vector<std::string> row_names_of(const WorkloadEntry& entry, const Settings& settings) {
  const PluginFunctions plugin = functions_of(entry);
  std::vector<std::string> names = call_plugin(plugin, [&] { return entry.row_names(settings); });
  if (names.empty() || (entry.spreads_over_rows && names.size() != settings.rows)) {
    plugin_failed("breaks its contract: it must name each of its rows", plugin);
  }
  const std::set<std::string> unique(names.begin(), names.end());
  if (unique.size() != names.size() || unique.contains("")) {
    plugin_failed("breaks its contract: each row needs a name of its own", plugin);
  }
  return names;
}

std::unique_ptr<Workload> workload_of(const WorkloadEntry& entry, const Settings& settings,
                                      Asked asked) {
  return std::make_unique<CheckedWorkload>(entry, settings, asked);
}

bool keeps_invariant(const WorkloadEntry& entry, const std::vector<std::int64_t>& initial,
                     const std::vector<std::int64_t>& final) {
  const PluginFunctions plugin = functions_of(entry);
  return entry.keeps_invariant == nullptr ||
         call_plugin(plugin, [&] { return entry.keeps_invariant(initial, final); });
}

}  // namespace racelab
