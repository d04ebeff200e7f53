// Statements as text, and what stands in them.
#include "sim/sql/expression.h"

#include <algorithm>

namespace racelab::sql {

std::string with_values(const Statement& statement, const Values& parameters) {
  std::string text;
  bool quoted = false;
  for (std::size_t i = 0; i < statement.text.size(); ++i) {
    const char c = statement.text[i];
    quoted = quoted != (c == '\'');
    std::size_t number = 0;
    std::size_t end = i + 1;
    while (!quoted && c == '$' && end < statement.text.size() && statement.text[end] >= '0' &&
           statement.text[end] <= '9' && number < 10'000) {
      number = (number * 10) + static_cast<std::size_t>(statement.text[end++] - '0');
    }
    if (number == 0 || number > parameters.size()) {
      text += c;
      continue;
    }
    text += to_literal(parameters[number - 1]);
    i = end - 1;
  }
  return text;
}

namespace {

class Parts {
 public:
  Parts(const std::function<void(const Select&)>& select,
        const std::function<void(const Expression&)>& expression)
      : select_(select), expression_(expression) {}

  void of(const Expression& expression) {
    expression_(expression);
    for (const Expression& argument : expression.arguments) {
      of(argument);
    }
    if (expression.select) {
      of(*expression.select);
    }
  }
  void of(const std::optional<Expression>& expression) {
    if (expression) {
      of(*expression);
    }
  }
  void of(const std::vector<Target>& targets) {
    for (const Target& target : targets) {
      of(target.expression);
    }
  }
  void of(const std::vector<Assignment>& set) {
    for (const Assignment& one : set) {
      of(one.expression);
    }
  }
  void of(const Select& select) {
    select_(select);
    each_expression(select, [this](const Expression& one) { of(one); });
    rows_of(select.from);
  }
  // Rows that are worked out, without the conditions of joins.
  void rows_of(const std::vector<Source>& sources) {
    for (const Source& source : sources) {
      if (source.derived) {
        of(*source.derived);
      }
    }
  }
  void of(const std::vector<Source>& sources) {
    for (const Source& source : sources) {
      of(source.on);
    }
    rows_of(sources);
  }
  void of(const Derived& derived) {
    for (const Derived::Arm& arm : derived.arms) {
      of(arm.select);
    }
    if (derived.statement) {
      of(*derived.statement);
    }
  }
  void of(const Statement& statement) {
    switch (statement.kind) {
      case Statement::Kind::select:
        of(statement.select);
        break;
      case Statement::Kind::insert:
        for (const auto& row : statement.insert.rows) {
          for (const std::optional<Expression>& one : row) {
            of(one);
          }
        }
        if (statement.insert.select) {
          of(*statement.insert.select);
        }
        of(statement.insert.set);
        of(statement.insert.where);
        break;
      case Statement::Kind::update:
        of(statement.update.set);
        of(statement.update.from);
        of(statement.update.where);
        break;
      case Statement::Kind::remove:
        of(statement.remove.from);
        of(statement.remove.where);
        break;
      default:
        break;
    }
    of(statement.returning);
    for (const auto& one : statement.with) {
      of(*one);
    }
  }

 private:
  const std::function<void(const Select&)>& select_;
  const std::function<void(const Expression&)>& expression_;
};

}  // namespace

void each_part(const Statement& statement, const std::function<void(const Select&)>& select,
               const std::function<void(const Expression&)>& expression) {
  Parts(select, expression).of(statement);
}

void each_expression(const Select& select, const std::function<void(const Expression&)>& visit) {
  for (const Target& target : select.targets) {
    visit(target.expression);
  }
  for (const Source& source : select.from) {
    if (source.on) {
      visit(*source.on);
    }
  }
  for (const std::optional<Expression>* one :
       {&select.where, &select.having, &select.limit, &select.offset}) {
    if (*one) {
      visit(**one);
    }
  }
  for (const std::vector<Expression>* list : {&select.group_by, &select.aggregates}) {
    for (const Expression& one : *list) {
      visit(one);
    }
  }
  for (const Ordering& by : select.order_by) {
    visit(by.expression);
  }
}

bool same(const Expression& a, const Expression& b) {
  return a.kind == b.kind && a.type == b.type && a.op == b.op && a.function == b.function &&
         a.depth == b.depth && a.source == b.source && a.index == b.index &&
         a.letters_max == b.letters_max && a.constant == b.constant && a.select == b.select &&
         std::equal(a.arguments.begin(), a.arguments.end(), b.arguments.begin(), b.arguments.end(),
                    same);
}

bool asks_without_waiting(const Statement& statement) {
  bool asks = false;
  each_part(
      statement,
      [&asks](const Select& select) {
        asks = asks || (select.lock != LockMode::none && select.if_locked != IfLocked::wait);
      },
      [&asks](const Expression& expression) {
        asks = asks || (expression.kind == Expression::Kind::call &&
                        (expression.function == Function::try_advisory_lock ||
                         expression.function == Function::try_advisory_xact_lock));
      });
  return asks;
}

std::vector<std::uint16_t> tables_of(const Statement& statement) {
  std::vector<std::uint16_t> tables;
  const auto read = [&tables](const std::vector<Source>& sources) {
    for (const Source& source : sources) {
      if (!source.derived) {
        tables.push_back(source.table);
      }
    }
  };
  const auto changed = [&](const Statement& it) {
    if (it.kind == Statement::Kind::insert) {
      tables.push_back(it.insert.table);
    }
    read(it.update.from);
    read(it.remove.from);
  };
  changed(statement);
  for (const auto& one : statement.with) {
    changed(*one->statement);
  }
  each_part(
      statement, [&read](const Select& select) { read(select.from); },
      [](const Expression& /*expression*/) {});
  return tables;
}

bool about_one_row(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::scalar:
    case Expression::Kind::exists:
    case Expression::Kind::in_select:
    case Expression::Kind::call:
    case Expression::Kind::aggregate:
      return false;
    case Expression::Kind::column:
      return expression.depth == 0 && expression.source == 0;
    default:
      return std::all_of(expression.arguments.begin(), expression.arguments.end(), about_one_row);
  }
}

}  // namespace racelab::sql
