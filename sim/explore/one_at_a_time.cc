// Looks for a sequence of the operations that explains what was seen.
#include "sim/explore/one_at_a_time.h"

#include <algorithm>
#include <bit>
#include <set>

#include "sim/explore/same_outcome.h"
#include "sim/kernel/expect.h"
#include "sim/kernel/random.h"
#include "sim/kernel/stop.h"

namespace racelab {

using sql::Value;
using sql::Values;

// What an operation does when nobody else is there.
struct OneAtATime::Alone {
  std::shared_ptr<const sql::Database> database;
  ScriptReply reply;
  std::vector<std::vector<Values>> contents;
};

namespace {

std::vector<std::vector<Values>> contents_of(const sql::Database& database) {
  std::vector<std::vector<Values>> contents;
  for (std::uint16_t table = 0; table < database.schema().table_count(); ++table) {
    contents.push_back(database.contents(table));
  }
  return contents;
}

std::vector<std::vector<sql::FoundLocked>> found_locked(const ScriptOperation& record,
                                                        std::uint8_t attempt) {
  const auto at = record.found_locked.find(attempt);
  return at == record.found_locked.end() ? std::vector<std::vector<sql::FoundLocked>>{}
                                         : at->second;
}

}  // namespace

OneAtATime::OneAtATime(const ScriptSetup& setup) : setup_(setup) {}
OneAtATime::~OneAtATime() = default;

// Runs an operation by itself, to its end. Its reply has the status 0 when it waits for ever, for itself.
ScriptReply OneAtATime::run_alone(sql::Database& database, const ScriptOperation& record,
                                  std::uint8_t attempt, std::int64_t moment,
                                  const std::vector<NamedValue>& memory,
                                  const std::vector<std::vector<sql::FoundLocked>>& pretend) const {
  ScriptRules rules = setup_.rules;
  rules.seed = seed_;
  database.set_clock(moment);
  database.connect(0, rules.standard());
  ScriptRun run(*record.script, rules,
                given_variables(*record.script, record.client, record.number, attempt, memory));
  run.pretend(pretend);
  run.start(database, 0);
  bool stands = true;
  while (!run.finished() && stands) {
    stands = run.send(database) == sql::Server::Progress::done;
  }
  ScriptReply reply = run.reply();
  if (!stands) {
    reply.status = 0;
  }
  database.disconnect(0);
  database.vacuum();
  return reply;
}

const OneAtATime::Alone& OneAtATime::alone(
    const std::shared_ptr<const sql::Database>& from, const ScriptOperation& record,
    std::uint8_t attempt, std::int64_t moment, const std::vector<NamedValue>& memory,
    const std::vector<std::vector<sql::FoundLocked>>& pretend) {
  std::vector<std::uint64_t> key;
  key.push_back((std::uint64_t{record.client} << 32U) | (std::uint64_t{record.number} << 8U) |
                attempt);
  key.push_back(static_cast<std::uint64_t>(moment));
  key.push_back(seed_.value_or(0));
  for (const NamedValue& it : memory) {
    sql::describe(it.value, key);
  }
  for (const auto& found : pretend) {
    key.push_back(found.size());
    for (const sql::FoundLocked& it : found) {
      key.push_back(it.table);
      sql::describe(it.key, key);
    }
  }
  from->describe(key);
  std::unique_ptr<const Alone>& known = alone_[key];
  if (known) {
    return *known;
  }
  auto made = std::make_unique<Alone>();
  auto database = std::make_shared<sql::Database>(*from);
  made->reply = run_alone(*database, record, attempt, moment, memory, pretend);
  made->contents = contents_of(*database);
  made->database = std::move(database);
  known = std::move(made);
  return *known;
}

// Whether a sequence came to the contents of the ending, up to the names of what generators drew.
bool OneAtATime::same_as_ending(const ScriptEnding& ending,
                                const std::vector<std::vector<Values>>& contents,
                                const Renaming& renaming) const {
  if (!ending.own_only) {
    return same_contents(ending.contents, contents, renaming);
  }
  std::vector<std::vector<Values>> wanted;
  std::vector<std::vector<Values>> found;
  for (std::size_t table = 0; table < contents.size(); ++table) {
    if (setup_.schema->tables[table].schema.empty()) {
      wanted.push_back(ending.contents[table]);
      found.push_back(contents[table]);
    }
  }
  return same_contents(wanted, found, renaming);
}

// All sequences, until one explains the ending.
class OneAtATime::Search {
 public:
  Search(OneAtATime& rule, const ScriptEnding& ending, bool answers)
      : rule_(rule), ending_(ending), answers_(answers), operations_(ending.operations.size()) {
    for (std::size_t i = 0; i < operations_; ++i) {
      const ScriptOperation& record = ending.operations[i];
      required_ |= record.answered() ? std::uint64_t{1} << i : 0;
      last_clock_ = std::max({last_clock_, record.issued_at, record.answered_at});
      by_answer_.push_back(i);
      std::uint64_t& before = before_.emplace_back(0);
      for (std::size_t j = 0; j < operations_; ++j) {
        before |= ending.operations[j].stands_before(record) ? std::uint64_t{1} << j : 0;
      }
    }
    // As they were answered, which is mostly as they were committed: who reads the sequence expects it.
    std::stable_sort(by_answer_.begin(), by_answer_.end(), [&](std::size_t a, std::size_t b) {
      const std::uint32_t never = UINT32_MAX;
      const auto place = [&](std::size_t i) {
        return ending.operations[i].answered_as == 0 ? never : ending.operations[i].answered_as;
      };
      return place(a) < place(b);
    });
  }

  bool run() {
    return place_next(rule_.setup_.start, contents_of(*rule_.setup_.start), 0,
                      Renaming(ending_.clock_tolerance), 0);
  }
  [[nodiscard]] const std::vector<std::size_t>& sequence() const { return sequence_; }

 private:
  bool place_next(const std::shared_ptr<const sql::Database>& database,
                  const std::vector<std::vector<Values>>& contents, std::uint64_t placed,
                  const Renaming& renaming, std::int64_t clock) {
    if ((placed & required_) == required_ && rule_.same_as_ending(ending_, contents, renaming)) {
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
    for (const std::size_t i : by_answer_) {
      const ScriptOperation& record = ending_.operations[i];
      const bool may = record.answered() ||
                       (record.told == ScriptTold::unknown || record.told == ScriptTold::nothing);
      const bool there = ((placed >> i) & 1U) != 0;
      if (!may || there || record.delivered == 0 || (before_[i] & ~placed) != 0) {
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
      if (record.moment) {
        if (try_once(database, i, placed, renaming, attempt, *record.moment, memory)) {
          return true;
        }
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
    const std::vector<std::vector<sql::FoundLocked>> found = found_locked(record, attempt);
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
          !same_reply(record.reply, alone.reply, *record.script, next)) {
        continue;
      }
      if (place_next(alone.database, alone.contents, placed | (std::uint64_t{1} << i), next,
                     record.moment ? 0 : moment)) {
        return true;
      }
    }
    return false;
  }

  OneAtATime& rule_;
  const ScriptEnding& ending_;
  bool answers_;  // whether they must be explained
  std::size_t operations_;
  std::uint64_t required_ = 0;
  std::vector<std::size_t> by_answer_;  // operations, in the order of their answers
  std::vector<std::uint64_t> before_;   // by operation: a bit for each that stands before it
  std::int64_t last_clock_ = 0;
  std::vector<std::size_t> sequence_;
  std::set<std::vector<std::uint64_t>> tried_;
};

void OneAtATime::judge(ScriptEnding& ending, const Fingerprint& key) {
  const auto known = judged_.find(key);
  if (known == judged_.end()) {
    search_all(ending);
    judged_.emplace(key, Verdict{ending.right, ending.answers_only, ending.sequence});
    return;
  }
  ending.right = known->second.right;
  ending.answers_only = known->second.answers_only;
  ending.sequence = known->second.sequence;
}

void OneAtATime::search_all(ScriptEnding& ending) {
  RACELAB_EXPECT(ending.operations.size() <= 64);
  Search search(*this, ending, true);
  ending.right = search.run();
  if (ending.right) {
    ending.sequence = search.sequence();
  } else {
    ending.answers_only = Search(*this, ending, false).run();
  }
}

void OneAtATime::judge_run(ScriptEnding& ending,
                           const std::vector<std::vector<std::size_t>>& likely) {
  seed_ = ending.seed;
  ending.by_dependency = false;
  if (ending.operations.size() <= searched_operations_max) {
    alone_.clear();  // moments differ from run to run
    search_all(ending);
    return;
  }
  ending.right = try_sequences(ending, likely, true);
  ending.answers_only = !ending.right && try_sequences(ending, likely, false);
  ending.by_dependency = !ending.right;
}

// Those that are likely, then some near the first of them.
bool OneAtATime::try_sequences(ScriptEnding& ending,
                               const std::vector<std::vector<std::size_t>>& likely,
                               bool answers) const {
  constexpr std::size_t operations_run_max = 20'000;  // in all sequences that are tried
  constexpr std::size_t near_max = 100;
  for (const std::vector<std::size_t>& sequence : likely) {
    if (explains(ending, sequence, answers)) {
      ending.sequence = sequence;
      return true;
    }
  }
  const std::size_t near =
      std::min(near_max, operations_run_max / std::max<std::size_t>(1, ending.operations.size()));
  for (std::uint32_t n = 0; n < near && !likely.empty() && !stop_asked(); ++n) {
    std::vector<std::size_t> sequence = likely.front();
    const Random random(1);
    for (std::uint32_t swap = 0; swap <= n / 25 && sequence.size() > 1; ++swap) {
      const std::size_t at =
          random.bits({n, swap, 0, Purpose::who_goes_on, 0}) % (sequence.size() - 1);
      std::swap(sequence[at], sequence[at + 1]);
    }
    if (explains(ending, sequence, answers)) {
      ending.sequence = sequence;
      return true;
    }
  }
  return false;
}

bool OneAtATime::explains(const ScriptEnding& ending, const std::vector<std::size_t>& sequence,
                          bool answers) const {
  std::uint32_t issued_after = 0;
  std::size_t answered = 0;
  for (const std::size_t i : sequence) {
    const ScriptOperation& record = ending.operations[i];
    if (record.answered_as != 0 && record.answered_as <= issued_after) {
      return false;  // it was answered before one that stands before it here was issued
    }
    issued_after = std::max(issued_after, record.issued_after);
    answered += record.answered() ? 1 : 0;
  }
  const auto all_answered = std::count_if(ending.operations.begin(), ending.operations.end(),
                                          [](const ScriptOperation& it) { return it.answered(); });
  if (answered != static_cast<std::size_t>(all_answered)) {
    return false;
  }
  sql::Database database = *setup_.start;
  Renaming renaming(ending.clock_tolerance);
  for (const std::size_t i : sequence) {
    if (stop_asked()) {
      return true;  // nothing is proved any more, and nothing is to be accused
    }
    const ScriptOperation& record = ending.operations[i];
    std::vector<NamedValue> memory = record.memory;
    for (NamedValue& it : memory) {
      it.value = renaming.in_sequence(it.value);
    }
    const std::uint8_t attempt =
        record.answered()
            ? record.answered_attempt
            : static_cast<std::uint8_t>(std::countr_zero(record.delivered | (1U << 31U)));
    const ScriptReply reply =
        run_alone(database, record, attempt, record.moment.value_or(record.issued_at), memory,
                  found_locked(record, attempt));
    if (record.answered() && answers &&
        !same_reply(record.reply, reply, *record.script, renaming)) {
      return false;
    }
  }
  return same_as_ending(ending, contents_of(database), renaming);
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
  copy.record(nullptr);  // a check is nobody's statement
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
  copy.add_tables(*setup_.check_schema, answers);
  copy.connect(0, sql::Isolation::read_committed);
  for (const ScriptCheck& check : setup_.checks) {
    RACELAB_EXPECT(copy.execute(0, check.statement, {}) == sql::Server::Progress::done);
    problems.push_back(problem_of(copy.result(0)));
  }
  return problems;
}

}  // namespace racelab
