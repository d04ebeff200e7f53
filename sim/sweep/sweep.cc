// Work is cut into units: a block of seeds at one point. Threads take units in order; finished units are added up in order,
// block by block, so that whenever the work is stopped every cell has run under the same seeds.
#include "sim/sweep/sweep.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "sim/explore/script_runner.h"
#include "sim/kernel/expect.h"
#include "sim/kernel/plugin_call.h"
#include "sim/kernel/stop.h"
#include "sim/scenario/run.h"

namespace racelab {

namespace {

Fleet without_protections(const Fleet& fleet) {
  Fleet bare = fleet;
  for (Combination& combination : bare) {
    combination.protections.clear();
  }
  return bare;
}

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

// The seeds, cut into blocks: small ones first, so that what is ended soon has something to show and a few heavy runs keep all
// threads busy; larger ones later, so that light runs are not all bookkeeping.
class Blocks {
 public:
  explicit Blocks(std::uint64_t seeds) : seeds_(seeds) {
    std::uint64_t next = 0;
    for (std::uint64_t size = 1; next < seeds && size < largest;
         size = std::clamp<std::uint64_t>(next / 32, 1, largest)) {
      begins_.push_back(next);
      next += size;
    }
    rest_ = std::min(next, seeds);
  }
  [[nodiscard]] std::uint64_t count() const {
    return begins_.size() + ((seeds_ - rest_ + largest - 1) / largest);
  }
  // The place of a block's first seed; of the one after the last: the number of seeds.
  [[nodiscard]] std::uint64_t first_of(std::uint64_t block) const {
    return block < begins_.size() ? begins_[block]
                                  : std::min(seeds_, rest_ + ((block - begins_.size()) * largest));
  }

 private:
  static constexpr std::uint64_t largest = 256;
  std::uint64_t seeds_;
  std::vector<std::uint64_t> begins_;  // of the blocks that are smaller
  std::uint64_t rest_ = 0;             // where the others begin
};

// Where a signal finds room when a plug-in has used up this thread's own.
class SpareStack {
 public:
  SpareStack() {
    const stack_t mine{room_.data(), 0, room_.size()};
    sigaltstack(&mine, nullptr);
  }
  SpareStack(const SpareStack&) = delete;
  SpareStack& operator=(const SpareStack&) = delete;
  ~SpareStack() {
    const stack_t none{nullptr, SS_DISABLE, 0};
    sigaltstack(&none, nullptr);
  }

 private:
  std::array<char, 65'536> room_;
};

class Work {
 public:
  explicit Work(const SweepPlan& plan)
      : plan_(plan), blocks_(plan.seeds), units_(blocks_.count() * plan.points.size()) {
    total_.tallies.resize(plan.cells.size());
    block_.resize(plan.cells.size());
  }

  // One thread's part.
  void work() {
    const StopsOn stops(stopped_);
    const WatchedThread watched;
#ifndef __SANITIZE_ADDRESS__  // it has one of its own
    const SpareStack spare;
#endif
    try {
      take_units();
    } catch (...) {  // out of memory: told by the thread that waits
      const std::lock_guard lock(mutex_);
      problem_ = std::current_exception();
      stopped_ = true;
    }
    const std::lock_guard lock(mutex_);
    ++threads_done_;
    changed_.notify_one();
  }

  void wait(unsigned threads, const SweepOptions& options) {
    const std::uint64_t runs = plan_.seeds * plan_.cells.size();
    std::unique_lock lock(mutex_);
    while (threads_done_ < threads) {
      changed_.wait_for(lock, std::chrono::milliseconds(50),
                        [&] { return threads_done_ == threads; });
      if (options.go_on) {
        lock.unlock();
        if (!options.go_on(runs_done_, runs)) {
          stopped_ = true;
        }
        lock.lock();
      }
    }
  }

  SweepResult result() && {
    if (problem_) {
      std::rethrow_exception(problem_);
    }
    return std::move(total_);
  }

 private:
  void take_units() {
    std::optional<PointRunner> runner;
    while (!stopped_) {
      const std::uint64_t unit = next_unit_++;
      if (unit >= units_) {
        break;
      }
      const std::size_t point = unit % plan_.points.size();
      if (!runner || runner->point() != point) {
        runner.emplace(plan_, point);
      }
      std::vector<Tally> tallies(runner->cells());
      if (run_unit(*runner, unit, tallies)) {
        finish(unit, runner->first_cell(), std::move(tallies));
      }
    }
  }

  bool run_unit(PointRunner& runner, std::uint64_t unit, std::vector<Tally>& tallies) {
    const std::uint64_t block = unit / plan_.points.size();
    const std::uint64_t end = blocks_.first_of(block + 1);
    for (std::uint64_t seed = blocks_.first_of(block); seed < end; ++seed) {
      if (stopped_) {
        return false;
      }
      runner.run(plan_.first_seed + seed, tallies);
      runs_done_ += runner.cells();
    }
    return !stopped_;  // else the last run may have ended early
  }

  void finish(std::uint64_t unit, std::size_t first_cell, std::vector<Tally> tallies) {
    const std::lock_guard lock(mutex_);
    finished_.emplace(unit, Finished{first_cell, std::move(tallies)});
    for (auto next = finished_.begin(); next != finished_.end() && next->first == next_to_add_;
         next = finished_.erase(next)) {
      for (std::size_t i = 0; i < next->second.tallies.size(); ++i) {
        block_[next->second.first_cell + i].merge(next->second.tallies[i]);
      }
      ++next_to_add_;
      if (next_to_add_ % plan_.points.size() == 0) {
        end_block();
      }
    }
  }

  void end_block() {
    for (std::size_t cell = 0; cell < block_.size(); ++cell) {
      total_.tallies[cell].merge(block_[cell]);
      block_[cell] = Tally{};
    }
    total_.seeds = blocks_.first_of(next_to_add_ / plan_.points.size());
  }

  struct Finished {
    std::size_t first_cell;
    std::vector<Tally> tallies;
  };

  const SweepPlan& plan_;
  const Blocks blocks_;
  const std::uint64_t units_;
  std::atomic<std::uint64_t> next_unit_ = 0;
  std::atomic<std::uint64_t> runs_done_ = 0;
  StopFlag stopped_ = false;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  unsigned threads_done_ = 0;
  std::exception_ptr problem_;
  std::map<std::uint64_t, Finished> finished_;  // units whose turn to be added up has not come
  std::uint64_t next_to_add_ = 0;
  std::vector<Tally> block_;  // of the block that is being added up
  SweepResult total_;         // of the blocks before it
};

}  // namespace

void SweepPlan::add(SweepPoint point, const std::vector<Fleet>& fleets) {
  RACELAB_EXPECT(!fleets.empty());
  const std::size_t first = cells.size();
  for (const Fleet& fleet : fleets) {
    cells.push_back({.point = points.size(),
                     .name = name_of(fleet),
                     .fleet = fleet,
                     .reference = cells.size() == first ? SweepCell::none : first});
  }
  const auto find = [this, first](const std::string& name) {
    for (std::size_t i = first; i < cells.size(); ++i) {
      if (cells[i].name == name) {
        return i;
      }
    }
    return SweepCell::none;
  };
  for (std::size_t i = first; i < first + fleets.size(); ++i) {
    const Fleet bare = without_protections(cells[i].fleet);
    if (name_of(bare) == cells[i].name) {
      continue;
    }
    std::size_t place = find(name_of(bare));
    if (place == SweepCell::none) {
      place = cells.size();
      cells.push_back(
          {.point = points.size(), .name = name_of(bare), .fleet = bare, .shown = false});
    }
    cells[i].unprotected = place;
  }
  points.push_back(std::move(point));
}

void SweepPlan::add(SweepPoint point, const std::vector<Scripts>& strategies) {
  RACELAB_EXPECT(!strategies.empty());
  const std::size_t first = cells.size();
  for (const auto& [name, setup] : strategies) {
    SweepCell cell;
    cell.point = points.size();
    cell.name = name;
    cell.scripts = setup;
    cell.reference = cells.size() == first ? SweepCell::none : first;
    cells.push_back(std::move(cell));
  }
  points.push_back(std::move(point));
}

SweepPlan SweepPlan::shard(std::uint64_t index, std::uint64_t of) const {
  RACELAB_EXPECT(index >= 1 && index <= of);
  // The first `seeds % of` shards have one seed more.
  const auto begin = [this, of](std::uint64_t shard) {
    return ((seeds / of) * shard) + std::min(shard, seeds % of);
  };
  SweepPlan part = *this;
  part.first_seed = first_seed + begin(index - 1);
  part.seeds = begin(index) - begin(index - 1);
  return part;
}

SweepResult sweep(const SweepPlan& plan, const SweepOptions& options) {
  Work work(plan);
  const unsigned threads = std::max(1U, options.jobs);
  boost::asio::thread_pool pool(threads);
  for (unsigned thread = 0; thread < threads; ++thread) {
    boost::asio::post(pool, [&work] { work.work(); });
  }
  work.wait(threads, options);
  pool.join();
  return std::move(work).result();
}

}  // namespace racelab
