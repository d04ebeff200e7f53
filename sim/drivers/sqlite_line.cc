// Prepares each text once, binds, steps to the end.
#include "sim/drivers/sqlite_line.h"

#include <fmt/format.h>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/laid_out.h"

namespace racelab::drivers {

namespace {

sql::Value value_at(sqlite3_stmt* statement, int column, sql::Type type) {
  const int kind = sqlite3_column_type(statement, column);
  if (kind == SQLITE_NULL) {
    return sql::Value::null(type);
  }
  const bool is_text = type == sql::Type::text || type == sql::Type::uuid ||
                       type == sql::Type::unknown || type == sql::Type::nothing;
  if (kind == SQLITE_INTEGER && !is_text) {
    return sql::Value::of(type, sqlite3_column_int64(statement, column));
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  if (is_text) {
    return sql::Value::of(type, std::string(text));
  }
  std::optional<sql::Value> value = sql::from_text(type, text);
  if (!value) {
    throw DriverError(fmt::format("SQLite answers '{}', which is no {} that can be compared", text,
                                  sql::name_of(type)));
  }
  return *std::move(value);
}

void bind(sqlite3_stmt* statement, int place, const sql::Value& value) {
  if (value.is_null) {
    sqlite3_bind_null(statement, place);
  } else if (value.type == sql::Type::text || value.type == sql::Type::uuid ||
             value.type == sql::Type::unknown) {
    sqlite3_bind_text(statement, place, value.text.c_str(), static_cast<int>(value.text.size()),
                      SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_int64(statement, place, value.number);
  }
}

}  // namespace

SqliteLine::SqliteLine(const std::string& folder, const std::vector<std::string>& schemas,
                       SqliteClock& clock)
    : clock_(clock) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open((folder + "/main.db").c_str(), &handle);
  handle_.reset(handle);
  if (code != SQLITE_OK) {
    throw DriverError(
        fmt::format("SQLite does not open a file in {}: {}", folder, sqlite3_errstr(code)));
  }
  sqlite3_extended_result_codes(handle, 1);
  // Asked whether to wait, it says no, and remembers that it was asked.
  sqlite3_busy_handler(
      handle,
      [](void* it, int) {
        static_cast<SqliteLine*>(it)->asked_to_wait_ = true;
        return 0;
      },
      this);
  add_functions();
  for (const std::string& schema : schemas) {
    run(fmt::format("attach '{}/{}.db' as \"{}\"", folder, schema, schema));
  }
  run("pragma foreign_keys = on; pragma case_sensitive_like = on; pragma synchronous = off");
}

void SqliteLine::add_functions() {
  const auto add = [this](const char* name, void (*shows)(sqlite3_context*, int, sqlite3_value**)) {
    sqlite3_create_function(handle_.get(), name, 0, SQLITE_UTF8, this, shows, nullptr, nullptr);
  };
  add("now", [](sqlite3_context* context, int, sqlite3_value**) {
    sqlite3_result_int64(context, static_cast<SqliteLine*>(sqlite3_user_data(context))->started_);
  });
  add("clock_timestamp", [](sqlite3_context* context, int, sqlite3_value**) {
    sqlite3_result_int64(context, static_cast<SqliteLine*>(sqlite3_user_data(context))->clock_.now);
  });
  add("gen_random_uuid", [](sqlite3_context* context, int, sqlite3_value**) {
    SqliteClock& clock = static_cast<SqliteLine*>(sqlite3_user_data(context))->clock_;
    const std::string text = fmt::format("{}{:012x}", uuid_begin, ++clock.uuids);
    sqlite3_result_text(context, text.c_str(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  });
}

sqlite3_stmt* SqliteLine::prepared(const std::string& sql, SqliteAnswer& answer) {
  if (const auto known = prepared_.find(sql); known != prepared_.end()) {
    return known->second.get();
  }
  sqlite3_stmt* statement = nullptr;
  answer.code = sqlite3_prepare_v3(handle_.get(), sql.c_str(), static_cast<int>(sql.size()),
                                   SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (answer.code != SQLITE_OK) {
    answer.message = sqlite3_errmsg(handle_.get());
    return nullptr;
  }
  prepared_.emplace(sql, Prepared(statement));
  return statement;
}

SqliteAnswer SqliteLine::run(const std::string& sql, const sql::Values& parameters,
                             const std::vector<sql::Type>& columns) {
  SqliteAnswer answer;
  asked_to_wait_ = false;
  sqlite3_stmt* statement = prepared(sql, answer);
  if (statement == nullptr) {
    answer.would_wait = asked_to_wait_;
    return answer;
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    bind(statement, static_cast<int>(i) + 1, parameters[i]);
  }
  const sqlite3_int64 before = sqlite3_total_changes64(handle_.get());
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    sql::Values& row = answer.rows.emplace_back();
    for (std::size_t column = 0; column < columns.size(); ++column) {
      row.push_back(value_at(statement, static_cast<int>(column), columns[column]));
    }
  }
  if (code != SQLITE_DONE) {
    answer.code = code;
    answer.message = sqlite3_errmsg(handle_.get());
    answer.would_wait = (code & 0xFF) == SQLITE_BUSY && asked_to_wait_;
    answer.rows.clear();
  } else if (sqlite3_total_changes64(handle_.get()) > before) {
    answer.changed = static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
  }
  sqlite3_reset(statement);
  return answer;
}

void SqliteLine::run(const std::string& statements) {
  char* message = nullptr;
  const int code = sqlite3_exec(handle_.get(), statements.c_str(), nullptr, nullptr, &message);
  const std::string words = message == nullptr ? sqlite3_errstr(code) : message;
  sqlite3_free(message);
  if (code != SQLITE_OK) {
    throw DriverError(fmt::format("SQLite refuses what was sent: {}", words));
  }
}

std::string SqliteLine::problem_with(const std::string& sql) {
  SqliteAnswer answer;
  prepared(sql, answer);
  return answer.message;
}

}  // namespace racelab::drivers
