// Looks for a sequence of the operations that explains what was seen.
#include "sim/explore/one_at_a_time.h"

#include <algorithm>
#include <functional>
#include <set>

#include "sim/kernel/expect.h"
#include "sim/kernel/stop.h"

namespace racelab {

namespace {

using sql::Value;
using sql::Values;

// Which generated value of the execution is which of the sequence: one to one, for each generator.
class Renaming {
 public:
  /// The same, or the same under another name.
  bool match(const Value& in_execution, const Value& in_sequence) {
    if (in_execution.is_null || in_sequence.is_null || in_execution.generator == 0 ||
        in_execution.generator != in_sequence.generator) {
      return in_execution == in_sequence;
    }
    for (const auto& [a, b] : pairs_) {
      const bool same_a = a.generator == in_execution.generator && a == in_execution;
      const bool same_b = b.generator == in_sequence.generator && b == in_sequence;
      if (same_a || same_b) {
        return same_a && same_b;
      }
    }
    pairs_.emplace_back(in_execution, in_sequence);
    return true;
  }
  bool match(const Values& a, const Values& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [this](const Value& x, const Value& y) { return match(x, y); });
  }
  void describe(std::vector<std::uint64_t>& words) const {
    words.push_back(pairs_.size());
    for (const auto& [a, b] : pairs_) {
      sql::describe(a, words);
      sql::describe(b, words);
    }
  }
  /// What a value of the execution is called in the sequence.
  [[nodiscard]] Value in_sequence(const Value& value) const {
    for (const auto& [a, b] : pairs_) {
      if (value.generator != 0 && a == value) {
        Value renamed = b;
        renamed.type = value.type;
        return renamed;
      }
    }
    return value;
  }

 private:
  std::vector<std::pair<Value, Value>> pairs_;
};

// Whether two multisets of rows are the same under some renaming that extends this one.
bool match_rows(const std::vector<Values>& a, const std::vector<Values>& b, Renaming& renaming,
                std::vector<bool>& used, std::size_t at,
                const std::function<bool(Renaming&)>& then) {
  if (at == a.size()) {
    return then(renaming);
  }
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (used[i]) {
      continue;
    }
    Renaming tried = renaming;
    if (tried.match(a[at], b[i])) {
      used[i] = true;
      if (match_rows(a, b, tried, used, at + 1, then)) {
        renaming = tried;
        return true;
      }
      used[i] = false;
      // Another row that is the same word for word leads to the same.
      while (i + 1 < b.size() && b[i + 1] == b[i]) {
        ++i;
      }
    }
  }
  return false;
}

bool match_tables(const std::vector<std::vector<Values>>& a,
                  const std::vector<std::vector<Values>>& b, std::size_t table, Renaming renaming) {
  if (table == a.size()) {
    return true;
  }
  if (a[table].size() != b[table].size()) {
    return false;
  }
  std::vector<bool> used(b[table].size());
  return match_rows(a[table], b[table], renaming, used, 0,
                    [&](Renaming& so_far) { return match_tables(a, b, table + 1, so_far); });
}

bool match_reply(const ScriptReply& told, const ScriptReply& alone, const Script& script,
                 Renaming& renaming) {
  if (told.status != alone.status || !renaming.match(told.values, alone.values)) {
    return false;
  }
  for (std::size_t i = 0; i < told.rows.size(); ++i) {
    const bool ordered = std::any_of(
        script.instructions.begin(), script.instructions.end(),
        [i](const Instruction& it) { return it.rows && *it.rows == i && it.rows_ordered; });
    if (told.rows[i].size() != alone.rows[i].size()) {
      return false;
    }
    if (ordered) {
      for (std::size_t row = 0; row < told.rows[i].size(); ++row) {
        if (!renaming.match(told.rows[i][row], alone.rows[i][row])) {
          return false;
        }
      }
    } else {
      std::vector<bool> used(alone.rows[i].size());
      if (!match_rows(told.rows[i], alone.rows[i], renaming, used, 0,
                      [](Renaming& /*so_far*/) { return true; })) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

// What an operation does when nobody else is there.
struct OneAtATime::Alone {
  std::shared_ptr<const sql::Database> database;
  ScriptReply reply;
  std::vector<std::vector<Values>> contents;
};

OneAtATime::OneAtATime(const ScriptSetup& setup) : setup_(setup) {}
OneAtATime::~OneAtATime() = default;

const OneAtATime::Alone& OneAtATime::alone(
    const std::shared_ptr<const sql::Database>& from, const ScriptOperation& record,
    std::uint8_t attempt, std::int64_t moment, const std::vector<NamedValue>& memory,
    const std::vector<std::vector<sql::FoundLocked>>& pretend) {
  std::vector<std::uint64_t> key;
  key.push_back((std::uint64_t{record.client} << 32U) | (std::uint64_t{record.number} << 8U) |
                attempt);
  key.push_back(static_cast<std::uint64_t>(moment));
  for (const NamedValue& it : memory) {
    sql::describe(it.value, key);
  }
  for (const auto& found : pretend) {
    key.push_back(found.size());
  }
  from->describe(key);
  std::unique_ptr<const Alone>& known = alone_[key];
  if (known) {
    return *known;
  }
  auto made = std::make_unique<Alone>();
  auto database = std::make_shared<sql::Database>(*from);
  database->set_clock(moment);
  database->connect(0, setup_.rules.standard());
  ScriptRun run(*record.script, setup_.rules,
                given_variables(*record.script, record.client, record.number, attempt, memory));
  run.pretend(pretend);
  run.start(*database, 0);
  bool stands = true;
  while (!run.finished() && stands) {
    stands = run.send(*database) == sql::Database::Progress::done;
  }
  made->reply = run.reply();
  if (!stands) {
    made->reply.status = 0;  // it waits for ever, for itself
  }
  database->disconnect(0);
  database->vacuum();
  for (std::uint16_t table = 0; table < database->schema().table_count(); ++table) {
    made->contents.push_back(database->contents(table));
  }
  made->database = std::move(database);
  known = std::move(made);
  return *known;
}

class OneAtATime::Search {
 public:
  Search(OneAtATime& rule, const ScriptEnding& ending, bool answers)
      : rule_(rule), ending_(ending), answers_(answers) {
    for (std::size_t i = 0; i < ending.operations.size(); ++i) {
      const ScriptOperation& record = ending.operations[i];
      required_ |= record.answered() ? std::uint64_t{1} << i : 0;
      last_clock_ = std::max({last_clock_, record.issued_at, record.answered_at});
    }
  }

  bool run() {
    std::vector<std::vector<Values>> contents;
    for (std::uint16_t table = 0; table < rule_.setup_.schema->table_count(); ++table) {
      contents.push_back(rule_.setup_.start->contents(table));
    }
    return place_next(rule_.setup_.start, contents, 0, Renaming{}, 0);
  }
  [[nodiscard]] const std::vector<std::size_t>& sequence() const { return sequence_; }

 private:
  bool place_next(const std::shared_ptr<const sql::Database>& database,
                  const std::vector<std::vector<Values>>& contents, std::uint64_t placed,
                  const Renaming& renaming, std::int64_t clock) {
    if ((placed & required_) == required_ &&
        match_tables(ending_.contents, contents, 0, renaming)) {
      return true;
    }
    if (stop_asked()) {
      return true;  // nothing is proved any more, and nothing is to be accused
    }
    // What has been tried from here in vain need not be tried again, whichever way led here.
    std::vector<std::uint64_t> here{placed, static_cast<std::uint64_t>(clock)};
    renaming.describe(here);
    database->describe(here);
    if (!tried_.insert(std::move(here)).second) {
      return false;
    }
    for (std::size_t i = 0; i < ending_.operations.size(); ++i) {
      const ScriptOperation& record = ending_.operations[i];
      const bool may = record.answered() ||
                       (record.told == ScriptTold::unknown || record.told == ScriptTold::nothing);
      const bool there = ((placed >> i) & 1U) != 0;
      if (!may || there || record.delivered == 0 || (record.before & ~placed) != 0) {
        continue;
      }
      sequence_.push_back(i);
      if (try_operation(database, i, placed, renaming, clock)) {
        return true;
      }
      sequence_.pop_back();
    }
    return false;
  }

  bool try_operation(const std::shared_ptr<const sql::Database>& database, std::size_t i,
                     std::uint64_t placed, const Renaming& renaming, std::int64_t clock) {
    const ScriptOperation& record = ending_.operations[i];
    std::vector<NamedValue> memory = record.memory;
    for (NamedValue& it : memory) {
      it.value = renaming.in_sequence(it.value);
    }
    const std::int64_t until = record.answered() ? record.answered_at : last_clock_;
    const std::int64_t by = std::max(rule_.setup_.time_passes_by, std::int64_t{1});
    for (std::uint8_t attempt = 1; attempt < 32 && (record.delivered >> attempt) != 0; ++attempt) {
      if (((record.delivered >> attempt) & 1U) == 0) {
        continue;
      }
      for (std::int64_t moment = record.issued_at; moment <= until; moment += by) {
        if (moment >= clock && try_once(database, i, placed, renaming, attempt, moment, memory)) {
          return true;
        }
      }
    }
    return false;
  }

  // Every choice of which statements find locked what they found locked.
  bool try_once(const std::shared_ptr<const sql::Database>& database, std::size_t i,
                std::uint64_t placed, const Renaming& renaming, std::uint8_t attempt,
                std::int64_t moment, const std::vector<NamedValue>& memory) {
    const ScriptOperation& record = ending_.operations[i];
    std::vector<std::vector<sql::FoundLocked>> found;
    if (const auto at = record.found_locked.find(attempt); at != record.found_locked.end()) {
      found = at->second;
    }
    std::vector<std::size_t> open;
    for (std::size_t n = 0; n < found.size() && open.size() < 10; ++n) {
      if (!found[n].empty()) {
        open.push_back(n);
      }
    }
    for (std::uint32_t which = 0; which < (1U << open.size()); ++which) {
      std::vector<std::vector<sql::FoundLocked>> pretend = found;
      for (std::size_t n = 0; n < open.size(); ++n) {
        if (((which >> n) & 1U) != 0) {
          pretend[open[n]].clear();
        }
      }
      const Alone& alone = rule_.alone(database, record, attempt, moment, memory, pretend);
      Renaming next = renaming;
      if (record.answered() && answers_ &&
          !match_reply(record.reply, alone.reply, *record.script, next)) {
        continue;
      }
      if (place_next(alone.database, alone.contents, placed | (std::uint64_t{1} << i), next,
                     moment)) {
        return true;
      }
    }
    return false;
  }

  OneAtATime& rule_;
  const ScriptEnding& ending_;
  bool answers_;  // whether they must be explained
  std::uint64_t required_ = 0;
  std::int64_t last_clock_ = 0;
  std::vector<std::size_t> sequence_;
  std::set<std::vector<std::uint64_t>> tried_;
};

void OneAtATime::judge(ScriptEnding& ending, const std::string& key) {
  const auto known = judged_.find(key);
  Verdict verdict;
  if (known != judged_.end()) {
    verdict = known->second;
  } else {
    Search search(*this, ending, true);
    verdict.right = search.run();
    if (verdict.right) {
      verdict.sequence = search.sequence();
    } else {
      verdict.answers_only = Search(*this, ending, false).run();
    }
    judged_.emplace(key, verdict);
  }
  ending.right = verdict.right;
  ending.answers_only = verdict.answers_only;
  ending.sequence = verdict.sequence;
}

// A check holds if it answers true, once. NULL is not true: what is not known is not proved.
static std::string problem_of(const sql::Result& result) {
  if (result.error.failed()) {
    return "fails: " + result.message;
  }
  if (result.rows.size() != 1) {
    return result.rows.empty() ? "answers no row"
                               : "answers " + std::to_string(result.rows.size()) + " rows";
  }
  const Value& answer = result.rows.front().front();
  return answer.is_null ? "answers NULL" : answer.is_true() ? "" : "answers false";
}

std::vector<std::string> OneAtATime::checks(const sql::Database& database,
                                            const std::vector<ScriptOperation>& operations) const {
  std::vector<std::string> problems;
  if (setup_.checks.empty()) {
    return problems;
  }
  sql::Database copy = database;
  std::vector<Values> answers;
  const sql::Table& view = setup_.check_schema->tables.back();
  for (const ScriptOperation& record : operations) {
    if (!record.answered()) {
      continue;
    }
    Values row{Value::of(sql::Type::integer, record.client),
               Value::of(sql::Type::integer, record.number + 1),
               Value::of(sql::Type::text, record.script->name),
               Value::of(sql::Type::integer, record.reply.status)};
    for (std::size_t column = row.size(); column < view.columns.size(); ++column) {
      Value value = Value::null(view.columns[column].type);
      for (std::size_t i = 0; i < record.script->reply.size() && i < record.reply.values.size();
           ++i) {
        if (record.script->variables[record.script->reply[i]] == view.columns[column].name) {
          value = record.reply.values[i];
        }
      }
      row.push_back(value);
    }
    answers.push_back(std::move(row));
  }
  copy.add_table(*setup_.check_schema, answers);
  copy.connect(0, sql::Isolation::read_committed);
  for (const ScriptCheck& check : setup_.checks) {
    RACELAB_EXPECT(copy.execute(0, check.statement, {}) == sql::Database::Progress::done);
    problems.push_back(problem_of(copy.result(0)));
  }
  return problems;
}

}  // namespace racelab
