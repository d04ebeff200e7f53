// `explain` on a page: the title, the diagram, the words.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/explain.h"
#include "sim/report/sequence.h"
#include "sim/report/why.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr int red = 31;
constexpr int green = 32;

std::string size_text(const ExplainReport& report) {
  const Counterexample& order = report.order.order;
  std::string text = fmt::format("{}{}, {}", report.smallest ? "smallest: " : "",
                                 counted(order.clients, "client"),
                                 counted(order.moves.size(), "step"));
  if (order.faults > 0) {
    text += ", " + counted(order.faults, "fault");
  }
  return text;
}

std::string title(const ExplainReport& report, const TextStyle& style) {
  const OrderReport& order = report.order;
  const bool holds = order.result.verdict == Verdict::holds;
  const std::string name = harm_title(order.result);
  const std::string fleet = fleet_text(order);
  const std::string size = size_text(report);
  std::string line = colored(name, holds ? green : red, style);
  if (name.size() + fleet.size() + size.size() + 6 <= text_width) {
    return line + "   " + fleet + "   " + size + '\n';
  }
  return line + "   " + size + '\n' + labelled("under", fleet);
}

std::string ends_line(const OrderReport& order) {
  RunReport run(static_cast<const Experiment&>(order));
  run.result = order.result;
  std::string text;
  constexpr std::size_t rows_max = 6;
  for (std::size_t row = 0; row < order.result.history.rows.size(); ++row) {
    if (order.result.history.rows.size() <= rows_max ||
        order.result.history.rows[row].final != order.result.history.rows[row].initial) {
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", order.row_names[row],
                          order.result.history.rows[row].final);
    }
  }
  const std::string harm = headline(run);
  return labelled("ends", text + (harm.empty() ? "" : "; " + harm));
}

std::string fix_lines(const ExplainReport& report) {
  constexpr std::size_t shown_max = 8;
  std::vector<FixWords> all;
  std::size_t name_width = 0;
  std::size_t sql_width = 0;
  for (const SameOrderReport& fix : report.fixes) {
    if (all.size() == shown_max) {
      break;
    }
    all.push_back(fix_words(fix, report.order));
    name_width = std::max(name_width, all.back().name.size());
    sql_width = std::max(sql_width, all.back().sql.size());
  }
  std::string text;
  for (const FixWords& fix : all) {
    const std::string label = text.empty() ? "fixes" : "";
    std::string line = fmt::format("{:<{}}{:<{}}", label, label_width, fix.name, name_width);
    const std::size_t widest = label_width + name_width + 2 + sql_width + 2;
    if (widest + fix.effect.size() <= text_width) {
      line += fmt::format("  {:<{}}  {}", fix.sql, sql_width, fix.effect);
    } else {
      // Name, statement and effect one below the other where a line does not hold them.
      const std::string indent(label_width + 2, ' ');
      line = fmt::format("{:<{}}{}", label, label_width, fix.name);
      const std::string both = fix.sql + (fix.effect.empty() ? "" : ": " + fix.effect);
      std::string rest = labelled("", "  " + both);
      line += '\n' + rest;
      line.pop_back();
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  if (report.fixes.size() > all.size()) {
    text += labelled("", fmt::format("and {} more", report.fixes.size() - all.size()));
  }
  if (report.fixes_unexplored > 0) {
    text += labelled(text.empty() ? "fixes" : "",
                     fmt::format("{} too large to be decided here",
                                 counted(report.fixes_unexplored, "candidate")));
  }
  if (text.empty()) {
    text = labelled("fixes", "none found among the strategies, protections and isolation levels");
  }
  return text;
}

}  // namespace

std::string order_diagram(const OrderReport& report, const TextStyle& style) {
  return sequence_text(sequence_of(report), style);
}

std::string explain_text(const ExplainReport& report, const TextStyle& style) {
  std::string text = title(report, style) + '\n' + order_diagram(report.order, style) + '\n';
  text += ends_line(report.order);
  for (const Reason& reason : reasons_of(report.order)) {
    text += labelled(reason.label, reason.text);
  }
  if (report.order.result.verdict == Verdict::violated) {
    if (report.swap) {
      text += labelled("swap", swap_text(report));
    }
    text += fix_lines(report);
  }
  text += fmt::format("{:<{}}racelab replay {}\n", "again", label_width,
                      shell_word(report.order.token));
  return text;
}

std::string explain_mermaid_nothing(const ExploreReport& report) {
  const std::string all = explore_text(report, {});
  return fmt::format("sequenceDiagram\n    participant rows as {}\n    Note over rows: {}\n",
                     mermaid_escaped(report.scenario),
                     mermaid_escaped(all.substr(0, all.find('\n'))));
}

std::string explain_mermaid(const ExplainReport& report) {
  const OrderReport& order = report.order;
  const Sequence sequence = sequence_of(order);
  std::string text = "sequenceDiagram\n";
  text += fmt::format("    %% {}: {}, {}\n", harm_title(order.result), fleet_text(order),
                      size_text(report));
  text += fmt::format("    %% racelab explain {}\n", order.token);
  text += sequence_mermaid(sequence);
  std::vector<std::string> notes;
  for (const Reason& reason : reasons_of(order)) {
    notes.push_back((reason.label.empty() || reason.label == "why" ? "" : reason.label + " ") +
                    reason.text);
  }
  if (order.result.verdict == Verdict::violated) {
    if (report.swap) {
      notes.push_back("swap " + swap_text(report));
    }
    for (const SameOrderReport& fix : report.fixes) {
      const FixWords words = fix_words(fix, order);
      notes.push_back("fix: " + words.name + (words.sql.empty() ? "" : ": " + words.sql) +
                      (words.effect.empty() ? "" : ": " + words.effect));
    }
  }
  const std::string over =
      sequence.participants.size() > 1 ? "p1,p2" : sequence.participants.empty() ? "rows" : "p1,rows";
  for (const std::string& note : notes) {
    text += fmt::format("    Note over {}: {}\n", over, mermaid_escaped(note));
  }
  return text;
}

}  // namespace racelab
