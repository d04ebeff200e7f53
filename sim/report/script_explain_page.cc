// The page of `explain` for endpoints in SQL: the title, the steps, the words. And the same as a mermaid diagram with notes.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/screen_width.h"
#include "sim/report/script_explain.h"
#include "sim/report/script_words.h"
#include "sim/report/sequence.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

using Kind = ScriptModel::Happened::Kind;

void add_fixes(Page& page, const ScriptExplanation& report) {
  constexpr std::size_t shown_max = 6;
  Terms fixes{"fixes", {}};
  for (const ScriptSameReport& fix : report.fixes) {
    if (fixes.terms.size() < shown_max) {
      const FixWords words = fix_words(fix, report.order);
      fixes.terms.push_back({words.name, words.effect});
    }
  }
  const char* label = fixes.terms.empty() ? "fixes" : "";
  page.add(std::move(fixes));
  if (report.fixes.size() > shown_max) {
    page.add(Labelled{"", fmt::format("and {} more", report.fixes.size() - shown_max)});
  }
  if (report.fixes_unexplored > 0) {
    page.add(Labelled{label, fmt::format("{} too large to be decided here",
                                         counted(report.fixes_unexplored, "candidate"))});
  } else if (report.fixes.empty()) {
    page.add(
        Labelled{label, "none among the scenario's other strategies and the isolation levels"});
  }
}

// The same order under the first fix.
std::string comparing_command(const ScriptExplanation& report) {
  const ScriptSameReport& fix = report.fixes.front();
  std::string text = report.order.command_for("replay");
  if (fix.strategy != report.order.strategy) {
    text += " --strategy " + fix.strategy;
  }
  if (fix.setup->rules.isolation != report.order.setup->rules.isolation) {
    text += fmt::format(" --isolation {}", isolation_text(fix.setup->rules.isolation));
  }
  return text;
}

class Drawing {
 public:
  explicit Drawing(const ScriptOrder& order)
      : order_(order), several_(several_operations(order.outcome.ending->operations)) {
    sequence_.rows = "tables";
    for (std::uint32_t client = 0; client < order.issued.size(); ++client) {
      if (order.issued[client] > 0) {
        clients_.push_back(client);
        sequence_.participants.push_back(
            {fmt::format("client {}", letter_of_client(client)), client, 0});
      }
    }
  }

  Sequence draw() {
    bool doomed = false;
    for (const ScriptOrder::Taken& taken : order_.steps) {
      Sequence::Step& step = sequence_.steps.emplace_back();
      step.number = sequence_.steps.size();
      for (const ScriptModel::Happened& it : taken.happened) {
        draw(it);
      }
      if (order_.chances_known) {
        step.chance = taken.chance;
        step.doomed = taken.chance == 1 && !doomed;
        doomed = doomed || step.doomed;
      }
    }
    return std::move(sequence_);
  }

 private:
  void add(Sequence::Line::Kind kind, const ScriptModel::Happened& it, const std::string& text) {
    const auto client = std::find(clients_.begin(), clients_.end(), it.who.client);
    const auto place = client == clients_.end() ? 0 : client - clients_.begin();
    sequence_.steps.back().lines.push_back(
        {kind, static_cast<std::size_t>(place), who_text(it.who, several_), text, ""});
  }

  void draw(const ScriptModel::Happened& it) {
    using Line = Sequence::Line::Kind;
    switch (it.kind) {
      case Kind::sent:
      case Kind::waits: {
        ScriptModel::Happened asked = it;
        asked.kind = Kind::sent;
        asked.answer.clear();
        add(Line::ask, it, happened_text(asked));
        if (it.kind == Kind::waits) {
          add(Line::words, it, "waits for " + (it.answer.empty() ? "a lock" : it.answer));
        } else if (!it.answer.empty()) {
          add(Line::answer, it, it.answer);
        }
        break;
      }
      case Kind::answered:
        add(Line::answer, it, it.answer.empty() ? "goes on" : it.answer);
        break;
      case Kind::died:
        add(Line::death, it, it.text);
        break;
      case Kind::time:
        add(Line::values, it, it.text);
        break;
      default:
        add(Line::words, it, happened_text(it));
    }
  }

  const ScriptOrder& order_;
  bool several_;
  std::vector<std::uint32_t> clients_;
  Sequence sequence_;
};

}  // namespace

Page script_explain_page(const ScriptExplanation& report) {
  const ScriptSetup& setup = *report.order.setup;
  const ScriptOrder& order = report.order.order;
  const ScriptEnding& ending = *order.outcome.ending;
  Page page;
  const std::string title = harm_title(order);
  const Tone tone = ending.violated() ? Tone::bad : Tone::good;
  const std::string text = explained_text(report);
  if (columns_of(title) + columns_of(text) + 3 <= screen_width()) {
    page.add(Line{{{title, tone}, {"   " + text}}});
  } else {
    page.add(Line{{{title, tone}}});
    page.add(Labelled{"under", text});
  }
  page.add(Line{});
  add_steps(page, order);
  page.add(Line{});
  page.add(Labelled{"ends", told_text(ending) + "; " + contents_text(setup, ending)});
  for (const Reason& reason : reasons_of(setup, order)) {
    page.add(Labelled{reason.label, reason.text});
  }
  if (ending.violated()) {
    const char* label = "serial";
    for (const std::string& serial : serial_texts(report)) {
      page.add(Labelled{std::exchange(label, ""), serial});
    }
    if (report.swap) {
      page.add(Labelled{"swap", swap_text(report)});
    }
    add_fixes(page, report);
  }
  page.add(ShellCommand{"again", report.order.command_for("replay"), ""});
  if (!report.fixes.empty()) {
    page.add(ShellCommand{"compare", comparing_command(report), ""});
  }
  return page;
}

std::string script_explain_mermaid(const ScriptExplanation& report) {
  const ScriptSetup& setup = *report.order.setup;
  const ScriptOrder& order = report.order.order;
  const Sequence sequence = Drawing(order).draw();
  std::string text = "sequenceDiagram\n";
  text += fmt::format("    %% {}: {}\n", harm_title(order), explained_text(report));
  text += fmt::format("    %% {}\n", report.order.command_for("explain"));
  text += sequence_mermaid(sequence);
  std::vector<std::string> notes{"ends " + told_text(*order.outcome.ending) + "; " +
                                 contents_text(setup, *order.outcome.ending)};
  for (const Reason& reason : reasons_of(setup, order)) {
    notes.push_back((reason.label.empty() || reason.label == "why" ? "" : reason.label + ' ') +
                    reason.text);
  }
  if (order.outcome.violated()) {
    for (const std::string& serial : serial_texts(report)) {
      notes.push_back("serial " + serial);
    }
    if (report.swap) {
      notes.push_back("swap " + swap_text(report));
    }
    for (const ScriptSameReport& fix : report.fixes) {
      const FixWords words = fix_words(fix, report.order);
      notes.push_back("fix: " + words.name + ": " + words.effect);
    }
  }
  const std::string over = sequence.participants.size() > 1 ? "p1,p2" : "p1,rows";
  for (const std::string& note : notes) {
    text += fmt::format("    Note over {}: {}\n", over, mermaid_escaped(note));
  }
  return text;
}

}  // namespace racelab
