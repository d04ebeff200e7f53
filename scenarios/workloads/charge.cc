// Charge: every operation takes its amount from one balance, and is refused when the balance does not cover it.
#include "sim/workload.h"

namespace racelab {

namespace {

class Charge final : public Workload {
 public:
  explicit Charge(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] Change change(OperationName operation) const override {
    const std::int64_t place =
        (std::int64_t{operation.client} * settings_.operations) + operation.operation;
    const std::int64_t price = settings_.amount + (place * settings_.amount_step);
    Change change;
    change.rows.push_back(RowKey::row(0));
    change.amounts[0] = -price;
    change.function = add_amounts_unless_negative;
    change.in_place =
        InPlace{.key = RowKey::row(0), .amount = -price, .where = Where::at_least(price)};
    return change;
  }

 private:
  Settings settings_;
};

const RegisteredWorkload registered{{
    .name = "charge",
    .sentence = "Each operation takes its amount from the balance, unless the balance is too low.",
    .row_names = [](const Settings& /*settings*/) { return std::vector<std::string>{"balance"}; },
    .make = [](const Settings& settings) -> std::unique_ptr<Workload> {
      return std::make_unique<Charge>(settings);
    },
    .invariant = "the balance never falls below zero",
    .keeps_invariant =
        [](const std::vector<std::int64_t>& initial, const std::vector<std::int64_t>& final) {
          return final.front() >= 0 || initial.front() < 0;
        },
}};

}  // namespace

}  // namespace racelab
