// A plan grows point by point; what its cells are compared with is found among those of the same point.
#include <algorithm>

#include "sim/kernel/expect.h"
#include "sim/sweep/sweep.h"

namespace racelab {

namespace {

Fleet without_protections(const Fleet& fleet) {
  Fleet bare = fleet;
  for (Combination& combination : bare) {
    combination.protections.clear();
  }
  return bare;
}

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

}  // namespace racelab
