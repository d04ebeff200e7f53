// What exploring an isolation spec found, for programs.
#include "sim/report/json.h"
#include "sim/report/script_json.h"
#include "sim/report/spec_report.h"
#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

namespace {

json::value cell_json(const SpecAnswer::Cell& cell) {
  return cell ? json::value(utf8_text(*cell)) : json::value(nullptr);
}

json::object contents_json(const SpecServer::Contents& contents) {
  json::object tables;
  for (const auto& [table, rows] : contents) {
    json::array all;
    for (const auto& row : rows) {
      json::array cells;
      for (const SpecAnswer::Cell& cell : row) {
        cells.push_back(cell_json(cell));
      }
      all.push_back(std::move(cells));
    }
    tables[table] = std::move(all);
  }
  return tables;
}

json::object spec_outcome_json(const SpecReport& report, const SpecOutcome& outcome) {
  json::object errors;
  for (std::size_t session = 0; session < outcome.errors.size(); ++session) {
    if (!outcome.errors[session].empty()) {
      errors[report.spec->sessions[session].name] = outcome.errors[session];
    }
  }
  return {{"final", contents_json(outcome.contents)},
          {"errors", std::move(errors)},
          {"orders", outcome.orders},
          {"one_at_a_time", outcome.right ? json::value(*outcome.right) : json::value(nullptr)},
          {"example", permutation_text(*report.spec, outcome.example)}};
}

}  // namespace

std::string spec_json(const SpecReport& report) {
  const SpecExploration& all = report.exploration;
  json::array outcomes;
  for (const SpecOutcome& outcome : all.outcomes) {
    outcomes.push_back(spec_outcome_json(report, outcome));
  }
  json::array not_run;
  for (const SpecNotRun& it : all.not_run) {
    not_run.push_back(json::object{{"why", utf8_text(it.why)}, {"permutations", it.permutations}});
  }
  const json::object object{{"schema", "racelab.spec/1"},
                            {"spec", utf8_text(report.spec->file)},
                            {"on", report.on},
                            {"verdict", verdict_name(report.verdict())},
                            {"complete", all.complete},
                            {"judged", report.judged()},
                            {"permutations", all.permutations},
                            {"permutations_run", all.ran},
                            {"permutations_impossible", all.impossible},
                            {"orders", all.orders},
                            {"orders_violating", all.orders_wrong},
                            {"not_run", std::move(not_run)},
                            {"outcomes", std::move(outcomes)}};
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace racelab
