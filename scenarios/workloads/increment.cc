// Increment: every operation adds its amount to a row. With several rows, client c works on row c modulo their number.
#include "sim/workload.h"

namespace racelab {

namespace {

class Increment final : public Workload {
 public:
  explicit Increment(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] Change change(OperationName operation) const override {
    const RowKey row = RowKey::row(operation.client % settings_.rows);
    const std::int64_t place =
        (std::int64_t{operation.client} * settings_.operations) + operation.operation;
    Change change;
    change.rows.push_back(row);
    change.amounts[0] = settings_.amount + (place * settings_.amount_step);
    change.function = add_amounts;
    change.in_place = InPlace{.key = row, .amount = change.amounts[0]};
    return change;
  }

 private:
  Settings settings_;
};

const RegisteredWorkload registered{{
    .name = "increment",
    .sentence = "Each operation adds its amount to n.",
    .row_names =
        [](const Settings& settings) {
          std::vector<std::string> names{"n"};
          for (std::uint32_t row = 1; row < settings.rows; ++row) {
            names.push_back("n" + std::to_string(row));
          }
          return names;
        },
    .make = [](const Settings& settings) -> std::unique_ptr<Workload> {
      return std::make_unique<Increment>(settings);
    },
    .spreads_over_rows = true,
    .invariant = "",
}};

}  // namespace

}  // namespace racelab
