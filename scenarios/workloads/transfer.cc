// Transfer: every operation moves its amount from one account to the other; even clients from a to b, odd ones back.
//
// Two rows change together, so no single statement can express it, and the total must stay what it was.
#include <numeric>

#include "sim/workload.h"

namespace racelab {

namespace {

class Transfer final : public Workload {
 public:
  explicit Transfer(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] Change change(OperationName operation) const override {
    const std::int64_t place =
        (std::int64_t{operation.client} * settings_.operations) + operation.operation;
    const std::int64_t amount = settings_.amount + (place * settings_.amount_step);
    const bool forth = operation.client % 2 == 0;
    Change change;
    change.rows.push_back(RowKey::row(0));
    change.rows.push_back(RowKey::row(1));
    change.amounts[0] = forth ? -amount : amount;
    change.amounts[1] = forth ? amount : -amount;
    change.function = add_amounts_unless_negative;
    return change;
  }

 private:
  Settings settings_;
};

const RegisteredWorkload registered{{
    .name = "transfer",
    .sentence =
        "Each operation moves its amount between accounts a and b, unless one would go below zero.",
    .row_names =
        [](const Settings& /*settings*/) {
          return std::vector<std::string>{"a", "b"};
        },
    .make = [](const Settings& settings) -> std::unique_ptr<Workload> {
      return std::make_unique<Transfer>(settings);
    },
    .invariant = "a + b stays what it was",
    .keeps_invariant =
        [](const std::vector<std::int64_t>& initial, const std::vector<std::int64_t>& final) {
          return std::accumulate(initial.begin(), initial.end(), std::int64_t{0}) ==
                 std::accumulate(final.begin(), final.end(), std::int64_t{0});
        },
}};

}  // namespace

}  // namespace racelab
