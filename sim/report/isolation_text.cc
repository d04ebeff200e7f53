// The isolation tester's own format, byte by byte, so that `diff` can compare.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/report/spec_report.h"

namespace racelab {

namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether a column of it may stand at the right: digits, and what else is in numbers, a digit last.
bool looks_like_a_number(const std::string& text) {
  const bool letters = std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || c == '.' || c == 'E' || c == 'e' || c == ' ' || c == '-';
  });
  return letters && text.front() != 'E' && text.front() != 'e' && is_digit(text.back());
}

std::string answer_text(const SpecAnswer& answer) {
  std::string text;
  for (const SpecAnswer::Part& part : answer.parts) {
    text += part.table ? aligned_table(*part.table) : part.line + '\n';
  }
  return text;
}

std::string event_text(const IsolationSpec& spec, const SpecEvent& event) {
  const IsolationSpec::Step& step = spec.steps[event.step];
  switch (event.kind) {
    case SpecEvent::Kind::setup:
      return answer_text(event.answer);
    case SpecEvent::Kind::notice:
      return fmt::format("{}: {}\n", spec.sessions[event.session].name, event.line);
    case SpecEvent::Kind::done:
      return fmt::format("step {}: {}\n{}", step.name, step.block.sql, answer_text(event.answer));
    case SpecEvent::Kind::waiting:
      return fmt::format("step {}: {} <waiting ...>\n", step.name, step.block.sql);
    case SpecEvent::Kind::completed:
      return fmt::format("step {}: <... completed>\n{}", step.name, answer_text(event.answer));
    case SpecEvent::Kind::stopped:
      return fmt::format("racelab: {}\n", event.line);
  }
  return "";
}

}  // namespace

std::string aligned_table(const SpecAnswer::Table& table) {
  const std::size_t columns = table.columns.size();
  std::vector<std::size_t> widths(columns);
  std::vector<bool> right(columns, true);
  for (std::size_t column = 0; column < columns; ++column) {
    widths[column] = table.columns[column].size();
    for (const auto& row : table.rows) {
      const SpecAnswer::Cell& cell = row[column];
      if (cell && !cell->empty()) {
        widths[column] = std::max(widths[column], cell->size());
        right[column] = right[column] && looks_like_a_number(*cell);
      }
    }
  }
  std::string text;
  const auto field = [&](std::size_t column, const std::string& word) {
    const std::string gap(widths[column] - word.size(), ' ');
    text += column == 0 ? "" : "|";
    text += right[column] ? gap : word;
    text += right[column] ? word : gap;
  };
  for (std::size_t column = 0; column < columns; ++column) {
    field(column, table.columns[column]);
  }
  text += '\n';
  for (std::size_t column = 0; column < columns; ++column) {
    text += column == 0 ? "" : "+";
    text.append(widths[column], '-');
  }
  text += '\n';
  for (const auto& row : table.rows) {
    for (std::size_t column = 0; column < columns; ++column) {
      field(column, row[column].value_or(""));
    }
    text += '\n';
  }
  return text + fmt::format("({} row{})\n\n", table.rows.size(), table.rows.size() == 1 ? "" : "s");
}

std::string permutation_text(const IsolationSpec& spec,
                             const IsolationSpec::Permutation& permutation) {
  std::string text;
  for (const IsolationSpec::Sent& sent : permutation) {
    text += text.empty() ? "" : " ";
    text += spec.steps[sent.step].name;
  }
  return text;
}

std::string isolation_head(const IsolationSpec& spec) {
  std::set<std::string> unused;
  for (std::size_t step = 0; step < spec.steps.size() && !spec.permutations.empty(); ++step) {
    const bool used = std::any_of(
        spec.permutations.begin(), spec.permutations.end(),
        [step](const IsolationSpec::Permutation& permutation) {
          return std::any_of(permutation.begin(), permutation.end(),
                             [step](const IsolationSpec::Sent& sent) { return sent.step == step; });
        });
    if (!used) {
      unused.insert(spec.steps[step].name);
    }
  }
  std::string text;
  for (const std::string& name : unused) {
    text += fmt::format("unused step name: {}\n", name);
  }
  return text + fmt::format("Parsed test spec with {} sessions\n", spec.sessions.size());
}

std::string isolation_run_text(const IsolationSpec& spec, const SpecRun& run,
                               const std::string& why_not) {
  std::string text =
      fmt::format("\nstarting permutation: {}\n", permutation_text(spec, run.permutation));
  for (const SpecEvent& event : run.events) {
    text += event_text(spec, event);
  }
  return why_not.empty() ? text : text + fmt::format("racelab: {}\n", why_not);
}

}  // namespace racelab
