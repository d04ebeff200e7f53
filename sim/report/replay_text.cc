// `replay` on a page: one order drawn, or two executions of it side by side.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/explain.h"
#include "sim/report/json.h"
#include "sim/report/order_steps.h"
#include "sim/report/sequence.h"
#include "sim/report/why.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr int red = 31;
constexpr int green = 32;
constexpr int yellow = 33;

RunReport run_of(const OrderReport& report) {
  RunReport run(static_cast<const Experiment&>(report));
  run.result = report.result;
  return run;
}

std::string verdict_line(const OrderReport& order, const TextStyle& style) {
  switch (order.result.verdict) {
    case Verdict::violated:
      return colored("VIOLATED", red, style) + "  " + headline(run_of(order)) + '\n';
    case Verdict::gave_up:
      return colored("GAVE UP", yellow, style) + '\n';
    case Verdict::holds:
      break;
  }
  std::string text;
  for (std::size_t row = 0; row < order.result.history.rows.size(); ++row) {
    text += fmt::format("{}{} = {}", row == 0 ? "" : ", ", order.row_names[row],
                        order.result.history.rows[row].final);
  }
  return colored("HOLDS", green, style) + "  in this order: " + text + '\n';
}

// A step in words, with what it released: "B  COMMIT; A gets 40001".
std::string cell(const OrderStep& step, const Move& move, const RunReport& run) {
  std::string text = step.task + "  " + step.statement;
  if (!step.result.empty()) {
    text += (step.statement.empty() ? "" : " -> ") + step.result;
  }
  for (const TraceEvent* event : step.events) {
    const HandlerName who{static_cast<std::uint8_t>(event->operation.client),
                          event->operation.operation, event->attempt, event->copy};
    if (event->kind == TraceKind::statement && who != move.who) {
      std::string released = answer_text(*event, run);
      released.erase(0, released.empty() ? 0 : 1);
      text += "; " + DeliveryNames(run).name(*event) +
              (event->error != StatementError::none ? " gets " + sqlstate(event->error)
                                                    : " goes on" + released);
    }
  }
  return text;
}

std::vector<std::string> cells(const OrderReport& order, const std::vector<OrderStep>& steps) {
  const RunReport run = run_of(order);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    all.push_back(cell(steps[i], order.order.moves[i], run));
  }
  return all;
}

// Further lines are indented; a word that no line holds is broken after a plus sign or a comma.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  constexpr std::size_t indent = 2;
  std::vector<std::string> lines{""};
  bool fresh = true;
  while (!text.empty()) {
    std::size_t end = std::min(text.find(' '), text.size());
    std::size_t skip = 1;
    if (end > width - indent) {
      end = std::min(text.substr(0, width - indent).find_last_of("+,") + 1, width - indent);
      end = end == 0 ? width - indent : end;
      skip = 0;
    }
    if (!fresh && lines.back().size() + 1 + end > width) {
      lines.emplace_back(indent, ' ');
      fresh = true;
    }
    lines.back() += (fresh ? "" : " ") + std::string(text.substr(0, end));
    fresh = false;
    text.remove_prefix(std::min(end + skip, text.size()));
    if (skip == 0) {
      lines.emplace_back(indent, ' ');
      fresh = true;
    }
  }
  return lines;
}

constexpr std::size_t column_width = 34;

std::string side_line(const std::string& number, bool diverge, const std::string& left,
                      const std::string& right, const TextStyle& style) {
  const std::vector<std::string> a = wrapped(left, column_width);
  const std::vector<std::string> b = wrapped(right, column_width);
  std::string text;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    std::string line =
        fmt::format("{:>4}  {:<{}} ", i == 0 ? number : "", i < a.size() ? a[i] : "", column_width);
    line += diverge && i == 0 ? colored("*", yellow, style) : std::string(" ");
    line += " " + (i < b.size() ? b[i] : std::string());
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string side_by_side(const OrderReport& order, const SameOrderReport& other,
                         const TextStyle& style) {
  const std::vector<OrderStep> left = order_steps(order);
  const std::vector<OrderStep> right = order_steps(other);
  const std::vector<std::string> left_cells = cells(order, left);
  const std::vector<std::string> right_cells = cells(other, right);
  std::string text = side_line("step", false, fleet_text(order), fleet_text(other), style);
  std::size_t next = 0;  // of the letters
  const auto own_until = [&](std::size_t letter) {
    for (; next < letter; ++next) {
      const auto contains = [&](const std::vector<std::size_t>& places) {
        return std::find(places.begin(), places.end(), next) != places.end();
      };
      text += side_line(std::to_string(next + 1), true, left_cells[next],
                        contains(other.same.held)      ? left[next].task + "  held: it is blocked"
                        : contains(other.same.dropped) ? left[next].task + "  dropped: it is done"
                                                       : "",
                        style);
    }
  };
  for (std::size_t i = 0; i < right.size(); ++i) {
    const std::optional<std::size_t> letter = other.same.letters[i];
    if (letter && *letter >= next) {
      own_until(*letter);
      text += side_line(std::to_string(next + 1), left_cells[next] != right_cells[i],
                        left_cells[next], right_cells[i], style);
      ++next;
    } else {
      // A held letter that can run now, or what is left after the word.
      text += side_line("", true, letter ? fmt::format("({}, held until now)", *letter + 1) : "",
                        right_cells[i], style);
    }
  }
  own_until(left.size());
  return text;
}

boost::json::array steps_json(const OrderReport& order) {
  boost::json::array steps;
  const bool chances = !order.order.chances.empty();
  for (const OrderStep& step : order_steps(order)) {
    steps.push_back(boost::json::object{
        {"task", step.task},
        {"statement", step.statement},
        {"result", step.result},
        {"probability_violating", chances ? boost::json::value(step.chance) : nullptr}});
  }
  return steps;
}

boost::json::object final_json(const OrderReport& order) {
  boost::json::object rows;
  for (std::size_t row = 0; row < order.result.history.rows.size(); ++row) {
    rows[order.row_names[row]] = order.result.history.rows[row].final;
  }
  return rows;
}

boost::json::array places_json(const std::vector<std::size_t>& places) {
  boost::json::array all;
  for (const std::size_t place : places) {
    all.push_back(place + 1);
  }
  return all;
}

boost::json::object other_json(const SameOrderReport& other) {
  boost::json::array faults;
  for (const SameOrder::Struck& fault : other.same.faults) {
    faults.push_back(boost::json::object{
        {"fault", fault_descriptions()[static_cast<std::size_t>(kind_of(fault.fault))].name},
        {"step", fault.letter + 1},
        {"dropped", fault.dropped()},
        {"moved", fault.moved()}});
  }
  boost::json::array letters;
  for (const auto& letter : other.same.letters) {
    letters.push_back(letter ? boost::json::value(*letter + 1) : nullptr);
  }
  return {{"strategy", name_of(other.fleet)},
          {"verdict", verdict_name(other.result.verdict)},
          {"final", final_json(other)},
          {"schedule", word_of(other.order.moves)},
          {"token", other.token},
          {"steps", steps_json(other)},
          {"steps_of_order", std::move(letters)},
          {"held", places_json(other.same.held)},
          {"dropped", places_json(other.same.dropped)},
          {"faults", std::move(faults)}};
}

}  // namespace

std::string replay_text(const ReplayReport& report, const TextStyle& style) {
  const OrderReport& order = report.order;
  if (!report.other) {
    std::string text = verdict_line(order, style);
    text += labelled("order", word_of(order.order.moves));
    text += labelled("with", fleet_text(order)) + '\n' + order_diagram(order, style) + '\n';
    for (const Reason& reason : reasons_of(order)) {
      text += labelled(reason.label, reason.text);
    }
    return text + fmt::format("{:<{}}racelab explain {}\n", "explain", label_width, order.token);
  }
  const SameOrderReport& other = *report.other;
  std::string text = verdict_line(other, style);
  text +=
      labelled("with", fmt::format("{}, in the order of {}", fleet_text(other), fleet_text(order)));
  text += labelled("before", [&] {
    std::string line = verdict_line(order, {});
    line.pop_back();
    return line;
  }());
  text += '\n' + side_by_side(order, other, style) + '\n';
  bool first = true;
  for (const std::string& sentence : changes_text(other, order)) {
    text += labelled(first ? "changes" : "", sentence);
    first = false;
  }
  for (const Reason& reason : reasons_of(other)) {
    text += labelled(reason.label, reason.text);
  }
  return text + fmt::format("{:<{}}racelab replay {}\n", "again", label_width, other.token);
}

std::string replay_json(const ReplayReport& report) {
  const OrderReport& order = report.order;
  boost::json::object object{{"schema", "racelab.replay/1"},
                             {"scenario", utf8_text(order.scenario)},
                             {"strategy", name_of(order.fleet)},
                             {"options", options_json(order)},
                             {"verdict", verdict_name(order.result.verdict)},
                             {"final", final_json(order)},
                             {"schedule", word_of(order.order.moves)},
                             {"token", order.token},
                             {"steps", steps_json(order)}};
  object["other"] = report.other ? boost::json::value(other_json(*report.other)) : nullptr;
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace racelab
