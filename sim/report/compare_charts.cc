// The same over a varied setting.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/chart.h"
#include "sim/report/compare_page.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::size_t names_width = 34;  // the longest built-in strategy with a protection

class Charts : ComparePage {
 public:
  using ComparePage::ComparePage;

  [[nodiscard]] std::string text() const {
    std::string text = legend();
    text +=
        chart(of_scripts() ? "operations answered per second" : "operations done right per second",
              short_number, [](const Tally& of) { return value(of, Measure::goodput); });
    text +=
        chart("99 of 100 operations are answered within, ms", short_number, [](const Tally& of) {
          const auto span = of.latency.percentile(990);
          return span ? static_cast<double>(span->microseconds) / 1000 : 0;
        });
    text += chart("runs that go wrong, %", short_number, [](const Tally& of) {
      return of.runs == 0 ? 0
                          : 100 * static_cast<double>(of.violated) / static_cast<double>(of.runs);
    });
    text += chart("calls per operation", short_number,
                  [](const Tally& of) { return value(of, Measure::attempts); });
    text += chart("statements wasted per operation", short_number,
                  [](const Tally& of) { return value(of, Measure::wasted_statements); });
    text += chart("waiting for locks per operation, ms", short_number,
                  [](const Tally& of) { return value(of, Measure::lock_wait); });
    if (any_recovery()) {
      text +=
          chart("runs that never came back after the spike, %", short_number, [](const Tally& of) {
            return of.recovery.runs == 0 ? 0
                                         : 100 * static_cast<double>(of.recovery.stuck()) /
                                               static_cast<double>(of.recovery.runs);
          });
    }
    if (any_unanswered()) {
      text += chart(of_scripts() ? "operations answered, %" : "operations told ok, %", short_number,
                    [](const Tally& of) { return 100 * value(of, Measure::success); });
    }
    return text;
  }

 private:
  [[nodiscard]] std::string chart(const std::string& title, std::string (*number)(double),
                                  double (*read)(const Tally&)) const {
    Chart chart{title, section_.axis, section_.places, {}, number};
    for (const Row& row : section_.rows) {
      ChartSeries series{row.letter, {}};
      for (std::size_t place = 0; place < row.cells.size(); ++place) {
        series.values.emplace_back(read(tally(row, place)));
      }
      series.values.resize(section_.places.size());
      chart.series.push_back(std::move(series));
    }
    return '\n' + chart_text(chart, style_);
  }

  [[nodiscard]] std::string legend() const {
    std::string text;
    for (const Row& row : section_.rows) {
      const bool safe = is_safe(row);
      text += std::string(label_width, ' ') +
              colored(std::string(1, row.letter), series_color(row.letter), style_) + "  " +
              fmt::format("{:<{}}", row.name, names_width) +
              (safe ? "  nothing goes wrong" : "  goes wrong") + '\n';
    }
    return text;
  }
};

}  // namespace

std::string chart_lines(const CompareReport& report, const CompareSection& section,
                        const TextStyle& style) {
  return Charts(report, section, style).text();
}

}  // namespace racelab
