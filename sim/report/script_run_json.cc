// A timed run of endpoints in SQL as JSON, and as CSV with the same names.
#include <fmt/format.h>

#include "sim/report/json.h"
#include "sim/report/run_parts.h"
#include "sim/report/script_json.h"
#include "sim/report/script_run_report.h"
#include "sim/report/script_words.h"
#include "sim/report/timeline.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

namespace json = boost::json;

json::object run_object(const ScriptRunReport& report) {
  const RunResult& result = report.run.result;
  const ScriptEnding& ending = result.scripts->ending;
  json::object told{{"ok", 0}, {"refused", 0}, {"failed", 0}, {"unknown", 0}, {"nothing", 0}};
  for (const ScriptOperation& it : ending.operations) {
    told[told_name(it.told)] = told[told_name(it.told)].as_int64() + 1;
  }
  const Circle& circle = result.scripts->circle;
  return {{"schema", "racelab.run/1"},
          {"scenario", utf8_text(report.scenario)},
          {"strategy", report.strategy},
          {"rules", "PostgreSQL 15"},
          {"seed", std::to_string(result.seed)},
          {"options", options_json(report)},
          {"verdict", verdict_name(result.verdict)},
          {"one_at_a_time", ending.right},
          {"answers_only", ending.answers_only},
          {"by_dependency", ending.by_dependency},
          {"anomaly", circle.name.empty() ? json::value(nullptr) : json::value(circle.name)},
          {"done_twice", result.scripts->done_twice.size()},
          {"stuck", ending.stuck},
          {"unanswered", ending.unanswered},
          {"checks", checks_json(*report.setup, ending)},
          {"told", std::move(told)},
          {"calls", calls_json(result.counts)},
          {"faults", faults_json(result.counts)},
          {"latency_us", latency_json(result)},
          {"virtual_time_us", result.ended.microseconds},
          {"events", result.events},
          {"trace_hash", fmt::format("{:016x}", result.trace_hash)},
          {"operations", operations_json(ending)},
          {"final", final_json(*report.setup, ending)},
          {"why", utf8_text(script_run_why(report))}};
}

}  // namespace

bool write_run_json(const ScriptRunReport& report, const EventTeller& events, const Sink& sink) {
  ObjectWriter run(sink);
  run.add(run_object(report));
  const bool all = !events || write_trace(report.run, events, run);
  run.end();
  return all;
}

std::string script_run_csv(const ScriptRunReport& report) {
  json::object run = run_object(report);
  run.erase("final");  // tables have no place in one line
  return flat_csv(run);
}

}  // namespace racelab
