// What the parts of a comparison's page share: which cells stand on it, what is read off them, how numbers are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/compare.h"

namespace racelab {

/// One line of a table or chart: a strategy (of a variant), at every place of the first axis.
struct CompareRow {
  std::string name;
  char letter = 'A';
  std::vector<std::size_t> cells;
};

/// What stands on one page: a scenario at one place of all axes but the first.
struct CompareSection {
  std::string scenario;
  std::string fixed;  // "rows=1 latency=2ms": the other axes
  std::string axis;   // empty: nothing is varied
  std::vector<std::string> places;
  std::vector<CompareRow> rows;
};

/// Section by section, in the order of the plan.
std::vector<CompareSection> sections_of(const CompareReport& report);

/// With as many digits as keep it from reading 0 or 100 when it is not.
std::string share_text(double share);
/// "83.3 to 87.8 %": rounded outwards, so that it stays true.
std::string interval_text(const Interval& interval);
/// Its upper end alone: "0.37 %".
std::string upper_text(double share);
/// "-" where there is none, as below.
std::string milliseconds_of(const std::optional<Duration>& span);
std::string half_width(const std::optional<Estimate>& estimate);
/// "12.3 ± 0.4".
std::string with_half_width(const std::optional<Estimate>& estimate);
/// Right-aligned by letters, not by bytes: ± is two bytes.
std::string right(const std::string& text, std::size_t width);

/// A section with what is asked of it everywhere. Must not outlive the report and the section.
class ComparePage {
 public:
  using Row = CompareRow;

  ComparePage(const CompareReport& report, const CompareSection& section, const TextStyle& style)
      : report_(report), section_(section), style_(style) {}

 protected:
  [[nodiscard]] const Tally& tally(const Row& row, std::size_t place = 0) const;
  [[nodiscard]] const SweepCell& cell(const Row& row, std::size_t place = 0) const;
  [[nodiscard]] const SweepPoint& point(const Row& row, std::size_t place = 0) const;
  static double value(const Tally& tally, Measure measure);
  [[nodiscard]] bool is_safe(const Row& row) const;
  /// The fastest of some rows, by goodput.
  [[nodiscard]] const Row* fastest(const std::vector<const Row*>& rows, std::size_t place) const;
  [[nodiscard]] std::vector<const Row*> safe_rows() const;
  [[nodiscard]] std::string runs_text() const;
  /// Whether it is of endpoints in SQL.
  [[nodiscard]] bool of_scripts() const;
  /// What is done per second: "right/s"; of endpoints in SQL, whose refusals are answers, too, "answers/s".
  [[nodiscard]] std::string rate_name() const;
  [[nodiscard]] std::string per_second(double value) const;
  /// The row that a measure is smallest of, or largest.
  [[nodiscard]] const Row& extreme(Measure measure, bool largest) const;
  [[nodiscard]] bool is_of_variants() const;
  [[nodiscard]] std::string heading(std::string_view word, int color,
                                    const std::string& text) const;
  [[nodiscard]] std::string place_text(std::size_t place) const;
  /// What the settings put to the test: what the scenario states, and what faults and clients make possible.
  [[nodiscard]] Hazards hazards() const;
  [[nodiscard]] bool any_recovery() const;
  [[nodiscard]] bool any_unanswered() const;

  const CompareReport& report_;    // NOLINT: the parts of the page read them
  const CompareSection& section_;  // NOLINT
  TextStyle style_;                // NOLINT
};

/// The first lines: what is safe, and of that the fastest; then what was run.
std::string verdict_lines(const CompareReport& report, const CompareSection& section,
                          const TextStyle& style);
/// At one place of all axes: tables with a line a row.
std::string table_lines(const CompareReport& report, const CompareSection& section,
                        const TextStyle& style);
/// Over several places of the first axis: charts with the numbers under them.
std::string chart_lines(const CompareReport& report, const CompareSection& section,
                        const TextStyle& style);
/// The last lines: how sure that is, and the commands that show what went wrong.
std::string sure_lines(const CompareReport& report, const CompareSection& section,
                       const TextStyle& style);

}  // namespace racelab
