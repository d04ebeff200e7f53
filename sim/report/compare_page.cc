// A plan is a list of cells; a page is a table of them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/report/chart.h"
#include "sim/report/compare_page.h"
#include "sim/report/words.h"
#include "sim/scenario/fix.h"

namespace racelab {

namespace {

std::string row_name(const SweepPoint& point, const SweepCell& cell, bool one_strategy) {
  if (point.variant.empty()) {
    return cell.name;
  }
  return one_strategy ? point.variant : point.variant + " " + cell.name;
}

bool has_one_strategy(const CompareReport& report, const std::string& scenario) {
  std::set<std::string> names;
  for (const SweepCell& cell : report.plan.cells) {
    if (cell.shown && report.plan.points[cell.point].scenario == scenario) {
      names.insert(cell.name);
    }
  }
  return names.size() == 1;
}

template <class All, class Key>
auto& entry(All& all, std::string(All::value_type::*name), const Key& key) {
  const auto place =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.*name == key; });
  if (place != all.end()) {
    return *place;
  }
  all.emplace_back();
  all.back().*name = key;
  return all.back();
}

}  // namespace

std::vector<CompareSection> sections_of(const CompareReport& report) {
  std::vector<CompareSection> sections;
  for (std::size_t i = 0; i < report.plan.cells.size(); ++i) {
    const SweepCell& cell = report.plan.cells[i];
    if (!cell.shown) {
      continue;
    }
    const SweepPoint& point = report.plan.points[cell.point];
    std::string fixed;
    for (std::size_t axis = 1; axis < point.varied.size(); ++axis) {
      fixed += (fixed.empty() ? "" : " ") + point.varied[axis].first + '=';
      fixed += point.varied[axis].second;
    }
    auto section = std::find_if(sections.begin(), sections.end(), [&](const CompareSection& one) {
      return one.scenario == point.scenario && one.fixed == fixed;
    });
    if (section == sections.end()) {
      section = sections.insert(sections.end(), CompareSection{point.scenario, fixed, "", {}, {}});
    }
    const std::string place = point.varied.empty() ? "" : point.varied.front().second;
    if (std::find(section->places.begin(), section->places.end(), place) == section->places.end()) {
      section->axis = point.varied.empty() ? "" : point.varied.front().first;
      section->places.push_back(place);
    }
    const std::string name = row_name(point, cell, has_one_strategy(report, point.scenario));
    CompareRow& row = entry(section->rows, &CompareRow::name, name);
    row.letter = static_cast<char>('A' + (&row - section->rows.data()) % 26);
    row.cells.push_back(i);
  }
  return sections;
}

// With as many digits as keep it from reading 0 or 100 when it is not.
std::string share_text(double share) {
  const double rest = std::min(share, 1 - share);
  if (rest <= 0) {
    return share < 0.5 ? "0 %" : "100 %";
  }
  const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(rest))) - 2, 1, 6);
  return fmt::format("{:.{}f} %", share * 100, digits);
}

namespace {

// A percentage to two digits that count below 1, to a tenth above, up or down.
std::string rounded(double percent, double (*to_whole)(double)) {
  if (percent <= 0 || percent >= 100) {
    return percent <= 0 ? "0" : "100";
  }
  const int digits = percent < 1 ? static_cast<int>(std::ceil(-std::log10(percent))) + 1 : 1;
  const double scale = std::pow(10, digits);
  const double value = to_whole(percent * scale) / scale;
  return value >= 100 ? "100" : fmt::format("{:.{}f}", value, value == 0 ? 0 : digits);
}

}  // namespace

std::string upper_text(double share) { return rounded(share * 100, std::ceil) + " %"; }

std::string interval_text(const Interval& interval) {
  return rounded(interval.low * 100, std::floor) + " to " + upper_text(interval.high);
}

std::string milliseconds_of(const std::optional<Duration>& span) {
  return span ? short_number(static_cast<double>(span->microseconds) / 1000) : "-";
}

std::string half_width(const std::optional<Estimate>& estimate) {
  return estimate && estimate->interval
             ? short_number((estimate->interval->high - estimate->interval->low) / 2)
             : "-";
}
std::string with_half_width(const std::optional<Estimate>& estimate) {
  if (!estimate) {
    return "-";
  }
  constexpr std::size_t widest = 16;  // of a column of these
  const std::string half = half_width(estimate);
  if (half == "-" || half == "0") {
    return short_number(estimate->value);
  }
  const std::string text = short_number(estimate->value) + " ± " + half;
  const Interval& interval = *estimate->interval;
  return columns_of(text) <= widest
             ? text
             : fmt::format("{:.4f} ± {:.4f}", estimate->value, (interval.high - interval.low) / 2);
}

// Right-aligned by letters, not by bytes: ± is two bytes.
std::string right(const std::string& text, std::size_t width) {
  const auto shown = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
  return std::string(width > shown ? width - shown : 1, ' ') + text;
}

const Tally& ComparePage::tally(const Row& row, std::size_t place) const {
  return report_.result.tallies[row.cells[place]];
}

const SweepCell& ComparePage::cell(const Row& row, std::size_t place) const {
  return report_.plan.cells[row.cells[place]];
}

const SweepPoint& ComparePage::point(const Row& row, std::size_t place) const {
  return report_.plan.points[cell(row, place).point];
}

double ComparePage::value(const Tally& tally, Measure measure) {
  const std::optional<Estimate> estimate = tally.estimate(measure);
  return estimate ? estimate->value : 0;
}

bool ComparePage::is_safe(const Row& row) const {
  return std::all_of(row.cells.begin(), row.cells.end(), [this](std::size_t place) {
    return report_.result.tallies[place].violated == 0 &&
           report_.result.tallies[place].gave_up == 0;
  });
}

const ComparePage::Row* ComparePage::fastest(const std::vector<const Row*>& rows,
                                             std::size_t place) const {
  const Row* best = nullptr;
  for (const Row* row : rows) {
    if (best == nullptr || value(tally(*row, place), Measure::goodput) >
                               value(tally(*best, place), Measure::goodput)) {
      best = row;
    }
  }
  return best;
}

std::vector<const ComparePage::Row*> ComparePage::safe_rows() const {
  std::vector<const Row*> rows;
  for (const Row& row : section_.rows) {
    if (is_safe(row)) {
      rows.push_back(&row);
    }
  }
  return rows;
}

std::string ComparePage::runs_text() const { return counted(report_.result.seeds, "run"); }

bool ComparePage::of_scripts() const { return cell(section_.rows.front()).scripts != nullptr; }

std::string ComparePage::rate_name() const { return of_scripts() ? "answers/s" : "right/s"; }

std::string ComparePage::per_second(double value) const {
  return short_number(value) + ' ' + rate_name();
}

const ComparePage::Row& ComparePage::extreme(Measure measure, bool largest) const {
  return *std::max_element(section_.rows.begin(), section_.rows.end(),
                           [&](const Row& a, const Row& b) {
                             const double of_a = value(tally(a), measure);
                             const double of_b = value(tally(b), measure);
                             return largest ? of_a < of_b : of_a > of_b;
                           });
}

bool ComparePage::is_of_variants() const { return !point(section_.rows.front()).variant.empty(); }

std::string ComparePage::heading(std::string_view word, int color, const std::string& text) const {
  std::string lines = labelled(word, text);
  if (style_.color) {
    lines.replace(0, word.size(), colored(word, color, style_));
  }
  return lines;
}

std::string ComparePage::place_text(std::size_t place) const {
  return section_.axis + "=" + section_.places[place];
}

Hazards ComparePage::hazards() const {
  Hazards all;
  const Row& first = section_.rows.front();
  for (std::size_t place = 0; place < first.cells.size(); ++place) {
    const Settings& settings = point(first, place).settings;
    Hazards there = hazards_at_work(settings);
    if (settings.clients == 1 && settings.arrivals_per_second == 0) {
      there.remove(Hazard::race);
    } else if (settings.clients > settings.rows) {
      there.add(Hazard::race);
    }
    all = Hazards::of_bits(all.bits() | there.bits());
  }
  return all;
}

bool ComparePage::any_recovery() const { return tally(section_.rows.front()).recovery.runs > 0; }

bool ComparePage::any_unanswered() const {
  return std::any_of(section_.rows.begin(), section_.rows.end(), [this](const Row& row) {
    return std::any_of(row.cells.begin(), row.cells.end(), [this](std::size_t place) {
      return value(report_.result.tallies[place], Measure::success) < 1;
    });
  });
}

}  // namespace racelab
