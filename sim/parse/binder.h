// From PostgreSQL's tree to statements of the store: names are looked up, types found, and what the store does not model is told.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/parse/tree.h"
#include "sim/sql/schema.h"

namespace racelab::parse {

/// Statements, or the expressions of pgbench's \set and \if, which know no columns and take numbers and booleans as they come.
enum class Language : std::uint8_t { sql, pgbench };

class Binder {
 public:
  /// `offset_of`: where in the source something stands that the parser places in what it was given.
  /// `parsed`: what it was given.
  Binder(const sql::Schema& schema, const Source& source, const std::string& parsed,
         std::function<std::size_t(std::size_t)> offset_of, Language language = Language::sql)
      : schema_(schema),
        source_(source),
        parsed_(parsed),
        offset_of_(std::move(offset_of)),
        language_(language) {}
  Binder(const sql::Schema& schema, const Source& source)
      : Binder(schema, source, source.text, [](std::size_t at) { return at; }) {}

  /// Throws Problem. `text` is what was parsed.
  sql::Statement statement(const ParsedStatement& parsed, const std::string& text);
  /// A condition of one table's rows; `where` it stands: a check constraint, an index predicate.
  sql::Expression condition(const Json& node, std::uint16_t table, const std::string& where);
  struct WrittenType {
    sql::Type type = sql::Type::unknown;
    std::uint32_t letters_max = 0;  // varchar(n); 0: any number
  };
  WrittenType type_of(const Object& name);
  /// An expression without columns: DEFAULT, \set, \if.
  sql::Expression constant(const Json& node, sql::Type type);

 private:
  struct NamedColumn {
    std::string name;
    sql::Type type = sql::Type::unknown;
    bool merged = false;  // by USING with one of the same name further left
  };
  // What columns can be read from.
  struct Named {
    std::string name;  // its alias
    std::vector<NamedColumn> columns;
    std::optional<std::uint16_t> table;
  };
  // A WITH.
  struct Common {
    std::string name;
    std::vector<NamedColumn> columns;
    std::shared_ptr<const sql::Derived> rows;
  };
  struct Level {
    std::vector<Named> sources;
    sql::Select* select = nullptr;  // where aggregates go; nullptr: there can be none
    bool in_aggregate = false;
    bool reaches_out = false;  // names something further out
  };

  // Statements (bind_statement.cc; what changes rows: bind_change.cc).
  sql::Statement transaction(const Object& body);
  sql::Statement changing(std::string_view kind, const Object& body);
  sql::Select select(const Object& body);
  void bounds(const Object& body, sql::Select& select);
  void order(const Object& body, sql::Select& select);
  void locking(const Object& body, sql::Select& select);
  sql::Insert insert(const Object& body, std::vector<sql::Target>& returning);
  void on_conflict(const Object& clause, sql::Insert& insert);
  sql::Update update(const Object& body, std::vector<sql::Target>& returning);
  sql::Delete remove(const Object& body, std::vector<sql::Target>& returning);
  std::vector<sql::Assignment> assignments(const boost::json::array& list, std::uint16_t table);
  std::vector<sql::Target> targets(const boost::json::array& list);
  std::optional<sql::Expression> where(const Object& body);

  // What is read from (bind_from.cc).
  std::uint16_t table(const Object& range);
  std::uint16_t changed_table(const Object& range);
  Named named(std::uint16_t table, const std::string& name) const;
  void from(const boost::json::array& list, std::vector<sql::Source>& from);
  void item(const Json& node, std::vector<sql::Source>& from);
  void join(const Object& join, std::vector<sql::Source>& from);
  void merge(const boost::json::array& names, std::vector<sql::Source>& from, std::size_t at);
  void add_source(sql::Source source, Named named, std::vector<sql::Source>& from, std::size_t at);
  void rename(const Object& range, Named& named);
  std::size_t with(const Object& body);
  void common(const Object& body);
  const Common* find_common(const Object& range) const;
  sql::Select of_rows(const Object& body);
  void add_arms(const Object& body, sql::Derived& derived);
  void add_values(const Object& body, sql::Derived& derived);
  std::vector<NamedColumn> columns_of(sql::Derived& derived, std::size_t at);
  void refuse_lazy_locks(const sql::Select& select, std::size_t at) const;

  // GROUP BY and DISTINCT (bind_grouping.cc).
  void group(const Object& body, sql::Select& select);
  sql::Expression grouping(const Json& node, const sql::Select& select);
  void check_grouping(const sql::Select& select, std::size_t offset);
  bool is_grouped(const sql::Select& select, const sql::Expression& column) const;
  bool distinct(const Object& body);
  void check_distinct(const sql::Select& select, const Object& body) const;

  // Expressions (bind_expression.cc; operators: bind_operation.cc).
  sql::Expression expression(const Json& node);
  sql::Expression boolean(const Json& node, const std::string& what);
  sql::Expression column(const Object& body);
  sql::Expression constant_of(const Object& body);
  sql::Expression parameter(const Object& body);
  sql::Expression operation(const Object& body);
  sql::Expression of_both(const std::string& name, const Json& left, const Json& right,
                          std::size_t at);
  sql::Expression binary(const std::string& name, sql::Expression a, sql::Expression b,
                         std::size_t at);
  sql::Expression arithmetic(sql::Operator op, const std::string& name, sql::Expression a,
                             sql::Expression b, std::size_t at);
  sql::Expression rows_compared(const std::string& name, const boost::json::array& left,
                                const boost::json::array& right, std::size_t at);
  sql::Expression any_of_array(const Object& body);
  sql::Expression in(const Object& body);
  sql::Expression in_rows(const Object& body);
  sql::Expression between(const Object& body);
  sql::Expression logic(const Object& body);
  sql::Expression choice(const Object& body);
  sql::Expression call(const Object& body);
  sql::Expression aggregate(const std::string& name, const Object& body);
  sql::Expression sub_select(const Object& body);
  sql::Expression extreme(const Object& body);
  void agree(const std::vector<sql::Expression*>& expressions, std::size_t at,
             const std::string& what);
  void take_type(sql::Expression& expression, sql::Type type, std::size_t at);
  void assignable(sql::Expression& expression, const sql::Column& column, std::size_t at);

  sql::Expression cast(const Object& body);  // bind_type.cc

  [[nodiscard]] Problem problem(std::size_t at, const std::string& sentence) const {
    return source_.problem(offset_of_(at), sentence);
  }
  [[nodiscard]] Problem not_modelled(std::size_t at, const std::string& what) const;
  static std::size_t location(const Object& body) {
    return static_cast<std::size_t>(std::max(number_of(body, "location"), std::int64_t{0}));
  }

  const sql::Schema& schema_;
  const Source& source_;
  const std::string& parsed_;
  std::function<std::size_t(std::size_t)> offset_of_;
  Language language_;
  std::string in_schema_;      // where it stands: no sub-select, no parameter
  bool into_columns_ = false;  // the next select's values take the types of an INSERT's columns
  std::vector<Level> levels_;
  std::vector<Common> commons_;                                // the innermost last
  std::vector<std::shared_ptr<const sql::Derived>> changing_;  // those that change rows
  bool top_ = false;  // what is read next is the statement itself
  std::vector<sql::Type> parameters_;
  std::map<std::size_t, std::size_t> parameter_at_;  // by number: where it stands
};

/// Reads a setup: CREATE TABLE, INDEX, SEQUENCE, SCHEMA go into the schema; the other statements are to be run, in their order.
/// Throws Problem.
std::vector<sql::Statement> read_setup(const Source& source, sql::Schema& schema);

/// The next letter of SQL behind blanks and comments.
std::size_t first_token(const std::string& text, std::size_t at);

/// What must be true: a SELECT that answers one boolean, and the sentence that stands before it as a comment.
struct CheckStatement {
  std::string sentence;
  sql::Statement statement;
};
std::vector<CheckStatement> read_checks(const Source& source, const sql::Schema& schema);

/// An expression of type boolean.
sql::Expression boolean_of(sql::Expression::Kind kind, std::vector<sql::Expression> arguments);

/// "schema.table" of its parts.
std::string joined(const std::vector<std::string>& names);

/// The parser's error as a Problem.
Problem syntax_problem(const Source& source, const SyntaxError& error, std::size_t offset);

}  // namespace racelab::parse
