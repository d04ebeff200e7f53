// `explain` on a page: the title, the diagram, the words.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/explain.h"
#include "sim/report/sequence.h"
#include "sim/report/why.h"
#include "sim/report/words.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

constexpr int red = 31;
constexpr int green = 32;

std::string size_text(const ExplainReport& report) {
  const WalkedOrder& order = report.order.order;
  std::string text =
      fmt::format("{}{}, {}", report.smallest ? "smallest: " : "", counted(order.clients, "client"),
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

// Text in lines of at most `text_width`, all but the first indented.
std::string hanging(std::string line, std::string_view text, std::size_t indent) {
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::size_t at = line.size() - (line.rfind('\n') + 1);
    if (!first && at + 1 + end > text_width) {
      line += '\n' + std::string(indent, ' ');
      first = true;
    }
    line += (first ? "" : " ") + std::string(text.substr(0, end));
    first = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return line + '\n';
}

std::string fix_lines(const ExplainReport& report) {
  constexpr std::size_t shown_max = 6;
  constexpr std::size_t name_max = 36;  // a longer one stands on a line of its own
  const std::size_t shown = std::min(shown_max, report.fixes.size());
  std::vector<FixWords> all;
  std::size_t width = 0;
  for (std::size_t i = 0; i < shown; ++i) {
    all.push_back(fix_words(report.fixes[i], report.order));
    width = std::max(width, std::min(all.back().name.size(), name_max));
  }
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const FixWords& fix = all[i];
    const std::string open = open_to(report.fixes[i], report.fixes);
    const std::string words = fix.sql + (fix.sql.empty() ? "" : ": ") + fix.effect +
                              (open.empty() ? "" : "; no help against " + open);
    std::string line =
        fmt::format("{:<{}}{:<{}}", i == 0 ? "fixes" : "", label_width, fix.name, width + 2);
    const std::size_t indent = label_width + width + 2;
    if (fix.name.size() > width) {
      line.erase(line.find_last_not_of(' ') + 1);
      line += '\n' + std::string(indent, ' ');
    }
    text += hanging(line, words, indent);
  }
  if (report.fixes.size() > shown) {
    text += labelled("", fmt::format("and {} more", report.fixes.size() - shown));
  }
  if (report.fixes_unexplored > 0) {
    text += labelled(text.empty() ? "fixes" : "",
                     fmt::format("{} too large to be decided here",
                                 counted(report.fixes_unexplored, "candidate")));
  }
  return text.empty()
             ? labelled("fixes", "none among the strategies, protections and isolation levels")
             : text;
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
  text += fmt::format("{:<{}}racelab replay {}\n", "again", label_width, report.order.token);
  if (!report.fixes.empty()) {
    const SameOrderReport& fix = report.fixes.front();
    const Option& isolation = *find_option("isolation");
    text += fmt::format("{:<{}}racelab replay {}", "compare", label_width, report.order.token);
    if (name_of(fix.fleet) != name_of(report.order.fleet)) {
      text += " --strategy " + name_of(fix.fleet);
    }
    if (fix.settings.isolation != report.order.settings.isolation) {
      text += " --isolation " + value_of(isolation, fix.settings);
    }
    text += '\n';
  }
  return text;
}

std::string explain_mermaid_nothing(const ExploreReport& report) {
  const std::string all = explore_text({report}, {});
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
      notes.push_back("fix: " + words.name + (words.sql.empty() ? "" : ": " + words.sql) + ": " +
                      words.effect);
    }
  }
  const std::string over = sequence.participants.size() > 1 ? "p1,p2"
                           : sequence.participants.empty()  ? "rows"
                                                            : "p1,rows";
  for (const std::string& note : notes) {
    text += fmt::format("    Note over {}: {}\n", over, mermaid_escaped(note));
  }
  return text;
}

}  // namespace racelab
