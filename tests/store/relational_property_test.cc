// Whatever three sessions do, in whatever order: what is committed keeps every PRIMARY KEY, CHECK and REFERENCES; a copy goes on as
// the original does; nobody waits for nobody; and what commits at SERIALIZABLE could have run one after another.
//
// RapidCheck draws the statements and shrinks them when one fails; RC_PARAMS="seed=7 max_success=10000" looks elsewhere and longer.
#include <rapidcheck.h>

#include <cstdlib>
#include <sstream>

#include "tests/property.h"
#include "tests/sql/lab.h"

namespace racelab::sql::relational_property_test {
namespace {

const char* setup =
    "create table parent (id integer primary key, n integer not null check (n >= 0));"
    "create table child (id integer primary key, parent integer references parent, n integer);"
    "create unique index one_each on child (n) where n > 2;"
    "insert into parent values (1, 3), (2, 3); insert into child values (1, 1, 1)";

// Of :a and :b, numbers from 0 to 3.
const std::vector<const char*> texts{
    "update parent set n = n - 1 where id = $1",
    "update parent set n = n + $2 where id = $1",
    "update parent set n = $2 where n > 2",
    "update parent set id = $2 where id = $1",
    "delete from parent where id = $1",
    "insert into parent values ($1, $2)",
    "insert into parent values ($1, $2) on conflict do nothing",
    "insert into parent values ($1, $2) on conflict (id) do update set n = excluded.n + parent.n",
    "insert into child values ($1, $2, $1)",
    "insert into child select $1, id, $2 from parent where n = $2",
    "update child set parent = $2 where id = $1",
    "update child set n = n + 1 where parent = $1",
    "update child set n = $2 where id = $1",
    "delete from child where id >= $1",
    "select id, n from parent where n >= $1 order by id",
    "select count(*), sum(n) from child where parent = $1",
    "select id from parent where id = $1 for update",
    "select id from parent where n >= $1 order by id for share",
    "select id from parent order by n, id limit 1 for no key update skip locked",
    "select id from child where parent = $1 order by id for key share nowait",
    "update parent set n = (select count(*) from child) where id = $1",
    "select p.id, c.id from parent p left join child c on c.parent = p.id order by 1, 2",
    "select pg_try_advisory_xact_lock($1)",
    "select pg_advisory_xact_lock($1)",
};
const std::vector<const char*> words{"begin",
                                     "begin isolation level repeatable read",
                                     "begin isolation level serializable",
                                     "commit",
                                     "commit",
                                     "rollback",
                                     "savepoint one",
                                     "rollback to one",
                                     "release one"};

struct Step {
  SessionId session = 1;
  std::size_t what = 0;
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::uint8_t way = 0;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << step.session << ": "
             << (step.what < texts.size() ? texts[step.what] : words[step.what - texts.size()])
             << " [" << step.a << ' ' << step.b << "] way " << int{step.way};
}

// What makes others wait comes more often, and so do begin and commit.
rc::Gen<Step> any_step() {
  std::vector<std::size_t> what;
  for (std::size_t i = 0; i < texts.size() + words.size(); ++i) {
    const bool often = i < 3 || (i >= texts.size() && i < texts.size() + 5);
    what.insert(what.end(), often ? 4 : 1, i);
  }
  const auto number = rc::gen::element<std::int64_t>(0, 1, 1, 1, 2, 2, 3);
  return rc::gen::build<Step>(rc::gen::set(&Step::session, rc::gen::inRange<SessionId>(1, 4)),
                              rc::gen::set(&Step::what, rc::gen::elementOf(what)),
                              rc::gen::set(&Step::a, number), rc::gen::set(&Step::b, number),
                              rc::gen::set(&Step::way, rc::gen::inRange<std::uint8_t>(0, 4)));
}

Values parameters(const Statement& statement, const Step& step) {
  Values values;
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    values.push_back(Value::of(statement.parameters[i], i == 0 ? step.a : step.b));
  }
  return values;
}

// A lab whose statements are bound once.
struct Bound {
  Bound() : lab(setup) {
    for (const auto* list : {&texts, &words}) {
      for (const char* text : *list) {
        statements.push_back(&lab.bind(text));
      }
    }
  }
  Lab lab;
  std::vector<const Statement*> statements;
};

Bound& bound() {
  static Bound made;
  return made;
}

std::vector<std::uint64_t> described(const Database& database) {
  std::vector<std::uint64_t> text;
  database.describe(text);
  return text;
}

std::string told(const Result& result) {
  return result.error.failed() ? std::string(result.error.code())
                               : std::to_string(result.affected) + ' ' + text_of(result.rows);
}

// Ways that are there: as the steps say, as far as the server asks.
Branches::Ways ways_of(const Database& database, std::uint8_t way) {
  Branches::Ways ways;
  while (true) {
    Database copy = database;
    Branches branches(ways);
    copy.settle(branches);
    if (branches.asked().size() == ways.size()) {
      return ways;
    }
    ways.push_back(static_cast<std::uint8_t>(way % branches.asked()[ways.size()]));
  }
}

// What a step did: the answer, and those of the others that went on.
std::string take(Database& database, const Step& step, const Branches::Ways& ways) {
  std::string text;
  const Statement& statement = *bound().statements[step.what];
  if (database.waiting(step.session)) {
    database.end_wait(step.session, database.deadlocked(step.session) ? state::deadlock_detected
                                                                      : state::lock_not_available);
    text = told(database.result(step.session));
  } else if (database.execute(step.session, statement, parameters(statement, step)) ==
             Database::Progress::done) {
    text = told(database.result(step.session));
  }
  Branches branches(ways);
  database.settle(branches);
  for (const SessionId woken : database.woken()) {
    text += " | " + std::to_string(woken) + ' ' + told(database.result(woken));
  }
  database.clear_woken();
  return text;
}

void check_contents(const Database& database) {
  const std::vector<Values> parents = database.contents(0);
  const std::vector<Values> children = database.contents(1);
  std::string broken;
  const auto expect = [&broken](bool holds, const char* rule) { broken += holds ? "" : rule; };
  for (std::size_t i = 0; i < parents.size(); ++i) {
    expect(i == 0 || !(parents[i][0] == parents[i - 1][0]), "parent_pkey ");
    expect(!parents[i][1].is_null && parents[i][1].number >= 0, "parent_n_check ");
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    const Value& parent = children[i][1];
    expect(i == 0 || !(children[i][0] == children[i - 1][0]), "child_pkey ");
    expect(parent.is_null || std::any_of(parents.begin(), parents.end(),
                                         [&](const Values& it) { return it[0] == parent; }),
           "child_parent_fkey ");
    for (std::size_t j = 0; j < i; ++j) {
      expect(children[i][2].number <= 2 || !(children[i][2] == children[j][2]), "one_each ");
    }
  }
  RC_ASSERT(broken == "");
}

struct Met {
  int waits = 0;
  int errors = 0;
  int commits = 0;
  int choices = 0;
  int committed_serially = 0;
  int refused = 0;
};

void anything_goes(Met& met) {
  Database database = bound().lab.database();
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  if (*rc::gen::arbitrary<bool>()) {
    for (SessionId session = 1; session <= 3; ++session) {
      take(database, {session, texts.size(), 0, 0, 0}, {});
    }
    for (SessionId session = 1; session <= 3; ++session) {
      take(database, {session, 1, 1, 1, 0}, {});
    }
  }
  Database twin = database;
  for (const Step& step : steps) {
    if (database.waiting(step.session) && step.way != 0 && !database.deadlocked(step.session)) {
      continue;  // it waits on
    }
    Database before = database;
    Branches::Ways ways;
    {
      Database probe = database;  // what the step would ask
      const Statement& statement = *bound().statements[step.what];
      if (probe.waiting(step.session)) {
        probe.end_wait(step.session, state::lock_not_available);
      } else {
        probe.execute(step.session, statement, parameters(statement, step));
      }
      ways = ways_of(probe, step.way);
    }
    met.choices += ways.empty() ? 0 : 1;
    const std::string answer = take(database, step, ways);
    RC_ASSERT(take(twin, step, ways) == answer);
    RC_ASSERT(take(before, step, ways) == answer);
    RC_ASSERT(described(before) == described(database));
    check_contents(database);
    met.errors += database.result(step.session).error.failed() ? 1 : 0;
    met.commits += bound().statements[step.what]->kind == Statement::Kind::commit ? 1 : 0;
    for (SessionId session = 1; session <= 3; ++session) {
      met.waits += database.waiting(session) ? 1 : 0;
      const bool for_nobody = database.waiting(session) && database.blockers(session).empty();
      RC_ASSERT(!for_nobody);
    }
    twin.vacuum();  // it forgets what nobody can see
    before.vacuum();
    RC_ASSERT(described(twin) == described(before));
  }
  for (SessionId session = 1; session <= 3; ++session) {
    database.disconnect(session);
    Branches branches;
    database.settle(branches);
    database.clear_woken();
  }
  for (SessionId session = 1; session <= 3; ++session) {
    database.connect(session, Isolation::read_committed);
  }
  RC_ASSERT(take(database, {1, 2, 0, 1, 0}, {}) != "");  // nothing is left locked
  RC_ASSERT(take(database, {2, 13, 0, 0, 0}, {}) != "");
  check_contents(database);
}

struct Done {
  Step step;
  std::string answer;
};
struct Transaction {
  std::vector<Done> done;
  std::size_t first = SIZE_MAX;  // moments: of its first statement, of its commit
  std::size_t last = SIZE_MAX;
  bool committed = false;
};

// Whether the transactions, run one after another in this order, get the same answers and leave the same contents.
bool explains(const std::vector<const Transaction*>& order, const Database& end) {
  Database database = bound().lab.database();
  for (const Transaction* one : order) {
    for (const Done& it : one->done) {
      if (take(database, it.step, {}) != it.answer) {
        return false;
      }
    }
  }
  return database.contents(0) == end.contents(0) && database.contents(1) == end.contents(1);
}

// Each session runs one transaction of up to four statements, all SERIALIZABLE.
void serializable_is_serial(Met& met) {
  Database database = bound().lab.database();
  const auto steps =
      *rc::gen::container<std::vector<Step>>(rc::gen::suchThat(any_step(), [](const Step& it) {
        // No locks of their own that are taken or not: what is skipped depends on who is there.
        return it.what < texts.size() && it.what != 18 && it.what != 19 && it.what != 22;
      }));
  for (SessionId session = 1; session <= 3; ++session) {
    database.disconnect(session);
    database.connect(session, Isolation::serializable);
  }
  std::array<Transaction, 4> all;
  std::array<std::optional<Step>, 4> running;
  std::size_t moment = 0;
  const auto note = [&](SessionId session) {
    all[session].done.push_back({*running[session], told(database.result(session))});
    running[session].reset();
  };
  const auto settle = [&] {
    Branches branches;
    database.settle(branches);
    for (const SessionId woken : database.woken()) {
      note(woken);
    }
    database.clear_woken();
  };
  const auto commit = [&](SessionId session) {
    database.execute(session, *bound().statements[texts.size() + 3], {});
    const Result& result = database.result(session);
    all[session].committed = !result.error.failed() && !result.rolled_back;
    all[session].last = moment;
    met.refused += result.error.failed() ? 1 : 0;
    settle();
  };
  std::array<bool, 4> ended{};
  for (const Step& step : steps) {
    ++moment;
    const SessionId session = step.session;
    if (ended[session] || database.waiting(session)) {
      continue;
    }
    if (all[session].first == SIZE_MAX) {
      all[session].first = moment;
      database.execute(session, *bound().statements[texts.size()], {});
    }
    if (all[session].done.size() == 4) {
      ended[session] = true;
      commit(session);
      continue;
    }
    running[session] = step;
    const Statement& statement = *bound().statements[step.what];
    if (database.execute(session, statement, parameters(statement, step)) ==
        Database::Progress::done) {
      note(session);
    }
    settle();
  }
  for (int round = 0; round < 4; ++round) {
    for (SessionId session = 1; session <= 3; ++session) {
      ++moment;
      if (ended[session]) {
        continue;
      }
      if (database.waiting(session)) {
        if (database.deadlocked(session)) {
          database.end_wait(session, state::deadlock_detected);
          note(session);
          settle();
        }
        continue;
      }
      ended[session] = true;
      commit(session);
    }
  }
  std::vector<const Transaction*> committed;
  for (const Transaction& one : all) {
    if (one.committed && !one.done.empty()) {
      committed.push_back(&one);
    }
  }
  met.committed_serially += committed.size() > 1 ? 1 : 0;
  std::sort(committed.begin(), committed.end());
  bool explained = false;
  do {
    bool real = true;  // who was committed before another began comes before it
    for (std::size_t i = 0; i < committed.size(); ++i) {
      for (std::size_t j = i + 1; j < committed.size(); ++j) {
        real = real && committed[j]->last >= committed[i]->first;
      }
    }
    explained = explained || (real && explains(committed, database));
  } while (!explained && std::next_permutation(committed.begin(), committed.end()));
  std::ostringstream text;
  for (const Transaction* one : committed) {
    for (const Done& it : one->done) {
      text << it.step << " -> " << it.answer << '\n';
    }
  }
  RC_LOG(text.str());
  RC_ASSERT(explained);
}

TEST(RelationalProperty, constraints_hold_and_copies_go_on_as_the_original) {
  Met met;
  check_property(2'000, [&met] { anything_goes(met); });
  EXPECT_GT(met.waits, 1'000);
  EXPECT_GT(met.errors, 1'000);
  EXPECT_GT(met.commits, 1'000);
  EXPECT_GT(met.choices, 20);
}

TEST(RelationalProperty, what_commits_at_serializable_has_an_order) {
  Met met;
  check_property(6'000, [&met] { serializable_is_serial(met); });
  EXPECT_GT(met.committed_serially, 300);
  EXPECT_GT(met.refused, 50);
}

}  // namespace
}  // namespace racelab::sql::relational_property_test
