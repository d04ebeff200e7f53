// What every report keeps to, whatever happened: it fits 80 columns, its ledger adds up when the printed line is read back,
// and its tables account for every operation.
//
// Looked at in every built-in scenario and in storms where all faults strike, under every strategy, alone and wrapped in
// each protection, seeds 1 to 50 (where that takes long, to 5).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/timeline.h"
#include "sim/report/words.h"
#include "tests/report/report_of.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::report_property_test {
namespace {

constexpr std::uint64_t seeds = 50 / fewer;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) {
      words.emplace_back(line.substr(0, end));
    }
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

// "1,234", or a word: then not whole.
struct Number {
  std::int64_t value = 0;
  bool whole = false;
};
Number number_of(std::string word) {
  std::erase(word, ',');
  Number number;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number.value);
  number.whole = !word.empty() && error == std::errc{} && end == word.data() + word.size();
  return number;
}

// The lines under a label, joined: from "label   " to the next line that begins with a word.
std::string labelled_text(const std::string& text, const std::string& label) {
  std::string joined;
  bool inside = false;
  for (const std::string& line : lines_of(text)) {
    const bool begins = line.starts_with(label + " ");
    inside = begins || (inside && line.starts_with("        "));
    if (inside) {
      for (const std::string& word : words_of(line.substr(begins ? label.size() : 0))) {
        joined += ' ' + word;
      }
    }
  }
  return joined;
}

// "(50-30)": the difference, of whole numbers; else a word.
Number difference_of(const std::string& word) {
  const std::size_t minus = word.find('-');
  if (!word.starts_with('(') || !word.ends_with(')') || minus == std::string::npos) {
    return {};
  }
  const Number above = number_of(word.substr(1, minus - 1));
  const Number below = number_of(word.substr(minus + 1, word.size() - minus - 2));
  return {above.value - below.value, above.whole && below.whole};
}

// Reads "n: 0 + 2 acknowledged - 1 overwritten = 1 …" and adds it up again: true when the sums agree for every row.
bool adds_up(const std::string& ledger) {
  std::int64_t sum = 0;
  std::int64_t sign = 1;
  bool equals = false;
  std::size_t sums = 0;
  for (const std::string& word : words_of(ledger)) {
    const Number number = word.starts_with('(') ? difference_of(word) : number_of(word);
    if (word.ends_with(':')) {
      sum = 0;
      sign = 1;
    } else if (word == "+" || word == "-") {
      sign = word == "+" ? 1 : -1;
    } else if (word == "=") {
      equals = true;
    } else if (number.whole && equals) {
      if (sum != number.value) {
        return false;
      }
      ++sums;
      equals = false;
      sum = 0;
      sign = 1;
    } else if (number.whole) {
      sum += sign * number.value;
    }
  }
  return sums > 0;
}

TEST(ReportProperty, the_sum_that_a_ledger_prints_is_really_checked) {
  EXPECT_TRUE(adds_up(" 0 + 2 acknowledged - 1 overwritten = 1"));
  EXPECT_TRUE(adds_up(" a: 100 - 30 acknowledged = 70 b: 0 + 5 done again = 5"));
  EXPECT_FALSE(adds_up(" 0 + 2 acknowledged - 1 overwritten = 2"));
  EXPECT_FALSE(adds_up(" a: 100 - 30 acknowledged = 70 b: 0 + 5 done again = 6"));
  EXPECT_TRUE(adds_up(" a: 100 + (50-50) acknowledged - (10-30) overwritten = 120"));
  EXPECT_FALSE(adds_up(" a: 100 + (50-50) acknowledged - (10-30) overwritten = 80"));
  EXPECT_FALSE(adds_up(" nothing"));
}

TEST(ReportProperty, every_line_fits_80_columns_but_those_to_copy) {
  for_each_report(seeds, [](const RunReport& report) {
    for (const std::string& line : lines_of(run_text(report, {}))) {
      if (!line.starts_with("again ") && !line.starts_with("fix ")) {
        EXPECT_LE(line.size(), 80U) << line;
      }
      EXPECT_FALSE(line.ends_with(' ')) << line;
      EXPECT_FALSE(line.empty());
    }
  });
}

TEST(ReportProperty, the_printed_ledger_adds_up_to_what_the_store_holds) {
  for_each_report(seeds, [](const RunReport& report) {
    const std::string text = run_text(report, {});
    const std::string ledger = labelled_text(text, "ledger");
    EXPECT_TRUE(adds_up(ledger)) << text;
    EXPECT_EQ(ledger.find("but the store holds"), std::string::npos) << text;
    for (const HistoryRow& row : report.result.history.rows) {
      EXPECT_NE((ledger + " ").find("= " + std::to_string(row.final) + " "), std::string::npos)
          << text;
    }
  });
}

// 32 overwritten and 31 lost updates, 4 done again and 3 duplicates: a line below the ledger says whose doing that is. It
// stands there exactly where the counts differ.
TEST(ReportProperty, a_verdict_that_counts_otherwise_than_the_ledger_is_explained) {
  const std::array<std::string_view, 5> reasons{
      " done again survive", " never told ok, so not lost", " done more than once",
      " also overwritten", " done more than twice"};
  std::array<std::uint64_t, 5> seen{};
  std::uint64_t alike = 0;
  for_each_report(seeds, [&](const RunReport& report) {
    const Judgement& judgement = report.result.judgement;
    const auto overwritten = static_cast<std::uint64_t>(
        std::count(judgement.survives.begin(), judgement.survives.end(), false));
    std::uint64_t done_again = 0;
    for (const Fate& fate : judgement.fates) {
      done_again += std::max(fate.applications, 1U) - 1;
    }
    const bool differ = overwritten != judgement.count(Anomaly::lost_update) ||
                        done_again != judgement.count(Anomaly::duplicate);
    const std::string ledger = labelled_text(run_text(report, {}), "ledger");
    bool explained = false;
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      const bool said = ledger.find(reasons.at(i)) != std::string::npos;
      explained = explained || said;
      seen.at(i) += said ? 1 : 0;
    }
    EXPECT_EQ(explained, differ) << ledger;
    alike += differ ? 0 : 1;
  });
  EXPECT_GT(alike, 1'000U / fewer);
  for (const std::uint64_t count : seen) {
    EXPECT_GT(count, 0U);
  }
}

TEST(ReportProperty, the_told_table_accounts_for_every_operation) {
  std::uint64_t tables = 0;
  for_each_report(seeds, [&tables](const RunReport& report) {
    const std::string text = run_text(report, {});
    if (is_short(report)) {
      EXPECT_EQ(text.find("\ntold  "), std::string::npos);
      return;
    }
    ++tables;
    std::int64_t sum = 0;
    std::size_t rows = 0;
    bool inside = false;
    for (const std::string& line : lines_of(text)) {
      inside = line.starts_with("told ") || (inside && line.starts_with(" "));
      const std::vector<std::string> words = words_of(line);
      if (inside && words.size() == 4 && words[0] != "told") {
        ++rows;
        for (std::size_t i = 1; i < 4; ++i) {
          ASSERT_TRUE(number_of(words[i]).whole) << line;
          sum += number_of(words[i]).value;
        }
      }
    }
    EXPECT_EQ(rows, 3U) << text;
    const std::int64_t given = std::int64_t{report.settings.clients} * report.settings.operations;
    const auto issued = static_cast<std::int64_t>(report.result.counts.operations);
    EXPECT_EQ(sum, issued) << text;
    if (report.settings.until == Duration{}) {
      EXPECT_EQ(issued, given) << text;
    }
  });
  EXPECT_GT(tables, 1'000U / fewer);
}

TEST(ReportProperty, a_verdict_is_one_of_three_and_says_what_the_judge_says) {
  std::array<std::uint64_t, 2> seen{};
  for_each_report(seeds, [&seen](const RunReport& report) {
    const std::string text = run_text(report, {});
    const bool violated = report.result.verdict == Verdict::violated;
    ++seen[violated ? 1 : 0];
    EXPECT_TRUE(text.starts_with(violated ? "VIOLATED  " : "HOLDS  ")) << text;
    EXPECT_EQ(text.find("\nwhy ") != std::string::npos, violated) << text;
    const Judgement& judgement = report.result.judgement;
    EXPECT_EQ(violated, !judgement.findings.empty() || report.result.invariant_broken) << text;
  });
  EXPECT_GT(seen[0], 1'000U / fewer);
  EXPECT_GT(seen[1], 1'000U / fewer);
}

// A timeline has as many marks as operations, or fewer where a slot took several; each mark is in the legend.
TEST(ReportProperty, a_long_timeline_explains_each_of_its_marks) {
  std::array<std::uint64_t, 2> seen{};
  for_each_report(10, [&seen](const RunReport& report) {
    const std::vector<std::string> lines = lines_of(page_text({{long_timeline(report)}}, {}));
    ASSERT_GE(lines.size(), 2 + std::size_t{report.settings.clients});
    std::string legend;  // of one line or two
    for (std::size_t i = 1 + report.settings.clients; i < lines.size(); ++i) {
      legend += lines[i] + '\n';
    }
    std::size_t marks_of_all = 0;
    for (std::size_t client = 0; client < report.settings.clients; ++client) {
      const std::string line = lines[client + 1];
      EXPECT_TRUE(line.starts_with(client_name(static_cast<std::uint32_t>(client)) + " "));
      std::size_t marks = 0;
      for (std::size_t i = 8; i < line.size(); ++i) {
        if (line[i] != ' ') {
          ++marks;
          EXPECT_NE(legend.find("  " + std::string(1, line[i]) + " "), std::string::npos)
              << line << '\n'
              << legend;
        }
      }
      EXPECT_GE(marks, 1U);
      EXPECT_LE(marks, report.settings.operations);
      marks_of_all += marks;
    }
    // Where marks hide others, the legend says which one is seen.
    const bool hides = marks_of_all < report.result.history.operations.size();
    EXPECT_EQ(legend.find("(a mark is the worst of its slot)\n") != std::string::npos, hides)
        << legend;
    ++seen[hides ? 1 : 0];
  });
  EXPECT_GT(seen[0], 100U);
  EXPECT_GT(seen[1], 100U);
}

}  // namespace
}  // namespace racelab::lab::report_property_test
