// Being the scheduler of endpoints in SQL, as JSON.
#include "sim/report/json.h"
#include "sim/report/script_json.h"
#include "sim/report/script_words.h"
#include "sim/report/step_json.h"
#include "sim/report/step_words.h"
#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

namespace {

json::array names_json(const ScriptStanding& standing, const std::vector<ScriptWho>& all) {
  json::array names;
  for (const ScriptWho& who : all) {
    names.push_back(json::value(task_name(standing, who)));
  }
  return names;
}

json::value optional_text(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(utf8_text(text));
}

json::array next_json(const ScriptStepReport& report, const Outlook* outlook) {
  json::array next;
  for (std::size_t i = 0; i < report.standing.next.size(); ++i) {
    const ScriptStanding::Next& it = report.standing.next[i];
    next.push_back(json::object{
        {"letter", word_of(it.move)},
        {"task", it.move.step.kind == ScriptStep::Kind::time_passes
                     ? std::string("clock")
                     : task_name(report.standing, it.move.who)},
        {"what", optional_text(step_what(it))},
        {"goes_on", it.go_on.empty() ? json::value(nullptr)
                                     : json::value(task_name(report.standing, it.go_on.front()))},
        {"odds", way_json(outlook == nullptr ? nullptr : &outlook->next[i])}});
  }
  return next;
}

json::array tasks_json(const ScriptStepReport& report) {
  json::array tasks;
  for (const ScriptStanding::Handler& it : report.standing.handlers) {
    const ScriptSetup& setup = *report.experiment.setup;
    const Script& script = *setup.scripts[setup.plan[it.who.client][it.who.operation]];
    tasks.push_back(json::object{
        {"task", task_name(report.standing, it.who)},
        {"client", it.who.client},
        {"operation", it.who.operation + 1},
        {"attempt", it.who.attempt},
        {"copy", it.who.copy},
        {"endpoint", script.name},
        {"file", utf8_text(script.file)},
        {"line", it.line == 0 ? json::value(nullptr) : json::value(it.line)},
        {"statement", optional_text(in_one_line(it.statement))},
        {"waits_for", it.waits ? names_json(report.standing, it.blockers) : json::array()},
        {"waits", it.waits},
        {"dead", it.dead},
        {"slow", it.slow}});
  }
  return tasks;
}

json::array told_json(const ScriptStepReport& report) {
  json::array clients(report.experiment.setup->clients());
  for (json::value& client : clients) {
    client = json::array();
  }
  for (const ScriptOperation& it : report.standing.operations) {
    clients[it.client].as_array().push_back(it.told == ScriptTold::nothing
                                                ? json::value(nullptr)
                                                : json::value(utf8_text(told_text(it))));
  }
  return clients;
}

json::value optional_row(const sql::Row& row) {
  return row == nullptr ? json::value(nullptr) : json::value(row_json(*row));
}

json::array tables_json(const ScriptStepReport& report) {
  json::array tables;
  for (std::size_t i = 0; i < report.standing.tables.size(); ++i) {
    const ScriptStanding::Table& table = report.standing.tables[i];
    json::array columns;
    for (const sql::Column& column : report.experiment.setup->schema->tables[i].columns) {
      columns.push_back(json::value(utf8_text(column.name)));
    }
    json::array rows;
    for (const sql::Values& row : table.rows) {
      rows.push_back(row_json(row));
    }
    json::array changes;
    for (const ScriptStanding::Table::Change& change : table.changes) {
      changes.push_back(json::object{{"task", task_name(report.standing, change.who)},
                                     {"before", optional_row(change.before)},
                                     {"after", optional_row(change.after)}});
    }
    tables.push_back(json::object{{"table", utf8_text(table.name)},
                                  {"columns", std::move(columns)},
                                  {"rows", std::move(rows)},
                                  {"changes", std::move(changes)}});
  }
  return tables;
}

json::array locks_json(const ScriptStanding& standing) {
  json::array locks;
  for (const ScriptStanding::Lock& lock : standing.locks) {
    if (!lock.holders.empty() || !lock.waiters.empty()) {
      locks.push_back(json::object{{"what", utf8_text(lock.what)},
                                   {"holders", names_json(standing, lock.holders)},
                                   {"waiters", names_json(standing, lock.waiters)},
                                   {"any_of_them_next", lock.open}});
    }
  }
  return locks;
}

json::array steps_json(const ScriptStepReport& report, const std::vector<std::string>& taken) {
  json::array steps;
  const bool several = several_operations(report.standing.operations);
  for (std::size_t i = 0; i < report.standing.happened.size(); ++i) {
    for (const ScriptModel::Happened& it : report.standing.happened[i]) {
      json::array before;
      for (const std::string& text : it.before) {
        before.push_back(json::value(utf8_text(text)));
      }
      steps.push_back(
          json::object{{"step", i + 1},
                       {"task", who_text(it.who, several)},
                       {"letter", taken[i]},
                       {"before", std::move(before)},
                       {"statement", utf8_text(in_one_line(it.text))},
                       {"result", utf8_text(it.answer)},
                       {"waits", it.kind == ScriptModel::Happened::Kind::waits},
                       {"line", it.line == 0 ? json::value(nullptr) : json::value(it.line)}});
    }
  }
  return steps;
}

json::object orders_json(const ListedOrders<ScriptModel>& orders, const ScriptSetup& setup) {
  json::array outcomes;
  for (std::size_t i = 0; i < orders.outcomes.size(); ++i) {
    const ScriptEnding& ending = *orders.outcomes[i].ending;
    json::object outcome = outcome_json(setup, orders.outcomes[i], orders.by_outcome[i]);
    outcome["words"] = utf8_text(told_text(ending) + "; " + contents_text(setup, ending));
    outcomes.push_back(std::move(outcome));
  }
  return {{"outcomes", std::move(outcomes)}, {"list", list_json(orders)}};
}

}  // namespace

std::string step_json(const ScriptStepReport& report, const Outlook* outlook,
                      const std::optional<ListedOrders<ScriptModel>>& orders) {
  const ScriptSetup& setup = *report.experiment.setup;
  std::vector<std::string> taken;
  std::string word;
  for (const ScriptMove& move : report.moves) {
    taken.push_back(word_of(move));
    word += taken.back();
  }
  json::object object{{"schema", "racelab.step/1"},
                      {"scenario", utf8_text(report.experiment.scenario)},
                      {"strategy", report.experiment.strategy},
                      {"rules", "PostgreSQL 15"},
                      {"options", options_json(report.experiment)},
                      {"order", word},
                      {"ended", report.ended.has_value()},
                      {"verdict", nullptr},
                      {"headline", nullptr},
                      {"why", nullptr},
                      {"token", nullptr},
                      {"odds", way_json(outlook == nullptr ? nullptr : &outlook->here)},
                      {"next", next_json(report, outlook)},
                      {"tasks", tasks_json(report)},
                      {"told", told_json(report)},
                      {"tables", tables_json(report)},
                      {"locks", locks_json(report.standing)},
                      {"steps", steps_json(report, taken)}};
  if (report.ended) {
    const ScriptOrder& order = report.ended->order;
    object["verdict"] = verdict_name(order.outcome.violated() ? Verdict::violated : Verdict::holds);
    object["headline"] =
        optional_text(order.outcome.violated() ? harm_text(setup, order)
                                               : told_text(*order.outcome.ending) + "; " +
                                                     contents_text(setup, *order.outcome.ending));
    object["why"] = optional_text(why_text(setup, order));
    object["token"] = optional_text(report.ended->token);
  }
  if (orders) {
    object["orders"] = orders_json(*orders, setup);
  }
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace racelab
