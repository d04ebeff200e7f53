// The page of `explain`: the title, the diagram, the words. And the same as a mermaid diagram with notes.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/explain.h"
#include "sim/report/screen_width.h"
#include "sim/report/sequence.h"
#include "sim/report/why.h"
#include "sim/report/words.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

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

// What went wrong, under which fleet, how small it is: on one line where that fits.
void add_title(Page& page, const ExplainReport& report) {
  const OrderReport& order = report.order;
  const Tone tone = order.result.verdict == Verdict::holds ? Tone::good : Tone::bad;
  const std::string name = harm_title(order.result);
  const std::string fleet = fleet_text(order);
  const std::string size = size_text(report);
  if (name.size() + fleet.size() + size.size() + 6 <= screen_width()) {
    page.add(Line{{{name, tone}, {"   " + fleet + "   " + size}}});
  } else {
    page.add(Line{{{name, tone}, {"   " + size}}});
    page.add(Labelled{"under", fleet});
  }
}

// The rows as they end up, of many only those that changed; and the harm.
Labelled end_of(const OrderReport& order) {
  constexpr std::size_t rows_max = 6;
  const std::vector<HistoryRow>& rows = order.result.history.rows;
  std::string text;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows.size() <= rows_max || rows[row].final != rows[row].initial) {
      add_item(text, fmt::format("{} = {}", order.row_names[row], rows[row].final));
    }
  }
  const std::string harm = headline(order);
  return {"ends", text + (harm.empty() ? "" : "; " + harm)};
}

void add_fixes(Page& page, const ExplainReport& report) {
  constexpr std::size_t shown_max = 6;
  const std::size_t shown = std::min(shown_max, report.fixes.size());
  Terms fixes{"fixes", {}};
  for (std::size_t i = 0; i < shown; ++i) {
    const FixWords fix = fix_words(report.fixes[i], report.order);
    const std::string open = open_to(report.fixes[i], report.fixes);
    fixes.terms.push_back({fix.name, fix.sql + (fix.sql.empty() ? "" : ": ") + fix.effect +
                                         (open.empty() ? "" : "; no help against " + open)});
  }
  const char* label = shown == 0 ? "fixes" : "";
  page.add(std::move(fixes));
  if (report.fixes.size() > shown) {
    page.add(Labelled{"", fmt::format("and {} more", report.fixes.size() - shown)});
  }
  if (report.fixes_unexplored > 0) {
    page.add(Labelled{label, fmt::format("{} too large to be decided here",
                                         counted(report.fixes_unexplored, "candidate"))});
  } else if (shown == 0) {
    page.add(Labelled{label, "none among the strategies, protections and isolation levels"});
  }
}

// The same order under the first fix.
std::string comparing_command(const ExplainReport& report) {
  const SameOrderReport& fix = report.fixes.front();
  std::string text = "racelab replay " + report.order.token;
  if (name_of(fix.fleet) != name_of(report.order.fleet)) {
    text += " --strategy " + name_of(fix.fleet);
  }
  if (fix.settings.isolation != report.order.settings.isolation) {
    text += " --isolation " + value_of(*find_option("isolation"), fix.settings);
  }
  return text;
}

}  // namespace

std::string order_diagram(const OrderReport& report, const TextStyle& style) {
  return sequence_text(sequence_of(report), style);
}

void add_reasons(Page& page, const OrderReport& order) {
  for (const Reason& reason : reasons_of(order)) {
    page.add(Labelled{reason.label, reason.text});
  }
}

Page explain_page(const ExplainReport& report) {
  Page page;
  add_title(page, report);
  page.add(Line{});
  page.add(sequence_of(report.order));
  page.add(Line{});
  page.add(end_of(report.order));
  add_reasons(page, report.order);
  if (report.order.result.verdict == Verdict::violated) {
    if (report.swap) {
      page.add(Labelled{"swap", swap_text(report)});
    }
    add_fixes(page, report);
  }
  page.add(ShellCommand{"again", "racelab replay " + report.order.token, ""});
  if (!report.fixes.empty()) {
    page.add(ShellCommand{"compare", comparing_command(report), ""});
  }
  return page;
}

std::string explain_text(const ExplainReport& report, const TextStyle& style) {
  return page_text(explain_page(report), style);
}

std::string mermaid_of_nothing(const std::string& scenario, const std::string& all) {
  return fmt::format("sequenceDiagram\n    participant rows as {}\n    Note over rows: {}\n",
                     mermaid_escaped(scenario), mermaid_escaped(all.substr(0, all.find('\n'))));
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
