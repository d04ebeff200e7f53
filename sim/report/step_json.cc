// The same facts as on the screen of `step`, for a program that draws them.
#include "sim/report/step_json.h"

#include "sim/report/json.h"
#include "sim/report/order_steps.h"
#include "sim/report/step_words.h"
#include "sim/report/why.h"
#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

json::value way_json(const Outlook::Way* way) {
  if (way == nullptr) {
    return nullptr;
  }
  return json::object{
      {"probability_violating", way->chance},
      {"doomed", way->chance == 1},
      {"orders", way->orders.str()},
      {"orders_violating", way->orders_violating.str()},
      {"steps_to_violation",
       way->steps == Outlook::never ? json::value(nullptr) : json::value(way->steps)}};
}

namespace {

json::value optional_text(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(utf8_text(text));
}

// Where several wait: who of them has it next.
json::value goes_on_json(const StepReport& report, const Move& move) {
  for (const Standing::Handler& it : report.standing.handlers) {
    if (!move.went_on.empty() && it.who == move.went_on.front()) {
      return json::value(task_name(it));
    }
  }
  return nullptr;
}

json::array next_json(const StepReport& report, const Outlook* outlook) {
  json::array next;
  for (std::size_t i = 0; i < report.standing.next.size(); ++i) {
    const Move& move = report.standing.next[i];
    next.push_back(
        json::object{{"letter", word_of(move)},
                     {"task", task_name(move)},
                     {"what", optional_text(step_what(move))},
                     {"goes_on", goes_on_json(report, move)},
                     {"odds", way_json(outlook == nullptr ? nullptr : &outlook->next[i])}});
  }
  return next;
}

json::array tasks_json(const StepReport& report) {
  json::array tasks;
  for (const Standing::Handler& it : report.standing.handlers) {
    json::array waits_for;
    if (it.blocker) {
      waits_for.push_back(json::value(task_name(report.standing.handlers[*it.blocker])));
    }
    tasks.push_back(json::object{
        {"task", task_name(it)},
        {"client", it.who.client},
        {"operation", it.who.operation + 1},
        {"attempt", it.who.attempt},
        {"copy", it.who.copy},
        {"statement", it.statement ? json::value(to_sql(*it.statement, report.row_names))
                                   : json::value(nullptr)},
        {"waits_for", std::move(waits_for)},
        {"dead", it.dead},
        {"slow", it.slow}});
  }
  return tasks;
}

json::array told_json(const StepReport& report) {
  json::array clients;
  for (const std::vector<Standing::Told>& told : report.standing.told) {
    json::array operations;
    for (const Standing::Told& known : told) {
      operations.push_back(known ? json::value(told_name(*known)) : json::value(nullptr));
    }
    clients.push_back(std::move(operations));
  }
  return clients;
}

json::array rows_json(const StepReport& report) {
  json::array rows;
  const auto value = [](const Standing::Row& row, const std::optional<std::int64_t>& number) {
    return !number                          ? json::value(nullptr)
           : row.key.table() == Table::keys ? json::value(*number == 0 ? "ok" : "pending")
                                            : json::value(*number);
  };
  for (const Standing::Row& row : report.standing.rows) {
    json::array queue;
    for (const std::size_t waiting : row.queue) {
      queue.push_back(json::value(task_name(report.standing.handlers[waiting])));
    }
    rows.push_back(json::object{
        {"row", row_name(row.key, report.row_names)},
        {"value", value(row, row.committed)},
        {"version", row.version},
        {"in_flight", value(row, row.in_flight)},
        {"holder", row.holder ? json::value(task_name(report.standing.handlers[*row.holder]))
                              : json::value(nullptr)},
        {"queue", std::move(queue)}});
  }
  return rows;
}

json::array steps_json(const StepReport& report) {
  OrderReport order(report);
  order.result = report.result;
  order.order.moves = report.moves;
  json::array steps;
  for (const OrderStep& step : order_steps(order)) {
    steps.push_back(json::object{{"step", steps.size() + 1},
                                 {"task", task_name(report.moves[steps.size()])},
                                 {"letter", word_of(report.moves[steps.size()])},
                                 {"statement", step.statement},
                                 {"result", step.result}});
  }
  return steps;
}

json::object orders_json(const ListedOrders<Model>& orders, const StepReport& report) {
  json::array outcomes;
  for (std::size_t i = 0; i < orders.outcomes.size(); ++i) {
    json::object outcome =
        outcome_json(orders.outcomes[i], &orders.by_outcome[i], report.row_names);
    outcome["violated"] = orders.outcomes[i].violated();
    outcomes.push_back(std::move(outcome));
  }
  return {{"outcomes", std::move(outcomes)}, {"list", list_json(orders)}};
}

}  // namespace

std::string step_json(const StepReport& report, const Outlook* outlook,
                      const std::optional<ListedOrders<Model>>& orders) {
  const bool ended = report.standing.next.empty();
  const auto when = [&report](Instant at) {
    const std::size_t step = step_at(report.moves, at);
    return step == 0 ? "the start" : "step " + std::to_string(step);
  };
  json::object object{
      {"schema", "racelab.step/1"},
      {"scenario", utf8_text(report.scenario)},
      {"strategy", name_of(report.fleet)},
      {"options", options_json(report)},
      {"order", word_of(report.moves)},
      {"ended", ended},
      {"verdict", ended ? json::value(verdict_name(report.result.verdict)) : json::value(nullptr)},
      {"headline", ended ? optional_text(headline(report)) : json::value(nullptr)},
      {"why", ended ? optional_text(why(report, when)) : json::value(nullptr)},
      {"token", optional_text(report.token)},
      {"odds", way_json(outlook == nullptr ? nullptr : &outlook->here)},
      {"next", next_json(report, outlook)},
      {"tasks", tasks_json(report)},
      {"told", told_json(report)},
      {"rows", rows_json(report)},
      {"steps", steps_json(report)}};
  if (orders) {
    object["orders"] = orders_json(*orders, report);
  }
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace racelab
