// Statements: SELECT, the words of transactions, and which of the others it is.
#include <algorithm>
#include <utility>

#include "sim/parse/binder.h"

namespace racelab::parse {

using sql::Expression;

namespace {

bool names_a_row(const Expression& expression) {
  return expression.kind == Expression::Kind::column ||
         expression.kind == Expression::Kind::aggregate ||
         (expression.select && expression.select->correlated) ||
         std::any_of(expression.arguments.begin(), expression.arguments.end(), names_a_row);
}

// What it is called, and the way out where there is one.
std::string refused_statement(std::string_view kind) {
  struct Refused {
    std::string_view kind;
    std::string_view words;
  };
  static constexpr Refused all[] = {
      {"AlterTableStmt", "ALTER TABLE (write what it adds into CREATE TABLE)"},
      {"CreateEnumStmt", "CREATE TYPE … AS ENUM (a text column with a CHECK says the same)"},
      {"CreateDomainStmt", "CREATE DOMAIN (a column with a CHECK says the same)"},
      {"ViewStmt", "CREATE VIEW (write its SELECT where it is read)"},
      {"CreateFunctionStmt", "CREATE FUNCTION (write its statements into the endpoint)"},
      {"CreateTrigStmt", "CREATE TRIGGER (write its statements into the endpoint)"},
      {"CreateExtensionStmt", "CREATE EXTENSION (leave it out)"},
      {"CommentStmt", "COMMENT (leave it out)"},
      {"GrantStmt", "GRANT (leave it out)"},
      {"AlterOwnerStmt", "ALTER … OWNER (leave it out)"},
      {"DropStmt", "DROP (the setup starts with an empty database: leave it out)"},
      {"VariableSetStmt",
       "SET (a level stands in BEGIN ISOLATION LEVEL, a timeout is the setting lock-timeout)"},
      {"LockStmt", "LOCK TABLE (rows can be locked, with SELECT … FOR UPDATE)"},
      {"TruncateStmt", "TRUNCATE (DELETE without WHERE does the same)"},
      {"MergeStmt", "MERGE (INSERT … ON CONFLICT is)"}};
  for (const Refused& it : all) {
    if (it.kind == kind) {
      return std::string(it.words);
    }
  }
  return "this statement";
}

}  // namespace

Problem syntax_problem(const Source& source, const SyntaxError& error, std::size_t offset) {
  return source.problem(offset, error.message);
}

sql::Statement Binder::statement(const ParsedStatement& parsed, const std::string& text) {
  levels_.clear();
  commons_.clear();
  changing_.clear();
  parameters_.clear();
  parameter_at_.clear();
  top_ = true;
  sql::Statement made;
  const std::string_view kind = kind_of(parsed.tree);
  const Object& body = body_of(parsed.tree);
  if (kind == "TransactionStmt") {
    made = transaction(body);
  } else if (kind == "SelectStmt") {
    made.kind = sql::Statement::Kind::select;
    made.select = select(body);
  } else if (kind == "InsertStmt" || kind == "UpdateStmt" || kind == "DeleteStmt") {
    made = changing(kind, body);
  } else {
    throw not_modelled(parsed.offset, refused_statement(kind));
  }
  made.with = changing_;
  std::replace(parameters_.begin(), parameters_.end(), sql::Type::unknown, sql::Type::text);
  made.parameters = parameters_;
  made.text = text;
  return made;
}

// INSERT, UPDATE, DELETE: a statement, or one in WITH.
sql::Statement Binder::changing(std::string_view kind, const Object& body) {
  sql::Statement made;
  if (kind == "InsertStmt") {
    made.kind = sql::Statement::Kind::insert;
    made.insert = insert(body, made.returning);
  } else if (kind == "UpdateStmt") {
    made.kind = sql::Statement::Kind::update;
    made.update = update(body, made.returning);
  } else {
    made.kind = sql::Statement::Kind::remove;
    made.remove = remove(body, made.returning);
  }
  return made;
}

sql::Statement Binder::transaction(const Object& body) {
  sql::Statement made;
  const std::string kind = text_of(body, "kind");
  made.savepoint = text_of(body, "savepoint_name");
  if (flag_of(body, "chain")) {
    throw not_modelled(0, "AND CHAIN");
  }
  if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") {
    made.kind = sql::Statement::Kind::begin;
    for (const Json& option : list_of(body, "options")) {
      const Object& one = body_of(option);
      const std::string name = text_of(one, "defname");
      if (name == "transaction_read_only") {
        const Json* set = member(body_of(one.at("arg")), "ival");
        if (set != nullptr && number_of(set->as_object(), "ival") != 0) {
          throw not_modelled(location(one),
                             "READ ONLY (leave it out: a transaction that only reads is one)");
        }
        continue;
      }
      if (name != "transaction_isolation") {
        throw not_modelled(location(one), "DEFERRABLE in BEGIN (leave it out)");
      }
      const std::string level = text_of(body_of(one.at("arg")).at("sval").as_object(), "sval");
      made.isolation = level == "serializable"      ? sql::Isolation::serializable
                       : level == "repeatable read" ? sql::Isolation::repeatable_read
                                                    : sql::Isolation::read_committed;
    }
  } else if (kind == "TRANS_STMT_COMMIT") {
    made.kind = sql::Statement::Kind::commit;
  } else if (kind == "TRANS_STMT_ROLLBACK") {
    made.kind = sql::Statement::Kind::rollback;
  } else if (kind == "TRANS_STMT_SAVEPOINT") {
    made.kind = sql::Statement::Kind::savepoint;
  } else if (kind == "TRANS_STMT_RELEASE") {
    made.kind = sql::Statement::Kind::release;
  } else if (kind == "TRANS_STMT_ROLLBACK_TO") {
    made.kind = sql::Statement::Kind::rollback_to;
  } else {
    throw not_modelled(0, "this transaction statement");
  }
  return made;
}

std::optional<Expression> Binder::where(const Object& body) {
  const Json* node = member(body, "whereClause");
  return node == nullptr ? std::nullopt : std::optional(boolean(*node, "WHERE"));
}

std::vector<sql::Target> Binder::targets(const boost::json::array& list) {
  std::vector<sql::Target> made;
  const bool into_columns = std::exchange(into_columns_, false);
  for (const Json& node : list) {
    const Object& target = body_of(node);
    const Json& value = target.at("val");
    std::vector<std::string> names;
    if (kind_of(value) == "ColumnRef") {
      names = names_of(list_of(body_of(value), "fields"));
    }
    if (!names.empty() && names.back() == "*") {
      const Level& level = levels_.back();
      bool any = false;
      for (std::size_t i = 0; i < level.sources.size(); ++i) {
        if ((names.size() > 1 && level.sources[i].name != names.front()) ||
            level.sources[i].name == "excluded") {
          continue;
        }
        any = true;
        const std::vector<NamedColumn>& columns = level.sources[i].columns;
        for (std::size_t j = 0; j < columns.size(); ++j) {
          if (columns[j].merged && names.size() == 1) {
            continue;
          }
          sql::Target& one = made.emplace_back();
          one.name = columns[j].name;
          one.expression.kind = Expression::Kind::column;
          one.expression.source = static_cast<std::uint16_t>(i);
          one.expression.index = static_cast<std::uint16_t>(j);
          one.expression.type = columns[j].type;
        }
      }
      if (!any) {
        throw problem(location(target), "there is no such table for *");
      }
      continue;
    }
    sql::Target& one = made.emplace_back();
    one.expression = expression(value);
    if (one.expression.type == sql::Type::unknown && !into_columns) {
      take_type(one.expression, sql::Type::text, location(target));
    }
    one.name = text_of(target, "name");
    if (one.name.empty()) {
      const std::string_view kind = kind_of(value);
      one.name = !names.empty()           ? names.back()
                 : kind == "FuncCall"     ? names_of(list_of(body_of(value), "funcname")).back()
                 : kind == "CoalesceExpr" ? "coalesce"
                 : kind == "CaseExpr"     ? "case"
                 : kind == "SubLink" && text_of(body_of(value), "subLinkType") == "EXISTS_SUBLINK"
                     ? "exists"
                     : "?column?";
    }
  }
  return made;
}

sql::Select Binder::select(const Object& body) {
  sql::Select made;
  for (const char* clause : {"windowClause", "intoClause"}) {
    if (const Json* there = member(body, clause)) {
      throw not_modelled(place_in(*there), clause == std::string("intoClause") ? "INTO" : "WINDOW");
    }
  }
  const bool into_columns = std::exchange(into_columns_, false);
  const std::size_t outer_commons = with(body);
  if ((text_of(body, "op") != "SETOP_NONE" && !text_of(body, "op").empty()) ||
      member(body, "valuesLists") != nullptr) {
    made = of_rows(body);
    commons_.resize(outer_commons);
    return made;
  }
  made.distinct = distinct(body);
  levels_.emplace_back();
  from(list_of(body, "fromClause"), made.from);
  made.where = where(body);
  levels_.back().select = &made;
  into_columns_ = into_columns;
  made.targets = targets(list_of(body, "targetList"));
  if (made.targets.empty()) {
    throw not_modelled(0, "a SELECT without columns");
  }
  if (const Json* having = member(body, "havingClause")) {
    made.having = boolean(*having, "HAVING");
  }
  order(body, made);
  levels_.back().select = nullptr;
  group(body, made);
  made.grouped = !made.aggregates.empty() || !made.group_by.empty() || made.having;
  bounds(body, made);
  locking(body, made);
  if (made.grouped) {
    check_grouping(made, place_in(Json(body)));
  }
  check_distinct(made, body);
  refuse_lazy_locks(made, place_in(Json(body)));
  made.correlated = levels_.back().reaches_out;
  levels_.pop_back();
  commons_.resize(outer_commons);
  return made;
}

void Binder::bounds(const Object& body, sql::Select& select) {
  for (const auto& [name, into] :
       {std::pair{"limitCount", &select.limit}, {"limitOffset", &select.offset}}) {
    if (const Json* node = member(body, name)) {
      Expression count = expression(*node);
      if (names_a_row(count)) {
        throw problem(place_in(*node), "argument of LIMIT must not contain variables");
      }
      take_type(count, sql::Type::bigint, location(body_of(*node)));
      *into = std::move(count);
    }
  }
  if (text_of(body, "limitOption") == "LIMIT_OPTION_WITH_TIES") {
    throw not_modelled(0, "WITH TIES");
  }
}

void Binder::order(const Object& body, sql::Select& select) {
  for (const Json& node : list_of(body, "sortClause")) {
    const Object& by = body_of(node);
    const Json& what = by.at("node");
    sql::Ordering& made = select.order_by.emplace_back();
    const std::vector<std::string> names = kind_of(what) == "ColumnRef"
                                               ? names_of(list_of(body_of(what), "fields"))
                                               : std::vector<std::string>{};
    const auto named = std::find_if(
        select.targets.begin(), select.targets.end(),
        [&names](const sql::Target& it) { return names.size() == 1 && it.name == names.front(); });
    if (named != select.targets.end()) {
      made.expression = named->expression;
    } else {
      made.expression = expression(what);
      if (made.expression.kind == Expression::Kind::constant) {
        const std::int64_t place = made.expression.constant.number;
        if (!sql::is_number(made.expression.type) || place < 1 ||
            place > static_cast<std::int64_t>(select.targets.size())) {
          throw problem(place_in(what), "ORDER BY wants a column, or a column's place in the list");
        }
        made.expression = select.targets[static_cast<std::size_t>(place - 1)].expression;
      }
    }
    made.descending = text_of(by, "sortby_dir") == "SORTBY_DESC";
    const std::string nulls = text_of(by, "sortby_nulls");
    made.nulls_first =
        nulls == "SORTBY_NULLS_FIRST" || (nulls != "SORTBY_NULLS_LAST" && made.descending);
  }
}

void Binder::locking(const Object& body, sql::Select& select) {
  select.locks.assign(select.from.size(), false);
  for (const Json& node : list_of(body, "lockingClause")) {
    const Object& clause = body_of(node);
    const std::string strength = text_of(clause, "strength");
    const std::string policy = text_of(clause, "waitPolicy");
    if (select.lock != sql::LockMode::none) {
      throw not_modelled(0, "more than one FOR UPDATE or FOR SHARE");
    }
    select.lock = strength == "LCS_FORUPDATE"        ? sql::LockMode::update
                  : strength == "LCS_FORNOKEYUPDATE" ? sql::LockMode::no_key_update
                  : strength == "LCS_FORSHARE"       ? sql::LockMode::share
                                                     : sql::LockMode::key_share;
    select.if_locked = policy == "LockWaitSkip"    ? sql::IfLocked::skip
                       : policy == "LockWaitError" ? sql::IfLocked::fail
                                                   : sql::IfLocked::wait;
    const auto& of = list_of(clause, "lockedRels");
    for (const Json& range : of) {
      const std::string name = text_of(body_of(range), "relname");
      const std::vector<Named>& sources = levels_.back().sources;
      if (std::none_of(sources.begin(), sources.end(),
                       [&name](const Named& it) { return it.name == name; })) {
        throw problem(location(body_of(range)), "relation \"" + name +
                                                    "\" in FOR UPDATE clause not found in FROM "
                                                    "clause");
      }
    }
    for (std::size_t i = 0; i < select.from.size(); ++i) {
      const bool named = std::any_of(of.begin(), of.end(), [&](const Json& range) {
        return text_of(body_of(range), "relname") == levels_.back().sources[i].name;
      });
      const std::shared_ptr<const sql::Derived>& derived = select.from[i].derived;
      if (derived && (named || (of.empty() && !derived->of_with))) {
        throw not_modelled(place_in(Json(body)),
                           "FOR UPDATE of what is worked out (lock inside the sub-select)");
      }
      select.locks[i] = !derived && (of.empty() || named);
    }
    if (select.grouped || select.distinct) {
      throw problem(0, select.distinct
                           ? "FOR UPDATE is not allowed with DISTINCT clause"
                           : "FOR UPDATE is not allowed with aggregate functions or GROUP BY");
    }
    for (std::size_t i = 0; i < select.from.size(); ++i) {
      if (select.from[i].left && select.locks[i]) {
        throw problem(0, "FOR UPDATE cannot be applied to the nullable side of an outer join");
      }
    }
  }
}

}  // namespace racelab::parse
