// What a state is called, and how an execution ended.
#include <algorithm>

#include "sim/explore/one_at_a_time.h"
#include "sim/explore/script_model.h"

namespace racelab {

namespace {

void describe(const std::vector<NamedValue>& memory, std::vector<std::uint64_t>& words) {
  words.push_back(memory.size());
  for (const NamedValue& it : memory) {
    sql::describe(sql::Value::of(sql::Type::text, it.name), words);
    sql::describe(it.value, words);
  }
}

void describe(const ScriptOperation& record, const std::vector<ScriptOperation>& all,
              std::vector<std::uint64_t>& words) {
  words.push_back(static_cast<std::uint64_t>(record.told) | (record.issued ? 8U : 0U) |
                  (std::uint64_t{record.delivered} << 8U) |
                  (std::uint64_t{record.answered_attempt} << 40U));
  std::uint64_t before = 0;  // a bit for each that was answered before this one was issued
  for (std::size_t i = 0; i < all.size(); ++i) {
    before |= all[i].stands_before(record) ? std::uint64_t{1} << i : 0;
  }
  words.push_back(before);
  words.push_back(static_cast<std::uint64_t>(record.issued_at));
  words.push_back(static_cast<std::uint64_t>(record.answered_at));
  describe(record.memory, words);
  if (record.told != ScriptTold::nothing) {
    words.push_back(static_cast<std::uint64_t>(record.reply.status));
    sql::describe(record.reply.values, words);
    for (const auto& rows : record.reply.rows) {
      words.push_back(rows.size());
      for (const sql::Values& row : rows) {
        sql::describe(row, words);
      }
    }
  }
  for (const auto& [attempt, statements] : record.found_locked) {
    words.push_back(attempt);
    for (const auto& found : statements) {
      words.push_back(found.size());
      for (const sql::FoundLocked& it : found) {
        words.push_back(it.table);
        sql::describe(it.key, words);
      }
    }
  }
}

std::string words_of(ScriptTold told) {
  switch (told) {
    case ScriptTold::nothing:
      return "nothing";
    case ScriptTold::ok:
      return "ok";
    case ScriptTold::refused:
      return "refused";
    case ScriptTold::failed:
      return "failed";
    case ScriptTold::unknown:
      return "unknown";
  }
  return "";
}

std::string row_text(const sql::Values& row) {
  std::string text;
  for (const sql::Value& value : row) {
    text += (text.empty() ? "" : ", ") + sql::to_text(value);
  }
  return '(' + text + ')';
}

std::string told_text(const ScriptOperation& record, bool several) {
  std::string text(1, letter_of_client(record.client));
  if (several) {
    text += std::to_string(record.number + 1);
  }
  text += ' ';
  if (!record.answered()) {
    return text + words_of(record.told) +
           (record.told == ScriptTold::failed && record.reply.error.failed()
                ? " (" + sql::code_text(record.reply.error, record.reply.server_code) + ')'
                : "");
  }
  text += std::to_string(record.reply.status);
  for (std::size_t i = 0; i < record.reply.values.size(); ++i) {
    if (!record.reply.values[i].is_null) {
      text += ' ' + record.script->variables[record.script->reply[i]] + '=' +
              sql::to_text(record.reply.values[i]);
    }
  }
  for (std::size_t i = 0; i < record.reply.rows.size(); ++i) {
    text += ' ' + record.script->rows[i] + '=';
    for (const sql::Values& row : record.reply.rows[i]) {
      text += row_text(row);
    }
  }
  return text;
}

std::string verdict_words(const ScriptEnding& ending) {
  std::string words = std::string(ending.right ? "right" : "wrong") +
                      (ending.answers_only ? " answers" : "") + " stuck " +
                      std::to_string(ending.stuck);
  for (const ScriptOperation& record : ending.operations) {
    words += ' ' + sql::code_text(record.reply.error, record.reply.server_code);
  }
  for (const std::string& check : ending.checks) {
    words += '\n' + check;
  }
  return words;
}

}  // namespace

Fingerprint ScriptModel::name(bool /*symmetry*/) {
  scratch_.clear();
  state_.database.describe(scratch_);
  for (const Client& it : state_.clients) {
    scratch_.push_back((std::uint64_t{it.operation} << 16U) | (std::uint64_t{it.attempt} << 8U) |
                       (it.waits ? 2U : 0U) | (it.in_doubt ? 1U : 0U));
    scratch_.push_back(it.retry.word());
    describe(it.memory, scratch_);
  }
  for (const ScriptOperation& record : state_.operations) {
    describe(record, state_.operations, scratch_);
  }
  const auto add_who = [this](const Who& who) {
    scratch_.push_back((std::uint64_t{who.client} << 24U) | (std::uint64_t{who.operation} << 16U) |
                       (std::uint64_t{who.attempt} << 8U) | who.copy);
  };
  for (const Request& it : state_.requests) {
    add_who(it.who());
  }
  scratch_.push_back(UINT64_MAX);
  for (const Handler& it : state_.handlers) {
    add_who(it.who());
    scratch_.push_back((std::uint64_t{it.session} << 8U) | (it.dead ? 1U : 0U) |
                       (it.slow ? 2U : 0U) | (it.waits ? 4U : 0U) | (it.answer_lost ? 8U : 0U));
    it.run.describe(scratch_);
  }
  for (const std::uint16_t struck : state_.struck) {
    scratch_.push_back(struck);
  }
  scratch_.push_back((std::uint64_t{state_.struck_in_all} << 32U) | state_.time_passed);
  words_.clear();
  for (const std::uint64_t word : scratch_) {
    words_.add(word);
  }
  return words_.fingerprint();
}

std::string contents_words(const ScriptSetup& setup, const ScriptEnding& ending) {
  std::string words;
  for (std::uint16_t table = 0; table < setup.schema->table_count(); ++table) {
    const std::vector<sql::Values>& rows = ending.contents[table];
    if (rows == setup.start->contents(table)) {
      continue;
    }
    std::string text;
    for (const sql::Values& row : rows) {
      text += row_text(row);
    }
    words += (words.empty() ? "" : "; ") + setup.schema->tables[table].full_name() + ' ' +
             (text.empty() ? "empty" : text);
  }
  return words;
}

std::string told_words(const ScriptEnding& ending) {
  const bool several = std::any_of(ending.operations.begin(), ending.operations.end(),
                                   [](const ScriptOperation& record) { return record.number > 0; });
  std::string words;
  for (const ScriptOperation& record : ending.operations) {
    words += (words.empty() ? "" : ", ") + told_text(record, several);
  }
  return words;
}

ScriptOutcome ScriptModel::outcome() const {
  auto ending = std::make_shared<ScriptEnding>();
  ScriptOutcome outcome;
  for (std::uint16_t table = 0; table < setup_.schema->table_count(); ++table) {
    ending->contents.push_back(server().contents(table));
  }
  ending->operations = state_.operations;
  outcome.contents = contents_words(setup_, *ending);
  outcome.told = told_words(*ending);
  for (const Handler& it : state_.handlers) {
    ending->stuck += it.dead ? 0 : 1;
  }
  if (on_ == nullptr) {
    ending->checks = rule_.checks(state_.database, ending->operations);
  } else {
    sql::Database copy = *setup_.start;
    copy.replace_contents(ending->contents);
    copy.set_clock(server().clock());
    ending->checks = rule_.checks(copy, ending->operations);
  }
  // All that the rule looks at; of that only the verdict tells two outcomes apart.
  std::vector<std::uint64_t> seen{ending->stuck};
  sql::describe(sql::Value::of(sql::Type::text, outcome.contents), seen);
  sql::describe(sql::Value::of(sql::Type::text, outcome.told), seen);
  for (const ScriptOperation& record : ending->operations) {
    describe(record, ending->operations, seen);
  }
  rule_.judge(*ending, fingerprint_of(seen));
  outcome.rest = verdict_words(*ending);
  outcome.ending = std::move(ending);
  return outcome;
}

}  // namespace racelab
