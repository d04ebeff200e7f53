// What goes wrong, how fast, how much work, what clients are told: a table each.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "sim/report/chart.h"
#include "sim/report/compare_page.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr int red = 31;
constexpr int green = 32;
constexpr std::size_t names_width = 34;  // the longest built-in strategy with a protection

class Tables : ComparePage {
 public:
  using ComparePage::ComparePage;

  [[nodiscard]] std::string text() const {
    std::string text = wrong_table();
    if (!known_rows().empty()) {
      text += speed_table();
      text += work_table();
      text += answers_table();
      text += whole_run_table();
      text += recovery_text();
    }
    return text;
  }

 private:
  [[nodiscard]] std::string name_column(const Row& row) const {
    // A longer name has a line of its own.
    return row.name.size() <= names_width ? fmt::format("{:<{}}", row.name, names_width)
                                          : row.name + '\n' + std::string(names_width, ' ');
  }

  static std::string table_head(std::string_view title,
                                const std::vector<std::pair<std::string, int>>& columns) {
    // The first heading may reach to the last blank behind the title: "answers/s" fills its column.
    std::string text = fmt::format("\n{:<{}}", title, names_width - 1);
    std::size_t taken = 1;
    for (const auto& [name, width] : columns) {
      text += right(name, taken + static_cast<std::size_t>(width));
      taken = 0;
    }
    return text + '\n';
  }

  [[nodiscard]] std::string wrong_table() const {
    if (safe_rows().size() == section_.rows.size() && section_.rows.size() > 1) {
      return fmt::format("\n{}, in {} of each ({})\n",
                         of_scripts() ? "nothing goes wrong" : "no update is lost or done twice",
                         runs_text(), interval_text(clopper_pearson(0, report_.result.seeds)));
    }
    std::vector<std::pair<std::string, int>> columns{{"runs", 10}, {"95 % interval", 17}};
    if (!of_scripts()) {
      columns.insert(columns.end(), {{"lost", 8}, {"twice", 8}});
    }
    std::string text = table_head("what goes wrong", columns);
    for (const Row& row : section_.rows) {
      const Tally& of = tally(row);
      const double share =
          of.runs == 0 ? 0 : static_cast<double>(of.violated) / static_cast<double>(of.runs);
      std::string line = fmt::format("{:>10}{:>17}", share_text(share),
                                     interval_text(clopper_pearson(of.violated, of.runs)));
      if (!is_known(row)) {
        text += name_column(row) + fmt::format("{:>10}{:>17}\n", "-", "-") + other_anomalies(of);
        continue;
      }
      if (!of_scripts()) {
        line += fmt::format("{:>8}{:>8}", share_text(value(of, Measure::lost_updates)),
                            share_text(value(of, Measure::duplicates)));
      }
      text += name_column(row) +
              (of.violated > 0 ? colored(line, red, style_) : colored(line, green, style_)) + '\n';
      text += other_anomalies(of);
    }
    return text;
  }

  // Whether any run came to its end: of the others no number says anything.
  [[nodiscard]] bool is_known(const Row& row) const { return tally(row).gave_up < tally(row).runs; }
  [[nodiscard]] std::vector<Row> known_rows() const {
    std::vector<Row> rows;
    std::copy_if(section_.rows.begin(), section_.rows.end(), std::back_inserter(rows),
                 [this](const Row& row) { return is_known(row); });
    return rows;
  }

  static std::string other_anomalies(const Tally& tally) {
    std::string text;
    const std::pair<RunAnomaly, std::string_view> others[] = {
        {RunAnomaly::false_successes, "told ok, never done"},
        {RunAnomaly::false_failures, "told failed, done"},
        {RunAnomaly::stuck, "stuck"},
        {RunAnomaly::invariant_broken, "the scenario's rule broken"}};
    for (const auto& [anomaly, words] : others) {
      if (const std::uint64_t runs = tally.runs_with[static_cast<std::size_t>(anomaly)]; runs > 0) {
        text += fmt::format("{}{} in {}", text.empty() ? "  " : ", ", words, counted(runs, "run"));
      }
    }
    if (tally.gave_up > 0) {
      text += fmt::format("{}given up in {}", text.empty() ? "  " : ", ",
                          counted(tally.gave_up, "run"));
    }
    return text.empty() ? "" : text + '\n';
  }

  [[nodiscard]] std::string speed_table() const {
    const bool paired =
        std::any_of(section_.rows.begin(), section_.rows.end(),
                    [this](const Row& row) { return cell(row).reference != SweepCell::none; });
    std::string text = table_head("how fast", {{rate_name(), 9},
                                               {paired ? "minus the first" : "± 95 %", 16},
                                               {"p50 ms", 7},
                                               {"p99 ms", 7},
                                               {"p99.9", 7}});
    for (const Row& row : known_rows()) {
      const Tally& of = tally(row);
      text += name_column(row) + right(short_number(value(of, Measure::goodput)), 9) +
              right(paired ? difference(row) : half_width(of.estimate(Measure::goodput)), 16) +
              right(milliseconds_of(of.latency.percentile(500)), 7) +
              right(milliseconds_of(of.latency.percentile(990)), 7) +
              right(milliseconds_of(of.latency.percentile(999)), 7) + '\n';
    }
    return text;
  }

  // Of goodput, to the first strategy's, seed by seed.
  [[nodiscard]] std::string difference(const Row& row) const {
    const std::size_t reference = cell(row).reference;
    return reference == SweepCell::none ? ""
                                        : with_half_width(tally(row).difference(
                                              Measure::goodput, report_.result.tallies[reference]));
  }

  [[nodiscard]] std::string work_table() const {
    std::string text = table_head(
        "work per operation",
        {{"calls", 7}, {"stmts", 7}, {"wasted", 8}, {"aborts", 8}, {"wait ms", 8}, {"protect", 8}});
    for (const Row& row : known_rows()) {
      const Tally& of = tally(row);
      const std::optional<Estimate> share = of.protection_share(Cost::statements);
      text += name_column(row) + right(short_number(value(of, Measure::attempts)), 7) +
              right(short_number(value(of, Measure::statements)), 7) +
              right(short_number(value(of, Measure::wasted_statements)), 8) +
              right(short_number(value(of, Measure::aborts)), 8) +
              right(short_number(value(of, Measure::lock_wait)), 8) +
              right(share ? fmt::format("{:.0f} %", share->value * 100) : "-", 8) + '\n';
    }
    return text;
  }

  // Where clients are told something else than ok, or calls are turned away.
  [[nodiscard]] std::string answers_table() const {
    const bool needed =
        std::any_of(section_.rows.begin(), section_.rows.end(), [this](const Row& row) {
          const Tally& of = tally(row);
          return value(of, Measure::success) < 1 || of.sums(Measure::shed).x() > 0 ||
                 of.sums(Measure::expired).x() > 0 || of.sums(Measure::queue_wait).x() > 0;
        });
    if (!needed) {
      return "";
    }
    std::string text =
        table_head("answers per operation", {{of_scripts() ? "answered" : "told ok", 16},
                                             {"load", 6},
                                             {"shed", 7},
                                             {"dropped", 8},
                                             {"queue ms", 9}});
    for (const Row& row : known_rows()) {
      const Tally& of = tally(row);
      std::optional<Estimate> ok = of.estimate(Measure::success);
      std::string share = ok ? share_text(ok->value) : "-";
      if (ok && ok->interval && ok->value > 0 && ok->value < 1) {
        share += fmt::format(" ± {:.2g}", (ok->interval->high - ok->interval->low) * 50);
      }
      text += name_column(row) + right(share, 16) +
              right(short_number(value(of, Measure::deliveries)), 6) +
              right(short_number(value(of, Measure::shed)), 7) +
              right(short_number(value(of, Measure::expired)), 8) +
              right(short_number(value(of, Measure::queue_wait)), 9) + '\n';
    }
    return text;
  }

  // What published simulations report: of whole runs.
  [[nodiscard]] std::string whole_run_table() const {
    if (!is_of_variants()) {
      return "";
    }
    std::string text = table_head("a whole run", {{"last event, ms", 23}, {"write calls", 20}});
    for (const Row& row : known_rows()) {
      text += name_column(row) +
              right(with_half_width(tally(row).estimate(Measure::last_event)), 23) +
              right(with_half_width(tally(row).estimate(Measure::write_calls)), 20) + '\n';
    }
    return text;
  }

  // Did goodput come back?
  [[nodiscard]] std::string recovery_text() const {
    std::string text;
    for (const Row& row : known_rows()) {
      const RecoveryTally& of = tally(row).recovery;
      if (of.runs == 0) {
        continue;
      }
      const RecoveryWindows windows = *RecoveryWindows::of(point(row).settings);
      const auto rate = [&of](std::uint64_t count, Duration span) {
        return static_cast<double>(count) * 1e6 /
               (static_cast<double>(of.runs) * static_cast<double>(span.microseconds));
      };
      if (text.empty()) {
        text = fmt::format("\nright/s over time; back: from {} to {} at least {} % of {} to {}\n",
                           time_text(windows.after.from), time_text(windows.after.to),
                           recovered_percent, time_text(windows.before.from),
                           time_text(windows.before.to));
      }
      text +=
          fmt::format("{}\n  never back {} of runs ({}); {} right/s before, {} after\n", row.name,
                      share_text(static_cast<double>(of.stuck()) / static_cast<double>(of.runs)),
                      interval_text(clopper_pearson(of.stuck(), of.runs)),
                      short_number(rate(of.right_before, windows.before.to - windows.before.from)),
                      short_number(rate(of.right_after, windows.after.to - windows.after.from)));
      std::vector<double> issued;
      std::vector<double> right_ones;
      double most = 0;
      for (std::size_t slot = 0; slot < timeline_slots; ++slot) {
        issued.push_back(rate(of.issued[slot], windows.slot));
        right_ones.push_back(rate(of.right[slot], windows.slot));
        most = std::max({most, issued.back(), right_ones.back()});
      }
      text += "  asked  " + sparkline(issued, most) + '\n';
      text += "  right  " + sparkline(right_ones, most) + '\n';
    }
    return text;
  }
};

}  // namespace

std::string table_lines(const CompareReport& report, const CompareSection& section,
                        const TextStyle& style) {
  return Tables(report, section, style).text();
}

}  // namespace racelab
