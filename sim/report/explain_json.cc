// What `explain` tells, as JSON: the order with its chances, why it is wrong, what would have been right.
#include "sim/report/explain.h"
#include "sim/report/json.h"
#include "sim/report/order_steps.h"
#include "sim/report/why.h"
#include "sim/report/words.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace json = boost::json;

json::array steps_json(const OrderReport& order) {
  json::array steps;
  const bool chances = !order.order.chances.empty();
  for (const OrderStep& step : order_steps(order)) {
    steps.push_back(json::object{
        {"task", step.task},
        {"statement", step.statement},
        {"result", step.result},
        {"probability_violating", chances ? json::value(step.chance) : json::value(nullptr)}});
  }
  return steps;
}

json::object final_json(const OrderReport& order) {
  json::object rows;
  for (std::size_t row = 0; row < order.result.history.rows.size(); ++row) {
    rows[order.row_names[row]] = order.result.history.rows[row].final;
  }
  return rows;
}

json::array reasons_json(const std::vector<Reason>& reasons) {
  json::array all;
  for (const Reason& reason : reasons) {
    all.push_back(
        json::object{{"label", utf8_text(reason.label)}, {"text", utf8_text(reason.text)}});
  }
  return all;
}

namespace {

json::value swap_json(const ExplainReport& report) {
  if (!report.swap) {
    return nullptr;
  }
  return json::object{{"text", swap_text(report)}, {"schedule", word_of(report.swap->order.moves)}};
}

json::array fixes_json(const ExplainReport& report) {
  json::array fixes;
  for (const SameOrderReport& fix : report.fixes) {
    const FixWords words = fix_words(fix, report.order);
    fixes.push_back(json::object{{"change", words.name},
                                 {"strategy", name_of(fix.fleet)},
                                 {"isolation", value_of(*find_option("isolation"), fix.settings)},
                                 {"statement", words.sql},
                                 {"effect", words.effect},
                                 {"no_help_against", open_to(fix, report.fixes)},
                                 {"schedule", word_of(fix.order.moves)},
                                 {"token", fix.token}});
  }
  return fixes;
}

json::value ledger_by_row_json(const OrderReport& order) {
  const std::vector<Ledger>& ledgers = order.result.judgement.ledger_by_row;
  json::object rows;
  for (std::size_t row = 0; row < ledgers.size(); ++row) {
    rows[order.row_names[row]] = ledger_json(ledgers[row]);
  }
  return rows;
}

}  // namespace

std::string explain_json(const ExplainReport& report) {
  const OrderReport& order = report.order;
  const WalkedOrder& walked = order.order;
  json::object object{
      {"schema", "racelab.explain/1"},
      {"scenario", utf8_text(order.scenario)},
      {"strategy", name_of(order.fleet)},
      {"options", options_json(order)},
      {"isolation_used", isolation_json(order)},
      {"verdict", verdict_name(order.result.verdict)},
      {"title", harm_title(order.result)},
      {"headline", headline(order)},
      {"smallest", report.smallest},
      {"clients", walked.clients},
      {"operations", walked.operations},
      {"faults", walked.faults},
      {"switches", walked.switches},
      {"schedule", word_of(walked.moves)},
      {"token", order.token},
      {"probability_violating",
       walked.chances.empty() ? json::value(nullptr) : json::value(walked.chances.front())},
      {"steps", steps_json(order)},
      {"final", final_json(order)},
      {"ledger", ledger_json(order.result.judgement.ledger)},
      {"ledger_by_row", ledger_by_row_json(order)},
      {"ledger_adds_up", order.result.judgement.defects.empty()},
      {"reasons", reasons_json(reasons_of(order))},
      {"swap", swap_json(report)},
      {"fixes", fixes_json(report)},
      {"fixes_unexplored", report.fixes_unexplored}};
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace racelab
