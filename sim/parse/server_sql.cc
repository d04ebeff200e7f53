// Lists of what may be sent, and the walks through the tree.
#include "sim/parse/server_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "sim/parse/lexer.h"
#include "sim/parse/tree.h"

namespace racelab::parse {

namespace {

// Statements, and what they are made of. SET and DefElem are looked into.
constexpr std::array<std::string_view, 46> kinds{
    {"A_ArrayExpr", "A_Const",        "A_Expr",
     "A_Star",      "BoolExpr",       "BooleanTest",
     "CaseExpr",    "CaseWhen",       "CoalesceExpr",
     "ColumnDef",   "ColumnRef",      "CommonTableExpr",
     "Constraint",  "CreateSeqStmt",  "CreateSchemaStmt",
     "CreateStmt",  "DefElem",        "DeleteStmt",
     "Float",       "FuncCall",       "IndexElem",
     "IndexStmt",   "InsertStmt",     "Integer",
     "JoinExpr",    "List",           "LockingClause",
     "MinMaxExpr",  "MultiAssignRef", "NullTest",
     "ParamRef",    "RangeSubselect", "RangeVar",
     "ResTarget",   "RowExpr",        "SQLValueFunction",
     "SelectStmt",  "SetToDefault",   "SortBy",
     "String",      "SubLink",        "TransactionStmt",
     "TypeCast",    "UpdateStmt",     "VariableSetStmt",
     "Boolean"}};

// Their parts. What is missing here has no business on a server that holds other data: intoClause, tablespacename, inhRelations,
// partspec, ofTypename, catalogname, authrole, schemaElts, collClause, opclass, concurrent, …
constexpr std::array<std::string_view, 108> parts{{"accessMethod",
                                                   "action",
                                                   "agg_distinct",
                                                   "agg_star",
                                                   "alias",
                                                   "aliasname",
                                                   "all",
                                                   "arg",
                                                   "args",
                                                   "arrayBounds",
                                                   "booltesttype",
                                                   "boolop",
                                                   "boolval",
                                                   "colname",
                                                   "colnames",
                                                   "colno",
                                                   "cols",
                                                   "conname",
                                                   "constraints",
                                                   "contype",
                                                   "ctematerialized",
                                                   "ctename",
                                                   "ctequery",
                                                   "ctes",
                                                   "defaction",
                                                   "defname",
                                                   "defresult",
                                                   "distinctClause",
                                                   "elements",
                                                   "expr",
                                                   "fields",
                                                   "fk_attrs",
                                                   "fk_del_action",
                                                   "fk_matchtype",
                                                   "fk_upd_action",
                                                   "fromClause",
                                                   "funcformat",
                                                   "funcname",
                                                   "fval",
                                                   "generated_when",
                                                   "groupClause",
                                                   "havingClause",
                                                   "idxname",
                                                   "if_not_exists",
                                                   "indexElems",
                                                   "indexParams",
                                                   "infer",
                                                   "inh",
                                                   "initially_valid",
                                                   "is_local",
                                                   "isnull",
                                                   "items",
                                                   "ival",
                                                   "jointype",
                                                   "keys",
                                                   "kind",
                                                   "larg",
                                                   "lateral",
                                                   "lexpr",
                                                   "limitCount",
                                                   "limitOffset",
                                                   "limitOption",
                                                   "location",
                                                   "lockedRels",
                                                   "lockingClause",
                                                   "name",
                                                   "names",
                                                   "ncolumns",
                                                   "node",
                                                   "nulls_ordering",
                                                   "nulltesttype",
                                                   "number",
                                                   "onConflictClause",
                                                   "oncommit",
                                                   "op",
                                                   "operName",
                                                   "options",
                                                   "ordering",
                                                   "override",
                                                   "pk_attrs",
                                                   "pktable",
                                                   "quals",
                                                   "rarg",
                                                   "raw_expr",
                                                   "relation",
                                                   "relname",
                                                   "relpersistence",
                                                   "result",
                                                   "returningList",
                                                   "rexpr",
                                                   "row_format",
                                                   "savepoint_name",
                                                   "schemaname",
                                                   "selectStmt",
                                                   "sequence",
                                                   "sortClause",
                                                   "sortby_dir",
                                                   "sortby_nulls",
                                                   "source",
                                                   "strength",
                                                   "subLinkType",
                                                   "subquery",
                                                   "subselect",
                                                   "sval",
                                                   "tableElts",
                                                   "targetList",
                                                   "testexpr",
                                                   "typeName"}};
constexpr std::array<std::string_view, 12> more_parts{
    {"typmod", "typemod", "typmods", "unique", "usingClause", "val", "valuesLists", "waitPolicy",
     "whereClause", "withClause", "isNatural", "is_not_null"}};

// Functions, all by their bare names: the run's own stand before the server's (the clock, advisory keys).
constexpr std::array<std::string_view, 23> functions{{"abs",
                                                      "lower",
                                                      "upper",
                                                      "length",
                                                      "char_length",
                                                      "now",
                                                      "transaction_timestamp",
                                                      "clock_timestamp",
                                                      "gen_random_uuid",
                                                      "pg_advisory_lock",
                                                      "pg_advisory_xact_lock",
                                                      "pg_try_advisory_lock",
                                                      "pg_try_advisory_xact_lock",
                                                      "pg_advisory_unlock",
                                                      "nextval",
                                                      "currval",
                                                      "count",
                                                      "sum",
                                                      "min",
                                                      "max",
                                                      "bool_or",
                                                      "bool_and",
                                                      "every"}};

constexpr std::array<std::string_view, 15> types{
    {"int2", "int4", "int8", "bool", "text", "varchar", "timestamptz", "interval", "uuid",
     "smallserial", "serial2", "serial", "serial4", "bigserial", "serial8"}};

constexpr std::array<std::string_view, 4> options{
    {"transaction_isolation", "transaction_read_only", "start", "increment"}};
constexpr std::array<std::string_view, 2> local_settings{{"lock_timeout", "statement_timeout"}};
constexpr std::array<std::string_view, 2> refused_transactions{
    {"TRANS_STMT_PREPARE", "TRANS_STMT_COMMIT_PREPARED"}};
constexpr std::string_view rollback_prepared = "TRANS_STMT_ROLLBACK_PREPARED";

// PostgreSQL's names have 63 bytes, and "racelab_1a2b3c_" stands before these.
constexpr std::size_t schema_letters_max = 48;

template <typename List>
bool on(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view without_public(std::string_view schema) {
  return schema == "public" ? "" : schema;
}

class Check {
 public:
  Check(const Source& source, const sql::Schema& created) : source_(source), created_(created) {}

  void statement(const ParsedStatement& one) {
    at_ = one.offset;
    node(one.tree);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw source_.problem(at_, what + ": racelab asks no server that holds other data for that");
  }

  void node(const Json& json) {
    if (json.is_array()) {
      for (const Json& one : json.as_array()) {
        node(one);
      }
    } else if (json.is_object()) {
      body("", json.as_object());
    }
  }

  void body(std::string_view kind, const Object& it) {
    if (const Json* place = member(it, "location"); place != nullptr && place->is_int64()) {
      at_ = static_cast<std::size_t>(std::max(place->as_int64(), std::int64_t{0}));
    }
    look_at(kind, it);
    const std::size_t outer = commons_.size();
    if (const Json* with = member(it, "withClause")) {
      for (const Json& one : list_of(with->as_object(), "ctes")) {
        node(one);
        commons_.push_back(text_of(body_of(one), "ctename"));
      }
      if (member(with->as_object(), "recursive") != nullptr) {
        refuse("WITH RECURSIVE");
      }
    }
    for (const auto& [key, value] : it) {
      const std::string_view name(key.data(), key.size());
      if (std::isupper(static_cast<unsigned char>(name.front())) != 0) {
        if (!on(kinds, name)) {
          refuse(std::string(name));
        }
        body(name, value.as_object());
      } else if (!on(parts, name) && !on(more_parts, name)) {
        refuse(fmt::format("'{}' in {}", name, kind.empty() ? "a statement" : kind));
      } else if (name == "relation" || name == "sequence" || name == "pktable") {
        relation(value.as_object(), false, name == "sequence");
      } else if (name != "withClause" && name != "lockedRels") {  // those name what FROM names
        node(value);
      }
    }
    commons_.resize(outer);
  }

  // What the lists say of one node.
  void look_at(std::string_view kind, const Object& it) {
    if (kind == "RangeVar") {
      relation(it, true, false);
    } else if (kind == "FuncCall") {
      function(it);
    } else if (kind == "A_Expr" && list_of(it, "name").size() != 1) {
      refuse("an operator of another schema");
    } else if (kind == "ColumnRef") {
      column(it);
    } else if (kind == "DefElem" && !on(options, text_of(it, "defname"))) {
      refuse(fmt::format("the option '{}'", text_of(it, "defname")));
    } else if (kind == "TransactionStmt") {
      const std::string word = text_of(it, "kind");
      if (on(refused_transactions, word) || word == rollback_prepared) {
        refuse("PREPARE TRANSACTION");
      }
    } else if (kind == "VariableSetStmt" &&
               (!flag_of(it, "is_local") || !on(local_settings, text_of(it, "name")))) {
      refuse(fmt::format("SET {}", text_of(it, "name")));
    } else if (kind == "CreateSchemaStmt") {
      schema(text_of(it, "schemaname"));
    } else if (kind == "SQLValueFunction" && text_of(it, "op") != "SVFOP_CURRENT_TIMESTAMP") {
      refuse("a value of the session");
    }
    if (const boost::json::array& names = list_of(it, "names"); !names.empty()) {
      const std::vector<std::string> name = names_of(names);
      if (name.size() > 2 || (name.size() == 2 && name.front() != "pg_catalog") ||
          !on(types, name.back())) {
        refuse(fmt::format("the type {}", name.back()));
      }
    }
  }

  void schema(const std::string& name) const {
    if (name.starts_with("pg_") || name == "racelab" || name == "information_schema") {
      refuse(fmt::format("a schema called {}", name));
    }
    if (name.size() > schema_letters_max) {
      refuse(fmt::format("a schema's name of more than {} letters", schema_letters_max));
    }
  }

  void relation(const Object& it, bool reads, bool is_sequence) const {
    const std::string name = text_of(it, "relname");
    const std::string written = text_of(it, "schemaname");
    const std::string schema(without_public(written));
    if (member(it, "catalogname") != nullptr) {
      refuse(fmt::format("a relation of the database {}", text_of(it, "catalogname")));
    }
    if (text_of(it, "relpersistence") == "t") {
      refuse("a temporary table");
    }
    if (reads && written.empty() && on(commons_, name)) {
      return;
    }
    const bool there =
        is_sequence ? (schema.empty() || on(created_.schemas, schema)) &&
                          std::any_of(created_.sequences.begin(), created_.sequences.end(),
                                      [&](const sql::Sequence& one) { return one.name == name; })
                    : std::any_of(created_.tables.begin(), created_.tables.end(),
                                  [&](const sql::Table& one) {
                                    return one.name == name && one.schema == schema;
                                  });
    if (!there) {
      refuse(fmt::format("{}{}{}, which the setup does not create", written,
                         written.empty() ? "" : ".", name));
    }
  }

  void function(const Object& it) const {
    const std::vector<std::string> name = names_of(list_of(it, "funcname"));
    if (name.size() != 1 || !on(functions, name.front())) {
      refuse(fmt::format("the function {}", fmt::join(name, ".")));
    }
    if (name.front() != "nextval" && name.front() != "currval") {
      return;
    }
    // The server reads the text as a name: one of the setup's, written plainly.
    const boost::json::array& given = list_of(it, "args");
    const Json* text = given.size() == 1 && kind_of(given.front()) == "A_Const"
                           ? member(body_of(given.front()), "sval")
                           : nullptr;
    const std::string sequence = text == nullptr ? "" : text_of(text->as_object(), "sval");
    const bool plain =
        is_name(sequence) && std::none_of(sequence.begin(), sequence.end(), [](unsigned char c) {
          return std::isupper(c) != 0 || c >= 0x80;
        });
    if (!plain || std::none_of(created_.sequences.begin(), created_.sequences.end(),
                               [&](const sql::Sequence& one) { return one.name == sequence; })) {
      refuse(fmt::format("{} of '{}'", name.front(), sequence));
    }
  }

  void column(const Object& it) const {
    const boost::json::array& fields = list_of(it, "fields");
    if (fields.size() < 3) {
      return;
    }
    const std::string schema = kind_of(fields.front()) == "String"
                                   ? text_of(body_of(fields.front()), "sval")
                                   : std::string();
    if (fields.size() > 3 ||
        (!without_public(schema).empty() && !on(created_.schemas, schema) && schema != "racelab")) {
      refuse(fmt::format("a column of the schema {}", schema));
    }
  }

  const Source& source_;
  const sql::Schema& created_;
  std::vector<std::string> commons_;  // names of WITH, as far as they can be seen
  std::size_t at_ = 0;
};

// A schema's name in the text, or a statement that is left out.
struct Change {
  std::size_t at = 0;
  std::size_t length = 0;
  std::string by;
};

class Renaming {
 public:
  Renaming(const std::string& text, std::string_view run) : text_(text), run_(run) {}

  std::string done() {
    std::vector<ParsedStatement> parsed;
    try {
      parsed = parse_sql(text_);
    } catch (const SyntaxError& error) {
      throw Source{"a statement", text_}.problem(error.offset, error.message);
    }
    for (const ParsedStatement& one : parsed) {
      if (kind_of(one.tree) == "CreateSchemaStmt") {
        changes_.push_back({one.offset, one.length, ""});
      } else {
        node(one.tree);
      }
    }
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.at < b.at; });
    std::string made;
    std::size_t at = 0;
    for (const Change& it : changes_) {
      if (it.at < at) {
        continue;  // a node that stands in the tree twice
      }
      made.append(text_, at, it.at - at);
      made += it.by;
      at = it.at + it.length;
    }
    return made.append(text_, at);
  }

 private:
  void node(const Json& json) {
    if (json.is_array()) {
      for (const Json& one : json.as_array()) {
        node(one);
      }
    } else if (json.is_object()) {
      const Object& it = json.as_object();
      if (const std::string schema = text_of(it, "schemaname"); !schema.empty()) {
        rename(schema, it);
      }
      if (const boost::json::array& fields = list_of(it, "fields"); fields.size() == 3) {
        rename(text_of(body_of(fields.front()), "sval"), it);
      }
      for (const auto& [key, value] : it) {
        node(value);
      }
    }
  }

  void rename(const std::string& schema, const Object& it) {
    const auto at = static_cast<std::size_t>(std::max(number_of(it, "location"), std::int64_t{0}));
    std::size_t end = at;
    std::string read;
    if (at < text_.size() && text_[at] == '"') {
      const auto closes = [this](std::size_t i) {
        return text_[i] == '"' && text_.compare(i, 2, "\"\"") != 0;
      };
      for (++end; end < text_.size() && !closes(end); ++end) {
        read += text_[end];
        end += text_[end] == '"' ? 1 : 0;
      }
      ++end;
    } else {
      while (end < text_.size() && (in_name(text_[end]) || text_[end] == '$')) {
        read += static_cast<char>(std::tolower(static_cast<unsigned char>(text_[end++])));
      }
    }
    if (read != schema) {
      throw Source{"a statement", text_}.problem(
          at, fmt::format("the schema's name {} must be written plainly", schema));
    }
    changes_.push_back({at, end - at, quoted_name(schema_on_server(run_, schema))});
  }

  const std::string& text_;
  std::string_view run_;
  std::vector<Change> changes_;
};

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string made = "\"";
  for (const char c : name) {
    made += c == '"' ? "\"\"" : std::string(1, c);
  }
  return made + '"';
}

std::string schema_on_server(std::string_view run, std::string_view schema) {
  const std::string_view name = without_public(schema);
  return name.empty() ? std::string(run) : fmt::format("{}_{}", run, name);
}

void check_for_server(const Source& source, const sql::Schema& created) {
  std::vector<ParsedStatement> parsed;
  try {
    parsed = parse_sql(source.text);
  } catch (const SyntaxError& error) {
    throw source.problem(error.offset, error.message);
  }
  Check check(source, created);
  for (const ParsedStatement& one : parsed) {
    check.statement(one);
  }
}

std::string on_server(const std::string& text, std::string_view run) {
  return Renaming(text, run).done();
}

}  // namespace racelab::parse
