// CREATE TABLE and what goes with it; the files setup.sql and check.sql.
#include <algorithm>
#include <charconv>

#include "sim/parse/binder.h"

namespace racelab::parse {

using sql::Expression;

namespace {

std::size_t located(const Object& body) {
  return static_cast<std::size_t>(std::max(number_of(body, "location"), std::int64_t{0}));
}

constexpr const char* deferrable =
    "DEFERRABLE (leave it out: keys are checked row by row, references at the statement's end)";

// What it is called, and the way out where there is one.
std::string refused_constraint(const std::string& kind) {
  return kind == "CONSTR_EXCLUSION"
             ? "EXCLUDE (a unique key for each piece, or a lock on what the rows belong to)"
         : kind == "CONSTR_GENERATED" ? "a generated column (write it in each statement)"
         : kind.find("CONSTR_ATTR") != std::string::npos ? deferrable
                                                         : "this constraint (" + kind + ')';
}

// Reads one setup, statement by statement: each may name what those before it have created.
class SetupReader {
 public:
  SetupReader(const Source& source, sql::Schema& schema) : source_(source), schema_(schema) {}

  std::vector<sql::Statement> read() {
    std::vector<ParsedStatement> parsed;
    try {
      parsed = parse_sql(source_.text);
    } catch (const SyntaxError& error) {
      throw syntax_problem(source_, error, error.offset);
    }
    for (const ParsedStatement& one : parsed) {
      const std::string_view kind = kind_of(one.tree);
      const Object& body = body_of(one.tree);
      at_ = first_token(source_.text, one.offset);
      if (kind == "CreateStmt") {
        create_table(body);
      } else if (kind == "IndexStmt") {
        create_index(body);
      } else if (kind == "CreateSeqStmt") {
        sequence(text_of(body.at("sequence").as_object(), "relname"), list_of(body, "options"));
      } else if (kind == "VacuumStmt" || drops_nothing(one.tree)) {
        continue;  // it changes no answer
      } else if (kind == "CreateSchemaStmt") {
        schema_.schemas.push_back(text_of(body, "schemaname"));
      } else {
        Binder binder(schema_, source_);
        ParsedStatement here = one;
        here.offset = at_;
        sql::Statement made =
            binder.statement(here, source_.text.substr(at_, one.length - (at_ - one.offset)));
        if (made.kind >= sql::Statement::Kind::begin) {
          throw source_.problem(at_, "the setup runs by itself; it needs no " + made.text);
        }
        if (!made.parameters.empty()) {
          throw source_.problem(at_, "the setup has no variables");
        }
        made.line = source_.line_of(at_);
        statements_.push_back(std::move(made));
      }
    }
    return std::move(statements_);
  }

 private:
  Problem not_modelled(std::size_t at, const std::string& what) const {
    return source_.problem(at, what + " is not modelled; `racelab list sql` shows what is");
  }

  // DROP TABLE IF EXISTS of what the setup has not made: it starts with an empty database.
  [[nodiscard]] bool drops_nothing(const Json& tree) const {
    if (kind_of(tree) != "DropStmt") {
      return false;
    }
    const Object& body = body_of(tree);
    const auto is_there = [this](const Json& object) {
      const std::string name = names_of(list_of(body_of(object), "items")).back();
      return std::any_of(schema_.tables.begin(), schema_.tables.end(),
                         [&name](const sql::Table& table) { return table.name == name; });
    };
    const auto& objects = list_of(body, "objects");
    return flag_of(body, "missing_ok") && text_of(body, "removeType") == "OBJECT_TABLE" &&
           std::none_of(objects.begin(), objects.end(), is_there);
  }

  void create_table(const Object& body) {
    const Object& range = body.at("relation").as_object();
    sql::Table table;
    table.schema = text_of(range, "schemaname");
    table.name = text_of(range, "relname");
    if (table.schema == "public") {
      table.schema.clear();
    }
    if (!table.schema.empty() && std::find(schema_.schemas.begin(), schema_.schemas.end(),
                                           table.schema) == schema_.schemas.end()) {
      throw source_.problem(located(range), "schema \"" + table.schema + "\" does not exist");
    }
    for (const sql::Table& other : schema_.tables) {
      if (other.full_name() == table.full_name()) {
        throw source_.problem(located(range),
                              "relation \"" + table.full_name() + "\" already exists");
      }
    }
    if (!list_of(body, "inhRelations").empty() || member(body, "partspec") != nullptr) {
      throw not_modelled(located(range), "INHERITS or PARTITION BY");
    }
    for (const Json& element : list_of(body, "tableElts")) {
      if (kind_of(element) == "ColumnDef") {
        column(body_of(element), table);
      }
    }
    number_ = static_cast<std::uint16_t>(schema_.tables.size());
    schema_.tables.push_back(std::move(table));
    for (const Json& element : list_of(body, "tableElts")) {
      const Object& part = body_of(element);
      if (kind_of(element) == "Constraint") {
        constraint(part, {});
      } else if (kind_of(element) == "ColumnDef") {
        for (const Json& one : list_of(part, "constraints")) {
          constraint(body_of(one), text_of(part, "colname"));
        }
      } else {
        throw not_modelled(located(part), "LIKE in CREATE TABLE (write its columns)");
      }
    }
  }

  void column(const Object& body, sql::Table& table) {
    sql::Column made;
    made.name = text_of(body, "colname");
    const Object& type = body.at("typeName").as_object();
    const std::string name = names_of(list_of(type, "names")).back();
    const bool serial = name == "smallserial" || name == "serial2" || name == "serial" ||
                        name == "serial4" || name == "bigserial" || name == "serial8";
    if (serial) {
      made.type = name.starts_with("small") || name.ends_with('2') ? sql::Type::smallint
                  : name.starts_with("big") || name.ends_with('8') ? sql::Type::bigint
                                                                   : sql::Type::integer;
    } else {
      const Binder::WrittenType written = Binder(schema_, source_).type_of(type);
      made.type = written.type;
      made.letters_max = written.letters_max;
    }
    if (serial) {
      made.not_null = true;
      made.standard = next_of(sequence(table.name + '_' + made.name + "_seq", {}), made.type);
    }
    for (const Json& one : list_of(body, "constraints")) {
      const Object& part = body_of(one);
      const std::string kind = text_of(part, "contype");
      if (kind == "CONSTR_NOTNULL" || kind == "CONSTR_PRIMARY") {
        made.not_null = true;
      } else if (kind == "CONSTR_IDENTITY") {
        made.not_null = true;
        made.always = text_of(part, "generated_when") == "a";
        made.standard = next_of(
            sequence(table.name + '_' + made.name + "_seq", list_of(part, "options")), made.type);
      } else if (kind == "CONSTR_DEFAULT") {
        Binder binder(schema_, source_);
        made.standard = binder.constant(part.at("raw_expr"), made.type);
      } else if (kind == "CONSTR_GENERATED") {
        throw not_modelled(located(part), "a generated column");
      }
    }
    for (const sql::Column& other : table.columns) {
      if (other.name == made.name) {
        throw source_.problem(located(body),
                              "column \"" + made.name + "\" specified more than once");
      }
    }
    table.columns.push_back(std::move(made));
  }

  std::uint16_t sequence(const std::string& name, const boost::json::array& options) {
    sql::Sequence made;
    made.name = name;
    bool starts = false;
    for (const Json& option : options) {
      const Object& one = body_of(option);
      const std::string what = text_of(one, "defname");
      const Json* value = member(one, "arg");
      std::int64_t number = value == nullptr ? 0 : number_of(body_of(*value), "ival");
      const std::string digits = value == nullptr ? "" : text_of(body_of(*value), "fval");
      if (!digits.empty()) {  // more than 32 bits hold
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || end != digits.data() + digits.size()) {
          throw source_.problem(located(one), "a sequence counts in bigint, and not to " + digits);
        }
      } else if (number == 0) {
        number = missing_number(source_.text, located(one));
      }
      if (what == "start") {
        made.start = number;
        starts = true;
      } else if (what == "increment" && number != 0) {
        made.increment = number;
      } else {
        throw not_modelled(located(one), "this option of a sequence");
      }
    }
    if (!starts && made.increment < 0) {
      made.start = -1;
    }
    if (made.increment > 0 ? made.start < 1 : made.start > -1) {
      throw source_.problem(at_,
                            "a sequence that counts up starts at 1 or above, one that counts "
                            "down at -1 or below");
    }
    schema_.sequences.push_back(made);
    return static_cast<std::uint16_t>(schema_.sequences.size() - 1);
  }

  static Expression next_of(std::uint16_t sequence, sql::Type type) {
    Expression made;
    made.kind = Expression::Kind::call;
    made.function = sql::Function::nextval;
    made.type = type;
    made.index = sequence;
    return made;
  }

  std::uint16_t column_of(std::uint16_t table, const std::string& name, std::size_t at) const {
    const std::vector<sql::Column>& columns = schema_.tables[table].columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == name) {
        return static_cast<std::uint16_t>(i);
      }
    }
    throw source_.problem(at, "column \"" + name + "\" does not exist");
  }

  std::vector<std::uint16_t> columns_of(std::uint16_t table, const boost::json::array& list,
                                        const std::string& alone, std::size_t at) const {
    std::vector<std::uint16_t> columns;
    for (const std::string& name : names_of(list)) {
      columns.push_back(column_of(table, name, at));
    }
    if (columns.empty() && !alone.empty()) {
      columns.push_back(column_of(table, alone, at));
    }
    return columns;
  }

  // As PostgreSQL names what nobody has named.
  std::string named(const Object& body, const std::vector<std::uint16_t>& columns,
                    const std::string& ending) const {
    std::string name = text_of(body, "conname");
    if (name.empty()) {
      name = schema_.tables[number_].name;
      for (const std::uint16_t column : columns) {
        name += '_' + schema_.tables[number_].columns[column].name;
      }
      name += ending;
    }
    return name;
  }

  void constraint(const Object& body, const std::string& alone) {
    const std::string kind = text_of(body, "contype");
    sql::Table& table = schema_.tables[number_];
    const std::size_t at = located(body);
    if (flag_of(body, "nulls_not_distinct")) {
      throw not_modelled(at, "NULLS NOT DISTINCT");
    }
    if (kind == "CONSTR_PRIMARY" || kind == "CONSTR_UNIQUE") {
      sql::UniqueKey key;
      key.columns = columns_of(number_, list_of(body, "keys"), alone, at);
      key.primary = kind == "CONSTR_PRIMARY";
      key.name = named(body, key.primary ? std::vector<std::uint16_t>{} : key.columns,
                       key.primary ? "_pkey" : "_key");
      if (key.primary && std::any_of(table.keys.begin(), table.keys.end(),
                                     [](const sql::UniqueKey& other) { return other.primary; })) {
        throw source_.problem(
            at, "multiple primary keys for table \"" + table.name + "\" are not allowed");
      }
      for (const std::uint16_t column : key.columns) {
        table.columns[column].not_null = table.columns[column].not_null || key.primary;
      }
      // PostgreSQL makes the primary key's index first, wherever it stands.
      table.keys.insert(key.primary ? table.keys.begin() : table.keys.end(), std::move(key));
    } else if (kind == "CONSTR_CHECK") {
      Binder binder(schema_, source_);
      std::vector<std::uint16_t> columns;
      if (!alone.empty()) {
        columns.push_back(column_of(number_, alone, at));
      }
      table.checks.push_back({named(body, columns, "_check"),
                              binder.condition(body.at("raw_expr"), number_, "check constraint")});
    } else if (kind == "CONSTR_FOREIGN") {
      reference(body, alone, at);
    } else if (kind != "CONSTR_NOTNULL" && kind != "CONSTR_DEFAULT" && kind != "CONSTR_IDENTITY" &&
               kind != "CONSTR_NULL") {
      throw not_modelled(at, refused_constraint(kind));
    }
    if (flag_of(body, "deferrable")) {
      throw not_modelled(at, deferrable);
    }
  }

  sql::OnChange action(const Object& body, const char* when, std::size_t at) const {
    const std::string what = text_of(body, when);
    if (what == "d" || !list_of(body, "fk_del_set_cols").empty()) {
      throw not_modelled(at, "SET DEFAULT, or SET NULL of some columns");
    }
    return what == "r"   ? sql::OnChange::restricts
           : what == "c" ? sql::OnChange::cascades
           : what == "n" ? sql::OnChange::sets_null
                         : sql::OnChange::no_action;
  }

  void reference(const Object& body, const std::string& alone, std::size_t at) {
    sql::Reference made;
    made.columns = columns_of(number_, list_of(body, "fk_attrs"), alone, at);
    made.on_delete = action(body, "fk_del_action", at);
    made.on_update = action(body, "fk_upd_action", at);
    const Object& range = body.at("pktable").as_object();
    const std::string name = text_of(range, "relname");
    const std::string schema = text_of(range, "schemaname");
    const auto found =
        std::find_if(schema_.tables.begin(), schema_.tables.end(), [&](const sql::Table& table) {
          return table.name == name && table.schema == (schema == "public" ? "" : schema);
        });
    if (found == schema_.tables.end()) {
      throw source_.problem(located(range), "relation \"" + name + "\" does not exist");
    }
    made.table = static_cast<std::uint16_t>(found - schema_.tables.begin());
    made.to = columns_of(made.table, list_of(body, "pk_attrs"), "", at);
    for (const sql::UniqueKey& key : found->keys) {
      if (made.to.empty() && key.primary) {
        made.to = key.columns;
      }
    }
    const bool unique = std::any_of(
        found->keys.begin(), found->keys.end(),
        [&made](const sql::UniqueKey& key) { return !key.where && key.columns == made.to; });
    if (!unique || made.to.size() != made.columns.size()) {
      throw source_.problem(at,
                            "there is no unique constraint matching given keys for referenced "
                            "table \"" +
                                name + '"');
    }
    made.name = named(body, made.columns, "_fkey");
    schema_.tables[number_].references.push_back(std::move(made));
  }

  void create_index(const Object& body) {
    const Object& range = body.at("relation").as_object();
    const std::string name = text_of(range, "relname");
    const auto found =
        std::find_if(schema_.tables.begin(), schema_.tables.end(),
                     [&name](const sql::Table& table) { return table.name == name; });
    if (found == schema_.tables.end()) {
      throw source_.problem(located(range), "relation \"" + name + "\" does not exist");
    }
    if (!flag_of(body, "unique")) {
      return;  // it changes no answer
    }
    if (flag_of(body, "nulls_not_distinct")) {
      throw not_modelled(located(range), "NULLS NOT DISTINCT");
    }
    number_ = static_cast<std::uint16_t>(found - schema_.tables.begin());
    sql::UniqueKey key;
    key.name = text_of(body, "idxname");
    for (const Json& element : list_of(body, "indexParams")) {
      const std::string column = text_of(body_of(element), "name");
      if (column.empty()) {
        throw not_modelled(located(range), "an index on an expression");
      }
      key.columns.push_back(column_of(number_, column, located(range)));
    }
    if (key.name.empty()) {
      key.name = named({}, key.columns, "_idx");
    }
    if (const Json* where = member(body, "whereClause")) {
      Binder binder(schema_, source_);
      key.where = binder.condition(*where, number_, "index predicate");
    }
    found->keys.push_back(std::move(key));
  }

  const Source& source_;
  sql::Schema& schema_;
  std::vector<sql::Statement> statements_;
  std::uint16_t number_ = 0;  // of the table at hand
  std::size_t at_ = 0;
};

}  // namespace

std::size_t first_token(const std::string& text, std::size_t at) {
  while (true) {
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    const bool line = text.compare(at, 2, "--") == 0;
    const bool block = text.compare(at, 2, "/*") == 0;
    if (!line && !block) {
      return at;
    }
    at = std::min(text.find(line ? "\n" : "*/", at), text.size());
    at += block && at < text.size() ? 2 : 0;
  }
}

std::vector<sql::Statement> read_setup(const Source& source, sql::Schema& schema) {
  return SetupReader(source, schema).read();
}

std::vector<CheckStatement> read_checks(const Source& source, const sql::Schema& schema) {
  std::vector<ParsedStatement> parsed;
  try {
    parsed = parse_sql(source.text);
  } catch (const SyntaxError& error) {
    throw syntax_problem(source, error, error.offset);
  }
  std::vector<CheckStatement> checks;
  for (const ParsedStatement& one : parsed) {
    CheckStatement& check = checks.emplace_back();
    // The comment before it is the sentence.
    std::size_t at = one.offset;
    while (at < source.text.size()) {
      at = source.text.find_first_not_of(" \t\r\n", at);
      if (at == std::string::npos || source.text.compare(at, 2, "--") != 0) {
        break;
      }
      const std::size_t end = std::min(source.text.find('\n', at), source.text.size());
      const std::size_t from = source.text.find_first_not_of("- \t", at);
      if (from < end) {
        check.sentence +=
            (check.sentence.empty() ? "" : " ") + source.text.substr(from, end - from);
      }
      at = end;
    }
    at = std::min(at, source.text.size());
    Binder binder(schema, source);
    check.statement = binder.statement(one, source.text.substr(at, one.offset + one.length - at));
    check.statement.line = source.line_of(at);
    const auto& answers = check.statement.answers();
    if (check.statement.kind != sql::Statement::Kind::select || answers.size() != 1 ||
        answers.front().expression.type != sql::Type::boolean) {
      throw source.problem(at, "a check is a SELECT that answers one boolean");
    }
    if (!check.statement.parameters.empty()) {
      throw source.problem(at, "a check has no variables");
    }
    for (char& c : check.sentence) {  // nothing that a terminal would take for a command
      c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    if (check.sentence.empty()) {
      check.sentence = check.statement.text;
    }
  }
  return checks;
}

}  // namespace racelab::parse
