// Small blocks first, so that what is ended soon has something to show and a few heavy runs keep all threads busy; larger ones
// later, so that light runs are not all bookkeeping.
#include "sim/sweep/sweep_units.h"

#include <algorithm>

#include "sim/explore/script_runner.h"
#include "sim/kernel/stop.h"
#include "sim/scenario/run.h"

namespace racelab {

namespace {

// A run of more operations than that gives its memory back. Kept for every cell, on every thread,
// that of large runs adds up to gigabytes; small ones are quicker when they keep theirs.
constexpr std::uint64_t kept_operations_max = 10'000;

// Runs one cell, whatever serves it. Made when it is first needed.
class CellRunner {
 public:
  RunResult run(const Settings& settings, const SweepCell& cell, std::uint64_t seed) {
    if (cell.scripts) {
      if (!scripts_) {
        scripts_ = std::make_unique<ScriptRunner>(cell.scripts);
      }
      return scripts_->run(seed);
    }
    if (!strategies_) {
      strategies_ = std::make_unique<Runner>(settings, cell.fleet);
    }
    return strategies_->run(seed);
  }

 private:
  std::unique_ptr<Runner> strategies_;
  std::unique_ptr<ScriptRunner> scripts_;
};

}  // namespace

// The runners of one point, and the tallies of one unit.
class PointRunner {
 public:
  PointRunner(const SweepPlan& plan, std::size_t point)
      : settings_(plan.points[point].settings),
        point_(point),
        keeps_memory_(std::uint64_t{settings_.clients} * settings_.operations <=
                      kept_operations_max),
        windows_(RecoveryWindows::of(settings_)) {
    for (std::size_t i = 0; i < plan.cells.size(); ++i) {
      if (plan.cells[i].point == point) {
        first_ = cells_.empty() ? i : first_;
        cells_.push_back(&plan.cells[i]);
      }
    }
    runners_.resize(cells_.size());
  }

  [[nodiscard]] std::size_t point() const { return point_; }
  [[nodiscard]] std::size_t first_cell() const { return first_; }
  [[nodiscard]] std::size_t cells() const { return cells_.size(); }

  // Runs every cell under one seed. Asked to stop, it leaves some out.
  void run(std::uint64_t seed, std::vector<Tally>& tallies) {
    figures_.resize(cells_.size());
    for (std::size_t i = 0; i < cells_.size() && !stop_asked(); ++i) {
      const RunResult result = runners_[i].run(settings_, *cells_[i], seed);
      if (!keeps_memory_) {
        runners_[i] = {};
      }
      figures_[i] = figures_of(result);
      tallies[i].add(result, figures_[i], windows_ ? &*windows_ : nullptr);
    }
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (cells_[i]->reference != SweepCell::none) {
        tallies[i].add_reference(figures_[i], figures_[cells_[i]->reference - first_]);
      }
      if (cells_[i]->unprotected != SweepCell::none) {
        tallies[i].add_unprotected(figures_[i], figures_[cells_[i]->unprotected - first_]);
      }
    }
  }

 private:
  const Settings& settings_;
  std::size_t point_;
  std::size_t first_ = 0;
  bool keeps_memory_;
  std::optional<RecoveryWindows> windows_;
  std::vector<const SweepCell*> cells_;
  std::vector<CellRunner> runners_;  // like the cells
  std::vector<RunFigures> figures_;
};

SweepUnits::SweepUnits(const SweepPlan& plan) : points_(plan.points.size()), seeds_(plan.seeds) {
  std::uint64_t next = 0;
  for (std::uint64_t size = 1; next < seeds_ && size < largest;
       size = std::clamp<std::uint64_t>(next / 32, 1, largest)) {
    begins_.push_back(next);
    next += size;
  }
  rest_ = std::min(next, seeds_);
}

std::uint64_t SweepUnits::first_seed_of(std::uint64_t block) const {
  return block < begins_.size() ? begins_[block]
                                : std::min(seeds_, rest_ + ((block - begins_.size()) * largest));
}

UnitRunner::UnitRunner(const SweepPlan& plan, const SweepUnits& units)
    : plan_(plan), units_(units) {}
UnitRunner::~UnitRunner() = default;

std::optional<UnitTallies> UnitRunner::run(std::uint64_t unit,
                                           const std::function<void(std::uint64_t)>& ran) {
  const std::size_t point = units_.point_of(unit);
  if (!runner_ || runner_->point() != point) {
    runner_ = std::make_unique<PointRunner>(plan_, point);
  }
  UnitTallies made{runner_->first_cell(), std::vector<Tally>(runner_->cells())};
  const std::uint64_t block = units_.block_of(unit);
  const std::uint64_t end = units_.first_seed_of(block + 1);
  for (std::uint64_t seed = units_.first_seed_of(block); seed < end; ++seed) {
    if (stop_asked()) {
      return std::nullopt;
    }
    runner_->run(plan_.first_seed + seed, made.tallies);
    ran(runner_->cells());
  }
  return stop_asked() ? std::nullopt  // the last run may have ended early
                      : std::optional(std::move(made));
}

SweepTotal::SweepTotal(const SweepPlan& plan, const SweepUnits& units) : units_(units) {
  total_.tallies.resize(plan.cells.size());
  block_.resize(plan.cells.size());
}

void SweepTotal::add(std::uint64_t unit, UnitTallies tallies) {
  finished_.emplace(unit, std::move(tallies));
  for (auto next = finished_.begin(); next != finished_.end() && next->first == next_to_add_;
       next = finished_.erase(next)) {
    for (std::size_t i = 0; i < next->second.tallies.size(); ++i) {
      block_[next->second.first_cell + i].merge(next->second.tallies[i]);
    }
    if (units_.ends_block(next_to_add_)) {
      end_block(units_.block_of(next_to_add_));
    }
    ++next_to_add_;
  }
}

void SweepTotal::end_block(std::uint64_t block) {
  for (std::size_t cell = 0; cell < block_.size(); ++cell) {
    total_.tallies[cell].merge(block_[cell]);
    block_[cell] = Tally{};
  }
  total_.seeds = units_.first_seed_of(block + 1);
}

}  // namespace racelab
