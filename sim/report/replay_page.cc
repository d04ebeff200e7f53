// The page of `replay`: one order drawn, or two executions of it side by side.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/explain.h"
#include "sim/report/json.h"
#include "sim/report/order_steps.h"
#include "sim/report/same_order_words.h"
#include "sim/report/sequence.h"
#include "sim/report/why.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

Headline verdict_of(const OrderReport& order) {
  switch (order.result.verdict) {
    case Verdict::violated:
      return {Tone::bad, "VIOLATED", headline(order)};
    case Verdict::gave_up:
      return {Tone::open, "GAVE UP", ""};
    case Verdict::idle:
    case Verdict::holds:
      break;
  }
  return {Tone::good, "HOLDS", "in this order: " + values_text(order, &HistoryRow::final)};
}

// A step in words, with what it released: "B  COMMIT; A gets 40001".
std::string cell(const OrderStep& step, const Move& move, const ExperimentRun& run) {
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
  std::vector<std::string> all;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    all.push_back(cell(steps[i], order.order.moves[i], order));
  }
  return all;
}

// Both executions of an order, letter by letter.
SideBySide both_of(const OrderReport& order, const SameOrderReport& other) {
  const std::vector<OrderStep> left = order_steps(order);
  BothOrders both{fleet_text(order),
                  fleet_text(other),
                  cells(order, left),
                  {},
                  cells(other, order_steps(other))};
  for (const OrderStep& step : left) {
    both.left_tasks.push_back(step.task);
  }
  return side_by_side(both, other.same);
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

Page replay_page(const ReplayReport& report) {
  const OrderReport& order = report.order;
  Page page;
  if (!report.other) {
    page.add(verdict_of(order));
    page.add(Labelled{"order", word_of(order.order.moves)});
    page.add(Labelled{"with", fleet_text(order)});
    page.add(Line{});
    page.add(sequence_of(order));
    page.add(Line{});
    add_reasons(page, order);
    page.add(ShellCommand{"explain", "racelab explain " + order.token, ""});
    return page;
  }
  const SameOrderReport& other = *report.other;
  const Headline before = verdict_of(order);
  page.add(verdict_of(other));
  page.add(Labelled{"with",
                    fmt::format("{}, in the order of {}", fleet_text(other), fleet_text(order))});
  page.add(Labelled{"before", before.word + "  " + before.text});
  page.add(Line{});
  page.add(both_of(order, other));
  page.add(Line{});
  bool first = true;
  for (const std::string& sentence : changes_text(other, order)) {
    page.add(Labelled{first ? "changes" : "", sentence});
    first = false;
  }
  add_reasons(page, other);
  page.add(ShellCommand{"again", "racelab replay " + other.token, ""});
  return page;
}

std::string replay_text(const ReplayReport& report, const TextStyle& style) {
  return page_text(replay_page(report), style);
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
