// One order of endpoints in SQL, as a list of its steps.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/screen_width.h"
#include "sim/report/script_order_report.h"
#include "sim/report/script_words.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

std::string chance_text(double chance) {
  return chance == 1 ? "100 %" : chance == 0 ? "0 %" : percent(chance);
}

// The text in lines of at most so many columns, broken between words.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::string word;
  const auto put = [&] {
    if (!lines.back().empty() && columns_of(lines.back()) + 1 + columns_of(word) > width) {
      lines.emplace_back();
    }
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    word.clear();
  };
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      if (!word.empty()) {
        put();
      }
    } else {
      word += c;
    }
  }
  if (!word.empty()) {
    put();
  }
  return lines;
}

}  // namespace

void add_step_line(Page& page, const StepLine& step) {
  constexpr std::size_t chance_width = 8;
  const std::size_t text_at = step.text_at;
  const std::vector<std::string> lines = wrapped(step.text, step.width - text_at - chance_width);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string line = i == 0 ? step.head : "";
    line.resize(text_at, ' ');
    line += (i == 0 ? "" : "  ") + lines[i];
    const bool last = i + 1 == lines.size() && !step.right.empty();
    if (last && columns_of(line) + 1 + columns_of(step.right) > step.width) {
      page.add(Line{{{line, Tone::plain}}});
      line.clear();
    }
    if (last) {
      line += right_aligned(step.right, step.width - columns_of(line));
    }
    page.add(Line{{{line, Tone::plain}}});
  }
}

void add_step(Page& page, const DrawnStep& step, bool several) {
  const std::string head = fmt::format("{:>3}  ", step.number);
  for (std::size_t i = 0; i < step.happened->size(); ++i) {
    const ScriptModel::Happened& it = (*step.happened)[i];
    const bool last = i + 1 == step.happened->size();
    add_step_line(page, {(i == 0 ? head : "     ") + who_text(it.who, several), happened_text(it),
                         last ? step.chance : "", step_text_at, step.width});
  }
}

// On a wide screen no wider than the steps are: a chance stands near what it belongs to.
std::size_t width_of_steps(const ScriptOrder& order) {
  constexpr std::size_t right = 14;  // " DOOMED 100 %", and a blank
  std::size_t widest = text_width;
  for (const ScriptOrder::Taken& taken : order.steps) {
    for (const ScriptModel::Happened& it : taken.happened) {
      widest = std::max(widest, step_text_at + columns_of(happened_text(it)) + right);
    }
  }
  return std::min(widest, screen_width());
}

void add_steps(Page& page, const ScriptOrder& order) {
  const bool several = several_operations(order.outcome.ending->operations);
  const std::size_t width = width_of_steps(order);
  if (order.chances_known) {
    add_step_line(page, {.right = "odds of a", .width = width});
    add_step_line(page, {.right = "violation " + chance_text(order.chance), .width = width});
  }
  std::size_t number = 0;
  bool was_doomed = false;
  for (const ScriptOrder::Taken& taken : order.steps) {
    const bool doomed = taken.chance == 1 && !was_doomed;
    was_doomed = was_doomed || doomed;
    const std::string chance =
        order.chances_known ? (doomed ? "DOOMED " : "") + chance_text(taken.chance) : "";
    add_step(page, {++number, &taken.happened, chance, width}, several);
  }
}

void add_order(Page& page, const ScriptSetup& setup, const ScriptOrder& order,
               const std::string& label) {
  const ScriptEnding& ending = *order.outcome.ending;
  page.add(Line{});
  page.add(Labelled{label, size_text(order) + ": " + order.word()});
  page.add(Line{});
  add_steps(page, order);
  page.add(Line{});
  page.add(Labelled{"end", told_text(ending) + "; " + contents_text(setup, ending)});
  page.add(Labelled{"why", why_text(setup, order)});
}

void add_settings(Page& page, const ScriptExperiment& experiment) {
  std::string text = "strategy=" + experiment.strategy;
  for (const auto& [key, value] : experiment.shaped) {
    text += ' ';
    text += key;
    text += '=';
    text += value;
  }
  page.add(Labelled{"with", text});
}

Page script_order_page(const ScriptOrderReport& report) {
  Page page;
  if (report.order.outcome.violated()) {
    page.add(Headline{Tone::bad, "VIOLATED",
                      "in this order: " + harm_text(*report.setup, report.order)});
  } else {
    page.add(Headline{Tone::good, "HOLDS", "in this order"});
  }
  add_order(page, *report.setup, report.order, "order");
  page.add(ShellCommand{"explain", report.command_for("explain"), ""});
  page.add(ShellCommand{"all", report.command("explore", report.strategy), ""});
  add_settings(page, report);
  return page;
}

}  // namespace racelab
