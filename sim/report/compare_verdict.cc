// Which strategy it should be, and how sure that is.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/chart.h"
#include "sim/report/compare_page.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr int red = 31;
constexpr int green = 32;
constexpr int yellow = 33;

class VerdictLines : ComparePage {
 public:
  using ComparePage::ComparePage;

  [[nodiscard]] std::string opening() const {
    return (section_.places.size() == 1 ? verdict() : lead_verdict()) + title();
  }
  [[nodiscard]] std::string closing() const { return sure() + again(); }

 private:
  [[nodiscard]] std::string verdict() const {
    const std::vector<const Row*> safe = safe_rows();
    if (section_.rows.size() == 1) {
      return verdict_of_one(section_.rows.front());
    }
    if (safe.empty()) {
      return verdict_of_none();
    }
    if (safe.size() == section_.rows.size() && is_of_variants()) {
      return verdict_of_variants();
    }
    const Row* best = fastest(safe, 0);
    std::string text = fmt::format("{}: nothing went wrong in {}, {}", best->name, runs_text(),
                                   per_second(value(tally(*best), Measure::goodput)));
    if (safe.size() > 1) {
      std::vector<const Row*> others;
      std::copy_if(safe.begin(), safe.end(), std::back_inserter(others),
                   [best](const Row* row) { return row != best; });
      std::sort(others.begin(), others.end(), [this](const Row* a, const Row* b) {
        return value(tally(*a), Measure::goodput) > value(tally(*b), Measure::goodput);
      });
      text += "; also safe, and slower:";
      for (const Row* other : others) {
        text += fmt::format("{} {} ({}/s)", other == others.front() ? "" : ",", other->name,
                            short_number(value(tally(*other), Measure::goodput)));
      }
    }
    return heading("USE", green, text);
  }
  // All are safe: what tells them apart is whether they come back, whether clients are answered, how long it takes, how much
  // work it is.
  [[nodiscard]] std::string verdict_of_variants() const {
    if (any_recovery()) {
      std::string text;
      for (const Row& row : section_.rows) {
        const RecoveryTally& of = tally(row).recovery;
        const bool back = of.recovered == of.runs;
        text += heading(
            back ? "BACK" : "STUCK", back ? green : red,
            back ? fmt::format("{}: recovers after the spike in every run", row.name)
                 : fmt::format("{}: metastable: {} of {} never recover after the spike", row.name,
                               grouped(of.runs - of.recovered), counted(of.runs, "run")));
      }
      return text;
    }
    if (any_unanswered()) {
      const Row& most = extreme(Measure::goodput, true);
      const Row& least = extreme(Measure::deliveries, false);
      if (value(tally(most), Measure::success) == 0) {
        const Row& load = extreme(Measure::deliveries, true);
        return heading(
            "NOBODY", red,
            fmt::format("is told ok; load from {} calls per operation ({}) to {} ({})",
                        short_number(value(tally(least), Measure::deliveries)), least.name,
                        short_number(value(tally(load), Measure::deliveries)), load.name));
      }
      const auto told = [](const Tally& of) {
        return fmt::format("{} told ok for {} calls per operation",
                           share_text(value(of, Measure::success)),
                           short_number(value(of, Measure::deliveries)));
      };
      return heading(
                 "MOST", green,
                 fmt::format("{}: {}, {}", most.name,
                             per_second(value(tally(most), Measure::goodput)), told(tally(most)))) +
             labelled("least", fmt::format("load {}: {}", least.name, told(tally(least))));
    }
    const Row& first = extreme(Measure::last_event, false);
    const Row& least = extreme(Measure::write_calls, false);
    const auto work = [](const Tally& of) {
      return fmt::format("all done after {} ms, with {} write calls",
                         short_number(value(of, Measure::last_event)),
                         short_number(value(of, Measure::write_calls)));
    };
    return heading("FASTEST", green, fmt::format("{}: {}", first.name, work(tally(first)))) +
           labelled("least", fmt::format("work {}: {}", least.name, work(tally(least))));
  }

  [[nodiscard]] std::string verdict_of_one(const Row& row) const {
    const Tally& only = tally(row);
    if (only.violated > 0) {
      return heading("NOT", red,
                     fmt::format("{}: it goes wrong in {} of {}", row.name, grouped(only.violated),
                                 runs_text()));
    }
    if (only.gave_up > 0) {
      return heading("GAVE UP", yellow,
                     fmt::format("{} of {} reached events-max; nothing went wrong in the others",
                                 grouped(only.gave_up), runs_text()));
    }
    return heading("SAFE", green,
                   fmt::format("{}: nothing went wrong in {}, {}", row.name, runs_text(),
                               per_second(value(only, Measure::goodput))));
  }

  [[nodiscard]] std::string verdict_of_none() const {
    const Row* least = nullptr;
    for (const Row& row : section_.rows) {
      if (least == nullptr || tally(row).violated < tally(*least).violated) {
        least = &row;
      }
    }
    std::string text = fmt::format("of these is safe here: even {} goes wrong in {} of {}",
                                   least->name, grouped(tally(*least).violated), runs_text());
    const std::string better = withstanding();
    if (!better.empty()) {
      text += fmt::format("; what withstands it is {}", better);
    }
    return heading("NONE", red, text);
  }

  // The first strategy, bare or with one protection, that claims to withstand all that the scenario threatens.
  [[nodiscard]] std::string withstanding() const {
    const Settings& settings = point(section_.rows.front()).settings;
    const auto claims = [&settings](const Combination& combination) {
      return problem_with(combination, settings).empty() &&
             settings.hazards.within(combination.withstands(settings));
    };
    for (const Strategy& strategy : strategies()) {
      if (claims({&strategy, {}})) {
        return strategy.name;
      }
    }
    for (const Strategy& strategy : strategies()) {
      for (const Protection& protection : protections()) {
        if (claims({&strategy, {&protection}})) {
          return Combination{&strategy, {&protection}}.name();
        }
      }
    }
    return "";
  }

  [[nodiscard]] std::string title() const {
    const std::uint64_t first = report_.plan.first_seed;
    std::string text = section_.scenario + (section_.fixed.empty() ? "" : ", " + section_.fixed);
    if (report_.result.seeds == 0) {
      return text + ": no seed was finished\n";
    }
    text += fmt::format(": {} of each, seeds {} to {}", runs_text(), first,
                        first + report_.result.seeds - 1);
    if (!report_.stopped_by.empty()) {
      text += fmt::format(" of {} asked: ended by {}", grouped(report_.plan.seeds),
                          report_.stopped_by == "interrupt" ? "an interrupt" : report_.stopped_by);
    }
    return labelled("of", text);
  }

  // ---- how sure

  [[nodiscard]] std::string sure() const {
    std::string text;
    const std::uint64_t runs = report_.result.seeds;
    const std::vector<const Row*> safe = safe_rows();
    if (!safe.empty() && runs > 0) {
      const double bound = clopper_pearson(0, runs).high * 100;
      // Rounded up: the sentence must stay true.
      const double step = std::pow(10, std::floor(std::log10(bound)) - 1);
      std::string sentence = fmt::format(
          "nothing wrong in {} means in fewer than {:.4g} % of runs, with 95 % "
          "confidence",
          counted(runs, "run"), std::ceil(bound / step) * step);
      text += labelled("sure", sentence + proof(*safe.front()));
    }
    if (runs > 1) {
      text += labelled("",
                       "± is 95 %, from how much runs differ; every strategy met the same seeds, "
                       "so differences are taken seed by seed");
    }
    return text;
  }

  // Where exploring is possible: the way to a proof.
  [[nodiscard]] std::string proof(const Row& row) const {
    const SweepCell& of = cell(row);
    const Settings& settings = point(row).settings;
    if (!point(row).explorable || !settings.hazards.within(of.fleet.front().withstands(settings))) {
      return "; that is no proof";
    }
    return fmt::format("; `racelab explore {} --strategy {}` looks at every order",
                       shell_word(section_.scenario), shell_word(name_of(of.fleet)));
  }

  [[nodiscard]] std::string again() const {
    std::string text;
    for (const Row& row : section_.rows) {
      for (std::size_t place = 0; place < row.cells.size(); ++place) {
        const Tally& of = tally(row, place);
        const std::optional<std::uint64_t> seed =
            of.violating_seed ? of.violating_seed : of.recovery.stuck_seed;
        if (seed) {
          text += std::string(text.empty() ? "again   " : "        ") +
                  report_.run_command(cell(row, place), *seed) + '\n';
          break;
        }
      }
    }
    return text;
  }

  // Who is the fastest of those that are safe everywhere, from place to place.
  struct Lead {
    const Row* row;
    std::size_t from;
    std::size_t to;
  };
  [[nodiscard]] std::vector<Lead> leads(const std::vector<const Row*>& rows) const {
    std::vector<Lead> all;
    for (std::size_t place = 0; place < section_.places.size(); ++place) {
      const Row* best = fastest(rows, place);
      // Nobody is overtaken by chance: intervals must lie apart.
      if (!all.empty() && best != all.back().row) {
        const auto best_goodput = tally(*best, place).estimate(Measure::goodput);
        const auto last_goodput = tally(*all.back().row, place).estimate(Measure::goodput);
        if (best_goodput && last_goodput && best_goodput->interval && last_goodput->interval &&
            best_goodput->interval->low <= last_goodput->interval->high) {
          best = all.back().row;
        }
      }
      if (!all.empty() && all.back().row == best) {
        all.back().to = place;
      } else {
        all.push_back({best, place, place});
      }
    }
    return all;
  }

  [[nodiscard]] std::string lead_verdict() const {
    std::vector<const Row*> rows = safe_rows();
    if (section_.rows.size() == 1) {
      return "";
    }
    const bool none_safe = rows.empty();
    if (none_safe) {
      for (const Row& row : section_.rows) {
        rows.push_back(&row);
      }
    }
    std::string text;
    const std::vector<Lead> all = leads(rows);
    for (const Lead& lead : all) {
      text += text.empty() ? "" : "; ";
      text += lead.row->name;
      text += all.size() == 1                         ? " at every place"
              : lead.from == 0                        ? " up to " + place_text(lead.to)
              : lead.to + 1 == section_.places.size() ? " from " + place_text(lead.from) + " on"
              : lead.from == lead.to
                  ? " at " + place_text(lead.from)
                  : " from " + place_text(lead.from) + " to " + place_text(lead.to);
    }
    std::string lines =
        none_safe ? heading("NONE", red, "of these is safe at every place; the fastest is " + text)
                  : heading("FASTEST", green, text);
    if (all.size() > 1) {
      lines += labelled("why", why(*all.front().row, *all.back().row));
    }
    return lines;
  }

  // What the one that was overtaken spends its time on at the last place, and the one that overtook it.
  [[nodiscard]] std::string why(const Row& overtaken, const Row& leader) const {
    const std::size_t last = section_.places.size() - 1;
    const auto spends = [&](const Row& row) {
      const Tally& of = tally(row, last);
      return fmt::format(
          "{} wastes {} of its {} statements per operation and waits {} ms for locks", row.name,
          short_number(value(of, Measure::wasted_statements)),
          short_number(value(of, Measure::statements)),
          short_number(value(of, Measure::lock_wait)));
    };
    return fmt::format("at {} {}; {}", place_text(last), spends(overtaken), spends(leader));
  }
};

}  // namespace

std::string verdict_lines(const CompareReport& report, const CompareSection& section,
                          const TextStyle& style) {
  return VerdictLines(report, section, style).opening();
}

std::string sure_lines(const CompareReport& report, const CompareSection& section,
                       const TextStyle& style) {
  return VerdictLines(report, section, style).closing();
}

}  // namespace racelab
