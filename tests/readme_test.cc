// What the README and its pages in docs/ promise, measured again: both matrices, the screens, the commands of the tour.
//
// The matrix is the tool's summary of itself; a mark in it stands for a thousand runs, and all of them are made here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cli/scenario_file.h"
#include "sim/scenario/options.h"
#include "sim/scenario/run.h"
#include "sim/scenario/scenario.h"
#include "tests/cli/command.h"

namespace racelab::lab::readme_test {
namespace {

std::string content(const std::string& path) {
  std::ifstream stream(std::string(RACELAB_SOURCE_DIR) + "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// "| a | b |" as its cells.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  while (line.size() > 1) {
    line.remove_prefix(1);
    const std::size_t end = std::min(line.find('|'), line.size());
    std::string_view cell = line.substr(0, end);
    while (cell.starts_with(' ')) {
      cell.remove_prefix(1);
    }
    while (cell.ends_with(' ')) {
      cell.remove_suffix(1);
    }
    cells.emplace_back(cell);
    line.remove_prefix(end);
  }
  return cells;
}

struct Matrix {
  std::vector<std::string> columns;  // "race", then faults
  struct Row {
    std::string strategy;
    std::vector<std::string> marks;
  };
  std::vector<Row> rows;
};

Matrix matrix_of(const std::string& readme) {
  Matrix matrix;
  for (const std::string& line : lines_of(readme)) {
    if (!line.starts_with('|')) {
      if (!matrix.rows.empty()) {
        break;
      }
      continue;
    }
    std::vector<std::string> cells = cells_of(line);
    if (cells.front() == "strategy") {
      matrix.columns.assign(cells.begin() + 1, cells.end());
    } else if (!cells.front().starts_with('-')) {
      matrix.rows.push_back({cells.front(), {cells.begin() + 1, cells.end()}});
    }
  }
  return matrix;
}

Settings settings_with(const std::vector<std::pair<std::string, std::string>>& keys) {
  Scenario scenario;
  for (const auto& [key, value] : keys) {
    EXPECT_EQ(apply(scenario, key, value), "");
  }
  return scenario.settings;
}

// The experiment that a column stands for. One fault at most strikes in each run.
Settings settings_of_column(const std::string& column) {
  if (column == "race") {
    return settings_with({{"workload", "increment"}, {"clients", "2"}});
  }
  return settings_with({{"workload", "increment"},
                        {"clients", "1"},
                        {"operations", "1"},
                        {column + ".rate", "50%"},
                        {column + ".max", "1"}});
}

// ✗ when some of the seeds 1 to 1000 is violated.
std::string measured(const std::string& strategy, const std::string& column) {
  const ParsedFleet parsed = parse_fleet(strategy);
  EXPECT_EQ(parsed.problem, "");
  if (!parsed.problem.empty()) {
    return "?";
  }
  Runner runner(settings_of_column(column), parsed.fleet);
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const RunResult result = runner.run(seed);
    EXPECT_NE(result.verdict, Verdict::gave_up);
    if (result.verdict == Verdict::violated) {
      return "✗";
    }
  }
  return "✓";
}

TEST(Readme, the_matrix_is_what_is_measured) {
  const Matrix matrix = matrix_of(content("README.md"));
  ASSERT_FALSE(matrix.rows.empty());
  for (const Matrix::Row& row : matrix.rows) {
    ASSERT_EQ(row.marks.size(), matrix.columns.size()) << row.strategy;
    for (std::size_t i = 0; i < matrix.columns.size(); ++i) {
      EXPECT_EQ(row.marks[i], measured(row.strategy, matrix.columns[i]))
          << row.strategy << " under " << matrix.columns[i];
    }
  }
}

// A fault column whose fault never struck would be all ✓.
TEST(Readme, each_fault_of_the_matrix_strikes_in_about_half_of_the_runs_or_more) {
  for (const FaultDescription& fault : fault_descriptions()) {
    SCOPED_TRACE(fault.name);
    Runner runner(settings_of_column(std::string(fault.name)),
                  parse_fleet("atomic-increment").fleet);
    std::uint64_t struck = 0;
    for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
      struck += runner.run(seed).counts.service.faults[static_cast<std::size_t>(fault.kind)];
    }
    // 1,000 draws at 50%: fewer than 430 is a chance of about 1 in 200,000, were they drawn anew.
    EXPECT_GE(struck, 430U);
    EXPECT_LE(struck, 1'000U);
  }
}

TEST(Readme, the_matrix_leaves_out_no_strategy_no_protection_and_no_fault) {
  const Matrix matrix = matrix_of(content("README.md"));
  std::vector<std::string> expected{"race"};
  for (const FaultDescription& fault : fault_descriptions()) {
    expected.emplace_back(fault.name);
  }
  EXPECT_EQ(matrix.columns, expected);
  const auto has_row = [&matrix](const auto& test) {
    return std::any_of(matrix.rows.begin(), matrix.rows.end(),
                       [&test](const Matrix::Row& row) { return test("+" + row.strategy + "+"); });
  };
  for (const Strategy& strategy : strategies()) {
    EXPECT_TRUE(has_row([&](const std::string& row) { return row == "+" + strategy.name + "+"; }))
        << strategy.name;
  }
  for (const Protection& protection : protections()) {
    EXPECT_TRUE(has_row([&](const std::string& row) {
      return row.find("+" + protection.name + "+") != std::string::npos;
    })) << protection.name;
  }
}

TEST(Readme, the_first_screen_is_what_is_printed) {
  const std::string readme = content("README.md");
  const std::size_t begin = readme.find("```\nVIOLATED");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = readme.find("```\n", begin + 4);
  EXPECT_EQ(readme.substr(begin + 4, end - begin - 4), racelab_of("run two-writers").output);
}

// Lines of the real screen, in their order; some are left out.
TEST(Readme, shows_lines_of_an_order_in_sql) {
  const std::string readme = content("README.md");
  const std::size_t begin = readme.find("```\nVIOLATED  in 22 of 24");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = readme.find("```\n", begin + 4);
  const CommandResult result = racelab_of("explore oversold-stock --strategy read-then-write");
  EXPECT_EQ(code(result), 1);
  std::size_t at = 0;
  for (const std::string& line : lines_of(readme.substr(begin + 4, end - begin - 4))) {
    const std::size_t found = result.output.find(line + '\n', at);
    ASSERT_NE(found, std::string::npos) << line;
    at = found + line.size();
  }
}

TEST(Reports, show_how_a_comparison_opens) {
  const std::string text = content("docs/reports.md");
  const std::string fence = "```\nUSE ";
  const std::size_t begin = text.find(fence) + 4;
  const std::string shown = text.substr(begin, text.find("```", begin) - begin);
  EXPECT_GT(shown.size(), 500U);
  EXPECT_TRUE(racelab_of("compare hot-counter").output.starts_with(shown)) << shown;
}

TEST(MatrixOfProofs, is_what_verify_writes) {
  const CommandResult verified = racelab_of("verify --format markdown");
  EXPECT_EQ(code(verified), 0);
  EXPECT_NE(content("docs/matrix.md").find("\n\n" + verified.output), std::string::npos)
      << verified.output;
}

TEST(Tour, every_command_of_it_that_stands_alone_can_be_typed) {
  std::size_t commands = 0;
  for (const std::string& line : lines_of(content("README.md") + content("docs/tour.md"))) {
    const bool of_stack = line.find(" --layer ") != std::string::npos;
    if (!line.starts_with("./dev run ") && !of_stack) {
      continue;
    }
    ++commands;
    const std::size_t program = of_stack ? std::string_view("racelab ").size() : 6;
    const CommandResult outcome = racelab_of(line.substr(program, line.find('#') - program));
    EXPECT_NE(code(outcome), 2) << line << '\n' << outcome.errors;
  }
  EXPECT_GE(commands, 10U);
}

TEST(Extending, the_scenario_it_shows_can_be_run) {
  const std::string readme = content("docs/extending.md");
  const std::size_t begin = readme.find("```ini\n");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t text = begin + 7;
  const Scenario scenario = parse_scenario("rush-hour", "rush-hour.ini",
                                           readme.substr(text, readme.find("```", text) - text));
  EXPECT_EQ(problem_with(scenario.settings), "");
  EXPECT_FALSE(scenario.claim.empty());
}

TEST(Readme, every_file_that_it_and_its_pages_point_to_is_there) {
  std::size_t links = 0;
  for (const std::string page :
       {"README.md", "docs/extending.md", "docs/matrix.md", "docs/model.md", "docs/reports.md",
        "docs/sql.md", "docs/tour.md", "docs/workshop.md"}) {
    const std::string text = content(page);
    const std::string folder = page.substr(0, page.find('/') + 1);
    for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
      const std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
      if (target.starts_with("https://")) {
        continue;
      }
      ++links;
      EXPECT_TRUE(std::filesystem::exists(std::string(RACELAB_SOURCE_DIR) + "/" + folder + target))
          << page << ": " << target;
    }
  }
  EXPECT_GE(links, 10U);
}

TEST(Model, explains_every_anomaly_and_every_error_that_reports_name) {
  const std::string model = content("docs/model.md");
  for (const char* word : {"lost update", "duplicate", "false success", "false failure", "stuck",
                           "invariant broken", "survives", "overwritten", "`ok`", "`failed`",
                           "`unknown`", "40001", "40P01", "55P03", "23505"}) {
    EXPECT_NE(model.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace racelab::lab::readme_test
