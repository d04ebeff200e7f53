// What stands is read off a model that took the same steps and tells of them; what each handler sends next shows when it is tried.
#include "sim/explore/script_stepper.h"

#include <algorithm>

namespace racelab {

namespace {

std::optional<ScriptWho> who_of(const ScriptModel& model, sql::SessionId session) {
  for (const ScriptModel::Handler& it : model.state().handlers) {
    if (it.session == session || it.session + 1 == session) {
      return it.who();
    }
  }
  return std::nullopt;
}

std::vector<ScriptWho> all_of(const ScriptModel& model,
                              const std::vector<sql::SessionId>& sessions) {
  std::vector<ScriptWho> all;
  for (const sql::SessionId session : sessions) {
    if (const std::optional<ScriptWho> who = who_of(model, session)) {
      all.push_back(*who);
    }
  }
  return all;
}

// What a step was to send; nothing: no statement.
const ScriptModel::Happened* sent_in(const std::vector<ScriptModel::Happened>& happened) {
  using Kind = ScriptModel::Happened::Kind;
  for (const ScriptModel::Happened& it : happened) {
    if (it.kind == Kind::sent || it.kind == Kind::waits) {
      return &it;
    }
  }
  return nullptr;
}

// A statement with what goes before it.
std::string sent_text(const ScriptModel::Happened& sent) {
  std::string text;
  for (const std::string& before : sent.before) {
    text += before + "; ";
  }
  return text + sent.text;
}

}  // namespace

ScriptStepper::ScriptStepper(const ScriptSetup& setup, std::uint64_t states_max,
                             const std::vector<std::uint32_t>& issued)
    : setup_(setup),
      issued_(issued.empty() ? all_issued(setup) : issued),
      rule_(setup),
      model_(setup, rule_, issued_),
      walk_(model_, states_max) {
  look();
}

ScriptOrder ScriptStepper::order() { return drawn_order(setup_, rule_, issued_, moves()); }

void ScriptStepper::look() {
  standing_ = {};
  ScriptModel model(setup_, rule_, issued_);
  model.tell(true);
  for (const ScriptMove& move : moves()) {
    model.take(move.step);
    standing_.happened.push_back(model.happened());
  }
  standing_.operations = model.state().operations;
  look_at_handlers(model);
  look_at_tables(model);
  look_ahead_one_step(model);
}

void ScriptStepper::look_at_handlers(const ScriptModel& model) {
  for (const ScriptModel::Handler& it : model.state().handlers) {
    ScriptStanding::Handler handler{.who = it.who(),
                                    .dead = it.dead,
                                    .slow = it.slow,
                                    .waits = it.waits,
                                    .statement = it.waits ? it.run.pending_text() : "",
                                    .line = it.waits ? it.run.pending_line() : 0};
    if (it.waits) {
      handler.blockers = all_of(model, model.server().blockers(it.session));
    }
    standing_.handlers.push_back(std::move(handler));
  }
  for (const ScriptModel::Request& it : model.state().requests) {
    standing_.handlers.push_back({.who = it.who()});
  }
  std::sort(standing_.handlers.begin(), standing_.handlers.end(),
            [](const auto& a, const auto& b) { return a.who < b.who; });
  for (ScriptStanding::Handler& handler : standing_.handlers) {
    handler.ordinal = static_cast<std::uint32_t>(std::count_if(
        standing_.handlers.begin(), standing_.handlers.end(), [&handler](const auto& other) {
          return other.who.client == handler.who.client && other.dead == handler.dead &&
                 other.who < handler.who;
        }));
  }
}

void ScriptStepper::look_at_tables(const ScriptModel& model) {
  const sql::Database& database = model.state().database;
  const sql::OpenWork work = database.open_work();
  for (std::uint16_t number = 0; number < setup_.schema->table_count(); ++number) {
    if (setup_.schema->tables[number].bookkeeping) {
      continue;
    }
    ScriptStanding::Table& table = standing_.tables.emplace_back();
    table.name = setup_.schema->tables[number].full_name();
    table.rows = database.contents(number);
    table.as_at_the_start = table.rows == setup_.start->contents(number);
    for (const sql::OpenWork::Change& change : work.changes) {
      const std::optional<ScriptWho> who = who_of(model, change.session);
      if (change.table == number && who) {
        table.changes.push_back({*who, change.before, change.after});
      }
    }
  }
  for (const sql::OpenWork::Lock& lock : work.locks) {
    std::string what = standing_.tables[lock.table].name;
    if (lock.row) {
      std::string values;
      for (const sql::Value& value : *lock.row) {
        values += (values.empty() ? "" : ", ") + sql::to_line(value);
      }
      what += " (" + values + ')';
    }
    standing_.locks.push_back(
        {what, all_of(model, lock.holders), all_of(model, lock.waiters), lock.open});
  }
  for (const sql::OpenWork::Advisory& lock : work.advisory) {
    standing_.locks.push_back({"advisory lock " + std::to_string(lock.number),
                               all_of(model, lock.holders), all_of(model, lock.waiters), false});
  }
}

void ScriptStepper::look_ahead_one_step(ScriptModel& model) {
  ScriptModel::Saved here;
  model.save(here);
  for (const ScriptMove& move : walk_.next()) {
    ScriptStanding::Next& next = standing_.next.emplace_back(ScriptStanding::Next{move, {}});
    const bool plain = move.step.faults() == 0 && move.issues;
    if (!plain) {
      continue;
    }
    const ScriptModel::Effects effects = model.take(move.step);
    const auto handler = std::find_if(standing_.handlers.begin(), standing_.handlers.end(),
                                      [&move](const auto& it) { return it.who == move.who; });
    if (handler != standing_.handlers.end() && !handler->waits && !handler->dead) {
      if (const ScriptModel::Happened* sent = sent_in(model.happened())) {
        handler->statement = sent_text(*sent);
        handler->line = sent->line;
      }
    }
    if (!effects.branches.asked().empty()) {
      for (const ScriptModel::Happened& it : model.happened()) {
        if (it.kind == ScriptModel::Happened::Kind::answered) {
          next.go_on.push_back(it.who);
        }
      }
    }
    model.restore(here);
  }
}

}  // namespace racelab
