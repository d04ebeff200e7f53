// In place of sim/sweep/sweep.cc: a page's worker is one thread.
#include "sim/kernel/plugin_call.h"
#include "sim/kernel/stop.h"
#include "sim/sweep/sweep_units.h"

namespace racelab {

SweepResult sweep(const SweepPlan& plan, const SweepOptions& options) {
  const SweepUnits units(plan);
  UnitRunner runner(plan, units);
  SweepTotal total(plan, units);
  const std::uint64_t runs = plan.seeds * plan.cells.size();
  std::uint64_t done = 0;
  for (std::uint64_t unit = 0; unit < units.count(); ++unit) {
    std::optional<UnitTallies> tallies =
        runner.run(unit, [&done](std::uint64_t ran) { done += ran; });
    if (!tallies) {
      break;
    }
    total.add(unit, std::move(*tallies));
    if (options.go_on && !options.go_on(done, runs)) {
      break;
    }
  }
  return std::move(total).result();
}

}  // namespace racelab
