// The same over a varied setting.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/report/chart.h"
#include "sim/report/compare_page.h"
#include "sim/report/text_layout.h"
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
    Chart chart{title, section_.axis, labels(), {}, number};
    for (const Row& row : section_.rows) {
      ChartSeries series{row.letter, {}};
      for (std::size_t place = 0; place < row.cells.size(); ++place) {
        const Tally& of = tally(row, place);
        // Of runs that were all given up nothing is known.
        series.values.push_back(of.gave_up == of.runs ? std::nullopt : std::optional(read(of)));
      }
      series.values.resize(section_.places.size());
      chart.series.push_back(std::move(series));
    }
    return '\n' + chart_text(chart, style_);
  }

  // Values that do not fit under their places are numbered, and stand in the legend.
  [[nodiscard]] bool numbers_places() const {
    constexpr std::size_t room = 58;  // under all places
    const std::size_t each = std::min<std::size_t>(room / section_.places.size(), 12);
    return section_.places.size() <= chart_places_max &&
           std::any_of(section_.places.begin(), section_.places.end(),
                       [each](const std::string& it) { return columns_of(it) >= each; });
  }
  [[nodiscard]] std::vector<std::string> labels() const {
    std::vector<std::string> made = section_.places;
    for (std::size_t place = 0; numbers_places() && place < made.size(); ++place) {
      made[place] = '(' + std::to_string(place + 1) + ')';
    }
    return made;
  }

  [[nodiscard]] std::string legend() const {
    std::string text;
    for (std::size_t place = 0; numbers_places() && place < section_.places.size(); ++place) {
      text += std::string(label_width, ' ') +
              fmt::format("({})  {}={}\n", place + 1, section_.axis, section_.places[place]);
    }
    for (const Row& row : section_.rows) {
      text += std::string(label_width, ' ') +
              colored(std::string(1, row.letter), series_color(row.letter), style_) + "  " +
              fmt::format("{:<{}}", row.name, names_width) + ending(row) + '\n';
    }
    return text;
  }

  [[nodiscard]] std::string ending(const Row& row) const {
    std::uint64_t gave_up = 0;
    bool violated = false;
    for (std::size_t place = 0; place < row.cells.size(); ++place) {
      gave_up += tally(row, place).gave_up;
      violated = violated || tally(row, place).violated > 0;
    }
    std::string text = violated ? "goes wrong" : gave_up == 0 ? "nothing goes wrong" : "";
    if (gave_up > 0) {
      text += (text.empty() ? "" : "; ") + std::string("gave up in ") + counted(gave_up, "run");
    }
    return "  " + text;
  }
};

}  // namespace

std::string chart_lines(const CompareReport& report, const CompareSection& section,
                        const TextStyle& style) {
  return Charts(report, section, style).text();
}

}  // namespace racelab
