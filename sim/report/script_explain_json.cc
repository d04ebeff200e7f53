// What `explain` tells of endpoints in SQL, as JSON: the keys of strategies in C++, with how it ends one at a time in the ledger's
// place.
#include "sim/report/json.h"
#include "sim/report/script_explain.h"
#include "sim/report/script_json.h"
#include "sim/report/script_words.h"
#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

namespace {

json::value swap_json(const ScriptExplanation& report) {
  if (!report.swap) {
    return nullptr;
  }
  return json::object{{"text", utf8_text(swap_text(report))},
                      {"schedule", word_of(report.swap->order.moves)}};
}

json::array serial_json(const ScriptExplanation& report) {
  json::array serial;
  for (const std::string& text : serial_texts(report)) {
    serial.push_back(json::value(utf8_text(text)));
  }
  return serial;
}

json::array fixes_json(const ScriptExplanation& report) {
  json::array fixes;
  for (const ScriptSameReport& fix : report.fixes) {
    const FixWords words = fix_words(fix, report.order);
    fixes.push_back(json::object{{"change", utf8_text(words.name)},
                                 {"strategy", utf8_text(fix.strategy)},
                                 {"isolation", isolation_text(fix.setup->rules.isolation)},
                                 {"effect", utf8_text(words.effect)},
                                 {"schedule", fix.order.word()},
                                 {"token", fix.token}});
  }
  return fixes;
}

}  // namespace

std::string script_explain_json(const ScriptExplanation& report) {
  const ScriptSetup& setup = *report.order.setup;
  const ScriptOrder& order = report.order.order;
  const ScriptEnding& ending = *order.outcome.ending;
  const bool violated = ending.violated();
  const json::object object{
      {"schema", "racelab.explain/1"},
      {"scenario", utf8_text(report.order.scenario)},
      {"strategy", utf8_text(report.order.strategy)},
      {"rules", "PostgreSQL 15"},
      {"options", options_json(report.order)},
      {"verdict", verdict_name(violated ? Verdict::violated : Verdict::holds)},
      {"title", harm_title(order)},
      {"headline", violated ? json::value(utf8_text(harm_text(setup, order))) : json::value("")},
      {"smallest", report.smallest},
      {"clients", order.clients},
      {"operations", order.operations},
      {"faults", order.faults},
      {"switches", order.switches},
      {"schedule", order.word()},
      {"token", report.order.token},
      {"probability_violating",
       order.chances_known ? json::value(order.chance) : json::value(nullptr)},
      {"steps", steps_json(order)},
      {"final", final_json(setup, ending)},
      {"operations_told", operations_json(ending)},
      {"checks", checks_json(setup, ending)},
      {"reasons", reasons_json(reasons_of(setup, order))},
      {"one_at_a_time", violated ? serial_json(report) : json::array{}},
      {"swap", swap_json(report)},
      {"fixes", fixes_json(report)},
      {"fixes_unexplored", report.fixes_unexplored}};
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace racelab
