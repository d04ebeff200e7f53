// Copies of the tables, DELETE and INSERT … SELECT, setval().
#include "sim/drivers/pg_start.h"

#include <fmt/format.h>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/laid_out.h"
#include "sim/parse/server_sql.h"

namespace racelab::drivers {

namespace {

// Whether rows of a table hold each other in a way that no DELETE of all of them undoes.
bool restricts_itself(const std::vector<sql::Table>& tables) {
  for (std::size_t table = 0; table < tables.size(); ++table) {
    for (const sql::Reference& it : tables[table].references) {
      if (it.table == table && it.on_delete == sql::OnChange::restricts) {
        return true;
      }
    }
  }
  return false;
}

bool may_draw(const sql::Statement& statement) {
  return statement.changes_rows() || statement.text.find("nextval") != std::string::npos ||
         statement.text.find("uuid") != std::string::npos;
}

}  // namespace

sql::Value value_there(const PgText& text, sql::Type type, const sql::Schema& schema,
                       Numbers numbers) {
  if (!text) {
    return sql::Value::null(type);
  }
  if (type == sql::Type::nothing) {  // void: nothing, and not NULL
    return sql::Value::of(type, std::string());
  }
  std::optional<sql::Value> value = sql::from_text(type, *text);
  if (!value) {
    throw DriverError(fmt::format("PostgreSQL answers '{}', which is no {} that can be compared",
                                  *text, sql::name_of(type)));
  }
  return marked(std::move(*value), schema, numbers);
}

std::string name_there(const PgRun& run, const sql::Table& table) {
  return fmt::format("{}.{}", parse::quoted_name(parse::schema_on_server(run.name(), table.schema)),
                     parse::quoted_name(table.name));
}

PgStart::PgStart(PgConnection& line, const PgRun& run, const ScriptSetup& setup, Numbers numbers)
    : setup_(setup), numbers_(numbers) {
  const std::string own = parse::schema_on_server(run.name(), "racelab");
  const std::vector<bool> changes = changed_tables(setup);
  const bool restricts = restricts_itself(setup.schema->tables);
  for (std::size_t table = 0; table < changes.size(); ++table) {
    const std::string copy = fmt::format("{}.start_{}", own, table);
    const std::string name = name_there(run, setup.schema->tables[table]);
    line.run(
        fmt::format("create table {0} as select * from {1}; alter table {1} set "
                    "(autovacuum_enabled = false)",
                    copy, name));
    tables_.push_back(
        {.show = fmt::format("select * from {}", name),
         .empty = fmt::format("truncate {} cascade;", name),
         .remove = restricts ? fmt::format("truncate {} cascade", name)
                             : fmt::format("delete from {}", name),
         .fill = fmt::format("insert into {} overriding system value select * from {}", name, copy),
         .changes = changes[table]});
    rows_.push_back(rows_of(line.run(tables_.back().show).front(), table));
  }
  const std::vector<PgAnswer> sequences = line.run(
      fmt::format("select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = "
                  "relnamespace where relkind = 'S' and (nspname = '{0}' or starts_with(nspname, "
                  "'{0}_')) and nspname <> '{1}' order by c.oid",
                  run.name(), own));
  const auto& rows = sequences.front().rows;
  if (rows.size() != setup.schema->sequences.size()) {
    throw DriverError(fmt::format("the setup makes {} sequences on PostgreSQL, and {} in the store",
                                  rows.size(), setup.schema->sequences.size()));
  }
  std::int64_t at = 0;
  for (const auto& row : rows) {
    at += million;
    keep_sequence(line, *row.front(), numbers == Numbers::in_millions ? at : 0);
  }
  keep_sequence(line, own + ".uuids", 0);
}

void PgStart::keep_sequence(PgConnection& line, const std::string& name, std::int64_t from) {
  std::string value = std::to_string(from);
  std::string called = "f";
  if (from == 0) {
    const auto row = line.run("select last_value, is_called from " + name).front().rows.front();
    value = *row[0];
    called = *row[1];
  }
  sequences_.push_back(fmt::format("select setval('{}', {}, '{}')", name, value, called));
}

void PgStart::note(const sql::Statement& statement) {
  if (may_draw(statement)) {
    draws_ = true;
    stands_ = false;
  }
  if (statement.changes_rows()) {
    std::vector<bool> changed(tables_.size());
    mark_changed(statement, changed);
    for (std::size_t table = 0; table < tables_.size(); ++table) {
      tables_[table].changed = tables_[table].changed || changed[table];
    }
  }
}

// A table names only those before it.
void PgStart::queue_reset(PgConnection& line) {
  std::vector<bool> changed;
  for (Kept& it : tables_) {
    changed.push_back(it.changed);
    it.changed = false;
  }
  mark_cascades(*setup_.schema, changed);
  for (std::size_t table = changed.size(); table-- > 0;) {
    if (changed[table]) {
      line.queue(tables_[table].remove, {});
    }
  }
  for (std::size_t table = 0; table < changed.size(); ++table) {
    if (changed[table]) {
      line.queue(tables_[table].fill, {});
    }
  }
  if (draws_) {
    for (const std::string& it : sequences_) {
      line.queue(it, {});
    }
  }
  draws_ = false;
  stands_ = true;
}

void PgStart::empty(PgConnection& line) {
  std::string statements;
  for (Kept& it : tables_) {
    if (it.changes) {
      statements += it.empty;
      it.changed = true;
    }
  }
  line.run(statements);
  draws_ = true;
  stands_ = false;
}

std::vector<sql::Values> PgStart::rows_of(const PgAnswer& answer, std::size_t table) const {
  std::vector<sql::Values> rows;
  for (const std::vector<PgText>& row : answer.rows) {
    sql::Values& values = rows.emplace_back();
    for (std::size_t column = 0; column < row.size(); ++column) {
      values.push_back(value_there(row[column], setup_.schema->tables[table].columns[column].type,
                                   *setup_.schema, numbers_));
    }
  }
  sort_rows(rows);
  return rows;
}

std::vector<std::vector<sql::Values>> PgStart::contents(PgConnection& line) const {
  std::vector<std::vector<sql::Values>> all = rows_;
  std::vector<std::size_t> asked;
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    if (tables_[table].changes) {
      line.queue(tables_[table].show, {});
      asked.push_back(table);
    }
  }
  if (asked.empty()) {
    return all;
  }
  line.send();
  const std::vector<PgAnswer> answers = line.receive_each();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    all[asked[i]] = rows_of(answers[i], asked[i]);
  }
  return all;
}

}  // namespace racelab::drivers
