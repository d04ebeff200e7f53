// Which strategy it should be, and how sure that is.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sim/report/chart.h"
#include "sim/report/compare_page.h"
#include "sim/report/stack_text.h"
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
    return (section_.places.size() == 1 ? verdict() : lead_verdict()) + title() + stack();
  }
  [[nodiscard]] std::string closing() const { return sure() + settings() + again(); }

 private:
  // ---- of one place

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
    const std::vector<const Row*> willing = that_refuse_least(safe);
    const Row* best = fastest(willing, 0);
    std::string even;
    std::string others;
    std::string unwilling;
    for (const Row* row : by_goodput(safe)) {
      if (std::find(willing.begin(), willing.end(), row) == willing.end()) {
        unwilling += fmt::format("{} {} ({} refused)", unwilling.empty() ? "" : ",", row->name,
                                 share_text(refused_share(tally(*row))));
      } else if (row != best) {
        std::string& list = is_slower(*row, *best, 0) ? others : even;
        list += fmt::format("{} {} ({}/s)", list.empty() ? "" : ",", row->name,
                            short_number(value(tally(*row), Measure::goodput)));
      }
    }
    return heading(
               "USE", green,
               fmt::format("{}: {}, {}, {}{}{}{}", best->name, nothing_wrong(),
                           per_second(value(tally(*best), Measure::goodput)), told_ok(tally(*best)),
                           even.empty() ? "" : "; no difference seen to:" + even,
                           others.empty() ? "" : "; also safe, but slower:" + others,
                           unwilling.empty() ? "" : "; also safe, but refuses more:" + unwilling)) +
           tested();
  }

  [[nodiscard]] static double refused_share(const Tally& of) {
    return static_cast<double>(of.refused) /
           static_cast<double>(std::max<std::uint64_t>(1, of.operations));
  }
  // A refusal is an answer, and soon given: whoever refuses more is not the better for being faster.
  [[nodiscard]] std::vector<const Row*> that_refuse_least(
      const std::vector<const Row*>& rows) const {
    constexpr double as_good_as = 0.02;
    double least = 1;
    for (const Row* row : rows) {
      least = std::min(least, refused_share(tally(*row)));
    }
    std::vector<const Row*> some;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(some),
                 [&](const Row* row) { return refused_share(tally(*row)) <= least + as_good_as; });
    return some;
  }

  [[nodiscard]] std::string nothing_wrong() const {
    return (of_scripts() ? "nothing wrong in " : "no update lost or done twice in ") + runs_text();
  }
  [[nodiscard]] std::string told_ok(const Tally& of) const {
    const std::string share = share_text(value(of, Measure::success));
    if (!of_scripts()) {
      return share + " told ok";
    }
    const double refused = refused_share(of);
    return share + " answered" +
           (of.refused > 0 ? fmt::format(" ({} refused)", share_text(refused)) : "");
  }

  [[nodiscard]] std::vector<const Row*> by_goodput(std::vector<const Row*> rows) const {
    std::stable_sort(rows.begin(), rows.end(), [this](const Row* a, const Row* b) {
      return value(tally(*a), Measure::goodput) > value(tally(*b), Measure::goodput);
    });
    return rows;
  }

  // What was put to the test, and what was not: a verdict is about the one, and says nothing of the other.
  [[nodiscard]] std::string tested() const {
    const Hazards there = hazards();
    std::string put;
    std::string left;
    for (const HazardDescription& hazard : hazard_descriptions) {
      std::string& list = there.contain(hazard.hazard) ? put : left;
      list += (list.empty() ? "" : ", ") + std::string(hazard.name);
    }
    return labelled("tested", (put.empty() ? "no hazard" : put) +
                                  (left.empty() ? "" : "; not tested here: " + left));
  }

  // All are safe: what tells them apart is whether they come back, whether clients are answered, how long it takes, how much
  // work it is.
  [[nodiscard]] std::string verdict_of_variants() const {
    if (any_recovery()) {
      return verdict_of_recovery();
    }
    if (any_unanswered()) {
      return verdict_of_answers();
    }
    const Row& first = extreme(Measure::last_event, false);
    const Row& least = extreme(Measure::write_calls, false);
    const auto work = [](const Tally& of) {
      return fmt::format("all done after {} ms, with {} write calls",
                         short_number(value(of, Measure::last_event)),
                         short_number(value(of, Measure::write_calls)));
    };
    const std::string fastest_text =
        differ(Measure::last_event)
            ? heading("FASTEST", green, fmt::format("{}: {}", first.name, work(tally(first))))
            : heading("EVEN", yellow, "no difference seen in when all is done");
    return fastest_text +
           (differ(Measure::write_calls)
                ? labelled("least", fmt::format("work {}: {}", least.name, work(tally(least))))
                : "");
  }

  // Whether the largest and the smallest of a measure are apart by more than chance.
  [[nodiscard]] bool differ(Measure measure) const {
    const auto largest = tally(extreme(measure, true)).estimate(measure);
    const auto smallest = tally(extreme(measure, false)).estimate(measure);
    return largest && smallest && largest->interval && smallest->interval &&
           largest->interval->low > smallest->interval->high;
  }

  [[nodiscard]] std::string verdict_of_recovery() const {
    std::string text;
    for (const Row& row : section_.rows) {
      const RecoveryTally& of = tally(row).recovery;
      if (of.down_before > 0) {
        text += heading("DOWN", red,
                        fmt::format("{}: it was down before the spike in {} of {}", row.name,
                                    grouped(of.down_before), counted(of.runs, "run")));
      } else if (of.stuck() > 0) {
        text += heading("STUCK", red,
                        fmt::format("{}: metastable: {} of {} never recover after the spike",
                                    row.name, grouped(of.stuck()), counted(of.runs, "run")));
      } else {
        text += heading("BACK", green,
                        fmt::format("{}: recovers after the spike in every run", row.name));
      }
    }
    return text;
  }

  [[nodiscard]] std::string verdict_of_answers() const {
    const Row& most = extreme(Measure::goodput, true);
    const Row& least = extreme(Measure::deliveries, false);
    const Row& load = extreme(Measure::deliveries, true);
    if (value(tally(most), Measure::success) == 0) {
      const std::string low = short_number(value(tally(least), Measure::deliveries));
      const std::string high = short_number(value(tally(load), Measure::deliveries));
      const std::string all = fmt::format("{} ({}) to {} ({})", low, least.name, high, load.name);
      return heading("NOBODY", red,
                     "is told ok; calls per operation: " + (low == high ? low : all));
    }
    const auto told = [this](const Tally& of) {
      return fmt::format("{} for {} calls per operation", told_ok(of),
                         short_number(value(of, Measure::deliveries)));
    };
    const std::string first =
        differ(Measure::goodput)
            ? heading(
                  "MOST", green,
                  fmt::format("{}: {}, {}", most.name,
                              per_second(value(tally(most), Measure::goodput)), told(tally(most))))
            : heading("EVEN", yellow, "no difference seen in what is done right per second");
    return first +
           (differ(Measure::deliveries)
                ? labelled("least", fmt::format("load {}: {}", least.name, told(tally(least))))
                : "");
  }

  [[nodiscard]] std::string verdict_of_one(const Row& row) const {
    const Tally& only = tally(row);
    if (only.violated > 0) {
      return heading("NOT", red,
                     fmt::format("{}: it goes wrong in {} of {}{}", row.name,
                                 grouped(only.violated), runs_text(), advice())) +
             tested();
    }
    if (only.gave_up > 0) {
      return heading("GAVE UP", yellow,
                     fmt::format("{} of {} reached events-max; nothing went wrong in the others",
                                 grouped(only.gave_up), runs_text()));
    }
    return heading("SAFE", green,
                   fmt::format("{}: {}, {}, {}", row.name, nothing_wrong(),
                               per_second(value(only, Measure::goodput)), told_ok(only))) +
           tested();
  }

  [[nodiscard]] std::string verdict_of_none() const {
    const auto& least = *std::min_element(
        section_.rows.begin(), section_.rows.end(),
        [this](const Row& a, const Row& b) { return tally(a).violated < tally(b).violated; });
    if (tally(least).violated == 0) {
      return heading("GAVE UP", yellow,
                     fmt::format("runs reached events-max, {} of {} even with {}: nothing is known",
                                 grouped(tally(least).gave_up), runs_text(), least.name));
    }
    return heading("NONE", red,
                   fmt::format("of these is safe here: even {} goes wrong in {} of {}{}",
                               least.name, grouped(tally(least).violated), runs_text(), advice())) +
           tested();
  }

  // The first strategy, bare or with one protection, that claims to withstand all that is there, and has not just been seen to
  // fail.
  [[nodiscard]] std::string advice() const {
    if (of_scripts()) {
      return "";
    }
    Settings settings = point(section_.rows.front()).settings;
    settings.hazards = hazards();
    const auto claims = [&](const Combination& combination) {
      return problem_with(combination, settings).empty() &&
             settings.hazards.within(combination.withstands(settings)) &&
             std::none_of(section_.rows.begin(), section_.rows.end(), [&](const Row& row) {
               return name_of(cell(row).fleet) == combination.name();
             });
    };
    for (const Strategy& strategy : strategies()) {
      if (claims({&strategy, {}})) {
        return "; try " + strategy.name;
      }
    }
    for (const Strategy& strategy : strategies()) {
      for (const Protection& protection : protections()) {
        if (const Combination both{&strategy, {&protection}}; claims(both)) {
          return "; try " + both.name();
        }
      }
    }
    return "";
  }

  // ---- what it is about

  [[nodiscard]] std::string title() const {
    const std::uint64_t first = report_.plan.first_seed;
    std::string text = section_.scenario + (section_.fixed.empty() ? "" : ", " + section_.fixed);
    text += fmt::format(": {} of each, seeds {} to {}", runs_text(), first,
                        first + report_.result.seeds - 1);
    if (!report_.stopped_by.empty()) {
      text += fmt::format(" of {} asked: ended by {}", grouped(report_.plan.seeds),
                          report_.stopped_by == "interrupt" ? "an interrupt" : report_.stopped_by);
    }
    return labelled("of", text);
  }

  // Where all of the page is about one stack.
  [[nodiscard]] std::string stack() const {
    const Settings& settings = point(section_.rows.front()).settings;
    std::string lines;
    if (section_.places.size() == 1 && !is_of_variants()) {
      for (const Labelled& block : stack_blocks(settings)) {
        lines += labelled(block.label, block.text);
      }
    }
    return lines;
  }

  // Every setting that is the same on the whole page.
  [[nodiscard]] std::string settings() const {
    const SweepPoint& first = point(section_.rows.front());
    std::vector<std::string> differing{section_.axis};
    for (const auto& [key, value] : first.varied) {
      differing.push_back(key);
    }
    for (const Row& row : section_.rows) {
      for (const auto& [key, value] : point(row).variant_settings) {
        differing.push_back(key);
      }
      for (const std::size_t index : row.cells) {  // a client's preset sets several
        if (index != SweepCell::none && !of_scripts()) {
          const SweepPoint& other = report_.plan.points[report_.plan.cells[index].point];
          add_differing(differing, first.settings, other.settings);
        }
      }
    }
    if (of_scripts()) {
      std::string text;
      for (const auto& [key, value] : first.shaped) {
        if (std::find(differing.begin(), differing.end(), key) == differing.end()) {
          text += (text.empty() ? "" : " ") + key;
          text += '=';
          text += value;
        }
      }
      return labelled("with", text.empty() ? "the usual settings" : text);
    }
    return labelled("with", shaping_settings(report_.experiment(cell(section_.rows.front())),
                                             Shaped::timed_run, differing));
  }

  // ---- how sure

  [[nodiscard]] std::string sure() const {
    std::string text;
    const std::uint64_t runs = report_.result.seeds;
    const std::vector<const Row*> safe = safe_rows();
    if (!safe.empty()) {
      text = fmt::format(
          "nothing wrong in {} means in fewer than {} of runs, with 95 % confidence{}; ",
          counted(runs, "run"), upper_text(clopper_pearson(0, runs).high),
          proof(*fastest(safe, section_.places.size() - 1)));
    }
    text += "intervals and ± are of 95 %, from how much runs differ";
    if (section_.rows.size() > 1) {
      text += "; every row met the same seeds";
    }
    return labelled("sure", text);
  }

  // Where exploring is possible: the way to a proof.
  [[nodiscard]] std::string proof(const Row& row) const {
    const SweepCell& of = cell(row);
    const Settings& settings = point(row).settings;
    if (of.scripts) {
      return point(row).explorable
                 ? fmt::format("; `racelab explore {} --strategy {}` looks at every order",
                               shell_word(section_.scenario), shell_word(of.name))
                 : ", and is no proof";
    }
    if (!point(row).explorable || !settings.hazards.within(of.fleet.front().withstands(settings))) {
      return ", and is no proof";
    }
    return fmt::format("; `{}` looks at every order of the scenario's small twin",
                       report_.explore_command(of));
  }

  [[nodiscard]] std::string again() const {
    std::string text;
    for (const Row& row : section_.rows) {
      for (std::size_t place = 0; place < row.cells.size(); ++place) {
        const Tally& of = tally(row, place);
        if (of.violating_seed) {
          text += std::string(text.empty() ? "again   " : "        ") +
                  report_.run_command(cell(row, place), *of.violating_seed) + '\n';
          break;
        }
      }
    }
    return text;
  }

  // ---- of several places

  // Whether a row's goodput is below another's by more than chance: seed by seed where that is known.
  [[nodiscard]] bool is_slower(const Row& row, const Row& than, std::size_t place) const {
    const auto below_zero = [&](const Row& a, const Row& b) -> std::optional<bool> {
      if (cell(a, place).reference != b.cells[place]) {
        return std::nullopt;
      }
      const auto difference = tally(a, place).difference(Measure::goodput, tally(b, place));
      return difference && difference->interval &&
             (&a == &row ? difference->interval->high < 0 : difference->interval->low > 0);
    };
    if (const std::optional<bool> known = below_zero(row, than)) {
      return *known;
    }
    if (const std::optional<bool> known = below_zero(than, row)) {
      return *known;
    }
    const auto own = tally(row, place).estimate(Measure::goodput);
    const auto other = tally(than, place).estimate(Measure::goodput);
    return own && other && own->interval && other->interval &&
           own->interval->high < other->interval->low;
  }

  // The row that is faster than all others at a place; nullptr: no such difference is seen.
  [[nodiscard]] const Row* leader(const std::vector<const Row*>& rows, std::size_t place) const {
    const Row* best = fastest(rows, place);
    const bool ahead = std::all_of(rows.begin(), rows.end(), [&](const Row* row) {
      return row == best || is_slower(*row, *best, place);
    });
    return ahead ? best : nullptr;
  }

  struct Lead {
    const Row* row;  // nullptr: nobody is ahead
    std::size_t from;
    std::size_t to;
  };
  [[nodiscard]] std::vector<Lead> leads(const std::vector<const Row*>& rows) const {
    std::vector<Lead> all;
    for (std::size_t place = 0; place < section_.places.size(); ++place) {
      const Row* best = leader(rows, place);
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
      return tested();
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
      text += lead.row == nullptr ? "no difference seen" : lead.row->name;
      text += all.size() == 1 ? " at any place"
              : lead.from == lead.to
                  ? " at " + place_text(lead.from)
                  : " from " + place_text(lead.from) + " to " + section_.places[lead.to];
    }
    std::string lines =
        none_safe ? heading("NONE", red, "of these is safe at every place; the fastest: " + text)
        : rows.size() == 1
            ? heading("USE", green, rows.front()->name + ": alone safe at every place")
        : all.size() == 1 && all.front().row == nullptr
            ? heading("EVEN", yellow, "no difference seen at any place in how much is answered")
            : heading("FASTEST", green, text);
    return lines + why(all) + tested();
  }

  // What the last leader, and the one before it, spend their time on at the last place where one of them leads.
  [[nodiscard]] std::string why(const std::vector<Lead>& all) const {
    const Lead* last = nullptr;
    const Lead* before = nullptr;
    for (const Lead& lead : all) {
      if (lead.row == nullptr) {
        continue;
      }
      if (last != nullptr && last->row != lead.row) {
        before = last;
      }
      last = &lead;
    }
    if (before == nullptr) {
      return "";
    }
    const auto spends = [this, last](const Row& row) {
      const Tally& of = tally(row, last->to);
      return fmt::format(
          "{} makes {} calls per operation, wastes {} of its {} statements and waits {} ms for "
          "locks",
          row.name, short_number(value(of, Measure::attempts)),
          short_number(value(of, Measure::wasted_statements)),
          short_number(value(of, Measure::statements)),
          short_number(value(of, Measure::lock_wait)));
    };
    return labelled("why", fmt::format("at {} {}; {}", place_text(last->to), spends(*before->row),
                                       spends(*last->row)));
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
