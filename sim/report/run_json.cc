// A run as JSON, and as CSV with the same names. Boost.JSON keeps the order in which keys are set, so the same run gives the
// same bytes.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "sim/report/json.h"
#include "sim/report/report.h"
#include "sim/report/run_parts.h"
#include "sim/report/stack_text.h"
#include "sim/report/timeline.h"
#include "sim/report/why.h"
#include "sim/report/words.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"
#include "sim/scenario/stack.h"

namespace racelab {

namespace json = boost::json;

json::object calls_json(const Counts& counts) {
  json::object calls{
      {"operations", counts.operations},
      {"attempts", counts.clients.attempts},
      {"deliveries", counts.service.deliveries},
      {"statements", counts.service.statements},
      {"writes", counts.service.writes},
      {"wasted_statements", counts.service.wasted},
      {"timeouts", counts.clients.timeouts},
      {"conflicts", counts.service.conflicts},
      {"deadlocks", counts.service.deadlocks},
      {"lock_waits", counts.service.lock_waits},
      {"overlaps", counts.service.overlaps},
      {"overlaps_with_itself", counts.service.self_overlaps},
      {"late_by_themselves", counts.clients.late_calls},
      {"retries_denied", counts.clients.retries_denied + counts.gateways.retries_denied},
      {"calls_refused_by_breaker",
       counts.clients.calls_refused_by_breaker + counts.gateways.calls_refused_by_breaker},
      {"attempts_between_services", counts.gateways.attempts},
      {"timeouts_between_services", counts.gateways.timeouts},
      {"queued", counts.service.queued},
      {"shed", counts.service.shed},
      {"expired", counts.service.expired}};
  // Only where there are some: most runs have neither.
  if (const std::uint64_t hedges = counts.clients.hedges + counts.gateways.hedges; hedges > 0) {
    calls["hedges"] = hedges;
  }
  if (counts.service.cancelled > 0) {
    calls["cancelled"] = counts.service.cancelled;
  }
  return calls;
}

json::object faults_json(const Counts& counts) {
  json::object faults;
  for (const FaultDescription& fault : fault_descriptions()) {
    faults[fault.name] = counts.service.faults[static_cast<std::size_t>(fault.kind)];
  }
  return faults;
}

json::object latency_json(const RunResult& result) {
  const std::optional<Latency> latency = result.latency();
  if (!latency) {
    return {{"p50", nullptr}, {"p90", nullptr}, {"p99", nullptr}, {"max", nullptr}};
  }
  return {{"p50", latency->p50.microseconds},
          {"p90", latency->p90.microseconds},
          {"p99", latency->p99.microseconds},
          {"max", latency->max.microseconds}};
}

json::object ledger_json(const Ledger& ledger) {
  return {{"initial", ledger.initial},
          {"acknowledged", ledger.acknowledged},
          {"unknown_applied", ledger.unknown_applied},
          {"failed_applied", ledger.failed_applied},
          {"extra_applications", ledger.extra_applications},
          {"overwritten", ledger.overwritten},
          {"acknowledged_never_applied", ledger.acknowledged_never_applied},
          {"final", ledger.final}};
}

namespace {

json::object told_json(const Judgement& judgement) {
  json::object told;
  for (const Told what : {Told::ok, Told::failed, Told::unknown}) {
    const auto& row = judgement.told[static_cast<std::size_t>(what)];
    told[told_name(what)] = json::object{{"0", row[0]}, {"1", row[1]}, {"2+", row[2]}};
  }
  return told;
}

json::object anomalies_json(const RunResult& result) {
  const Judgement& judgement = result.judgement;
  return {{"lost_updates", judgement.count(Anomaly::lost_update)},
          {"duplicates", judgement.count(Anomaly::duplicate)},
          {"false_successes", judgement.count(Anomaly::false_success)},
          {"false_failures", judgement.count(Anomaly::false_failure)},
          {"stuck", result.stuck()},
          {"invariant_broken", result.invariant_broken ? 1 : 0}};
}

json::object finding_json(const Finding& finding, const RunReport& report) {
  const OperationName name = report.result.history.operations[finding.operation].name;
  return {{"anomaly", anomaly_name(finding.anomaly)},
          {"client", client_name(name.client)},
          {"operation", name.operation + 1},
          {"row", report.row_names[finding.row]}};
}

// Until the findings.
json::object run_object(const RunReport& report) {
  const RunResult& result = report.result;
  json::object run{{"schema", "racelab.run/1"},
                   {"scenario", utf8_text(report.scenario)},
                   {"strategy", name_of(report.fleet)},
                   {"seed", std::to_string(result.seed)},
                   {"options", options_json(report)},
                   {"isolation_used", isolation_json(report)},
                   {"verdict", verdict_name(result.verdict)}};
  if (result.end == World::End::gave_up && result.happenings < report.settings.happenings_max) {
    run["stopped"] = true;
  }
  run["ledger"] = ledger_json(result.judgement.ledger);
  if (result.judgement.ledger_by_row.size() > 1) {
    json::object rows;
    for (std::size_t row = 0; row < result.judgement.ledger_by_row.size(); ++row) {
      rows[report.row_names[row]] = ledger_json(result.judgement.ledger_by_row[row]);
    }
    run["ledger_by_row"] = std::move(rows);
  }
  run["ledger_adds_up"] = result.judgement.defects.empty();
  run["anomalies"] = anomalies_json(result);
  run["told"] = told_json(result.judgement);
  run["calls"] = calls_json(result.counts);
  if (report.settings.layers > 1) {
    const std::vector<StackCaller> callers = callers_of(report.settings);
    const bool endless = std::any_of(callers.begin(), callers.end(), is_endless);
    run["stack"] =
        json::object{{"calls_at_most", endless ? json::value(nullptr)
                                               : json::value(calls_of_one_operation(callers))},
                     {"calls_when_nobody_waited", result.counts.gateways.for_nobody},
                     {"layers", stack_json(report.settings)}};
  }
  run["faults"] = faults_json(result.counts);
  run["latency_us"] = latency_json(result);
  run["virtual_time_us"] = result.ended.microseconds;
  run["events"] = result.events;
  run["trace_hash"] = fmt::format("{:016x}", result.trace_hash);
  return run;
}

json::object advice_json(const RunReport& report) {
  return {{"why", why(report)}, {"fix", report.fix}};
}

// Every single value of the object with its path as its name; lists have no place in one line.
void flatten(const json::object& object, const std::string& path, std::string& names,
             std::string& values) {
  for (const auto& [key, member] : object) {
    const std::string name = path + std::string(key);
    if (const json::object* inner = member.if_object()) {
      flatten(*inner, name + '.', names, values);
    } else if (!member.is_array()) {
      names += (names.empty() ? "" : ",") + csv_field(json::value(name));
      values += (values.empty() ? "" : ",") + csv_field(member);
    }
  }
}

}  // namespace

bool write_run_json(const RunReport& report, const EventTeller& events, const Sink& sink) {
  ObjectWriter run(sink);
  run.add(run_object(report));
  run.add_list("findings", [&report](const ObjectWriter::Element& add) {
    for (const Finding& finding : report.result.judgement.findings) {
      add(finding_json(finding, report));
    }
  });
  run.add(advice_json(report));
  const bool all = !events || write_trace(report, events, run);
  run.end();
  return all;
}

std::string flat_csv(const json::object& object) {
  std::string names;
  std::string values;
  flatten(object, "", names, values);
  return names + '\n' + values + '\n';
}

std::string run_csv(const RunReport& report) {
  json::object run = run_object(report);
  for (const auto& [key, value] : advice_json(report)) {
    run[key] = value;
  }
  return flat_csv(run);
}

}  // namespace racelab
