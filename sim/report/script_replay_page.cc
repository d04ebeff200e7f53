// One order of endpoints in SQL again, or two executions of it side by side.
#include <fmt/format.h>

#include "sim/report/json.h"
#include "sim/report/same_order_words.h"
#include "sim/report/script_json.h"
#include "sim/report/script_words.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

std::vector<std::string> tasks_of(const ScriptOrder& order) {
  const bool several = several_operations(order.outcome.ending->operations);
  std::vector<std::string> tasks;
  for (const ScriptOrder::Taken& taken : order.steps) {
    tasks.push_back(who_text(taken.move.who, several));
  }
  return tasks;
}

// A step in words, with what it released: "A  commit; is answered 200; B goes on -> 0 rows".
std::string cell(const ScriptOrder::Taken& taken, bool several) {
  using Kind = ScriptModel::Happened::Kind;
  std::string text = who_text(taken.move.who, several) + "  ";
  bool first = true;
  for (const ScriptModel::Happened& it : taken.happened) {
    text += first ? "" : "; ";
    text += first || it.who == taken.move.who ? "" : who_text(it.who, several) + ' ';
    if (it.kind == Kind::answered) {
      text += "goes on" + (it.answer.empty() ? "" : " -> " + it.answer);
    } else {
      text += happened_text(it);
    }
    first = false;
  }
  return text;
}

std::vector<std::string> cells_of(const ScriptOrder& order) {
  const bool several = several_operations(order.outcome.ending->operations);
  std::vector<std::string> cells;
  for (const ScriptOrder::Taken& taken : order.steps) {
    cells.push_back(cell(taken, several));
  }
  return cells;
}

std::string under(const ScriptOrderReport& report) {
  return fmt::format("{}, {}", report.strategy, isolation_text(report.setup->rules.isolation));
}

std::string ends_text(const ScriptOrderReport& report) {
  const ScriptEnding& ending = *report.order.outcome.ending;
  return told_text(ending) + "; " + contents_text(*report.setup, ending);
}

boost::json::array places_json(const std::vector<std::size_t>& places) {
  boost::json::array all;
  for (const std::size_t place : places) {
    all.push_back(place + 1);
  }
  return all;
}

boost::json::object order_json(const ScriptOrderReport& report) {
  const ScriptEnding& ending = *report.order.outcome.ending;
  return {{"strategy", report.strategy},
          {"options", options_json(report)},
          {"verdict", verdict_name(ending.violated() ? Verdict::violated : Verdict::holds)},
          {"final", final_json(*report.setup, ending)},
          {"operations", operations_json(ending)},
          {"schedule", report.order.word()},
          {"token", report.token},
          {"steps", steps_json(report.order)}};
}

boost::json::object other_json(const ScriptSameReport& other) {
  boost::json::object object = order_json(other);
  boost::json::array faults;
  for (const ScriptSameOrder::Struck& fault : other.same.faults) {
    faults.push_back(boost::json::object{
        {"fault", fault_descriptions()[static_cast<std::size_t>(kind_of(fault.fault))].name},
        {"step", fault.letter + 1},
        {"dropped", fault.dropped()},
        {"moved", fault.moved()}});
  }
  boost::json::array steps;
  for (const auto& letter : other.same.letters) {
    steps.push_back(letter ? boost::json::value(*letter + 1) : nullptr);
  }
  object["steps_of_order"] = std::move(steps);
  object["held"] = places_json(other.same.held);
  object["dropped"] = places_json(other.same.dropped);
  object["faults"] = std::move(faults);
  return object;
}

}  // namespace

Page script_replay_page(const ScriptReplay& report) {
  const ScriptOrderReport& order = report.order;
  if (!report.other) {
    return script_order_page(order);
  }
  const ScriptSameReport& other = *report.other;
  Page page;
  if (other.order.outcome.violated()) {
    page.add(Headline{Tone::bad, "VIOLATED", harm_text(*other.setup, other.order)});
  } else {
    page.add(Headline{Tone::good, "HOLDS", "in this order: " + ends_text(other)});
  }
  page.add(Labelled{"with", fmt::format("{}, in the order of {}", under(other), under(order))});
  page.add(Labelled{"before", order.order.outcome.violated()
                                  ? "VIOLATED  " + harm_text(*order.setup, order.order)
                                  : "HOLDS  " + ends_text(order)});
  page.add(Line{});
  page.add(side_by_side(BothOrders{under(order), under(other), cells_of(order.order),
                                   tasks_of(order.order), cells_of(other.order)},
                        other.same));
  page.add(Line{});
  bool first = true;
  for (const std::string& sentence : changes_text(other.same, tasks_of(order.order))) {
    page.add(Labelled{first ? "changes" : "", sentence});
    first = false;
  }
  page.add(Labelled{"end", ends_text(other)});
  page.add(Labelled{"why", why_text(*other.setup, other.order)});
  page.add(ShellCommand{"again", other.command_for("replay"), ""});
  return page;
}

std::string script_replay_json(const ScriptReplay& report) {
  boost::json::object object{{"schema", "racelab.replay/1"},
                             {"scenario", utf8_text(report.order.scenario)},
                             {"rules", "PostgreSQL 15"}};
  for (auto& [key, value] : order_json(report.order)) {
    object[key] = std::move(value);
  }
  object["other"] = report.other ? boost::json::value(other_json(*report.other)) : nullptr;
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace racelab
