// Looks for parts, walks each, looks again whether they met, and puts endings together.
#include "sim/explore/script_parts.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "sim/explore/one_at_a_time.h"
#include "sim/explore/part_graphs.h"
#include "sim/explore/partition.h"
#include "sim/explore/script_reach.h"
#include "sim/explore/unread_generators.h"
#include "sim/scenario/verdict.h"

namespace racelab {

namespace {

using Members = std::vector<std::uint32_t>;

bool changes_rows(sql::OnChange action) {
  return action == sql::OnChange::cascades || action == sql::OnChange::sets_null;
}

// Tables that a client's endpoints may write: all that a statement names which writes, and those that follow them.
std::vector<bool> tables_written(const ScriptSetup& setup, std::uint32_t client) {
  const sql::Schema& schema = *setup.schema;
  std::vector<bool> written(schema.table_count());
  for (const std::size_t script : setup.plan[client]) {
    for (const Instruction& it : setup.scripts[script]->instructions) {
      for (const std::uint16_t table : it.statement.changes_rows() ? sql::tables_of(it.statement)
                                                                   : std::vector<std::uint16_t>{}) {
        written[table] = true;
      }
    }
  }
  for (std::uint16_t round = 0; round < schema.table_count(); ++round) {
    for (std::uint16_t child = 0; child < schema.table_count(); ++child) {
      for (const sql::Reference& reference : schema.tables[child].references) {
        const bool follows = changes_rows(reference.on_delete) || changes_rows(reference.on_update);
        written[child] = written[child] || (follows && written[reference.table]);
      }
    }
  }
  return written;
}

// By check: the clients that it is about. Of one that reads answers, or idempotency keys: all.
std::vector<Members> clients_of_checks(const ScriptSetup& setup) {
  std::vector<std::vector<bool>> written;
  for (std::uint32_t client = 0; client < setup.clients(); ++client) {
    written.push_back(tables_written(setup, client));
  }
  const std::size_t of_the_application =
      setup.check_schema ? setup.check_schema->tables.size() - 2 : 0;
  std::vector<Members> all;
  for (const ScriptCheck& check : setup.checks) {
    Members& clients = all.emplace_back();
    const std::vector<std::uint16_t> tables = sql::tables_of(check.statement);
    for (std::uint32_t client = 0; client < setup.clients(); ++client) {
      if (std::any_of(tables.begin(), tables.end(), [&](std::uint16_t table) {
            return table >= of_the_application || written[client][table];
          })) {
        clients.push_back(client);
      }
    }
  }
  return all;
}

// The order that contents come in.
bool printed_row_before(const sql::Values& a, const sql::Values& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), sql::printed_before);
}

// Rows of the whole, from those of two parts that have changed different rows of the same start.
std::vector<sql::Values> both(const std::vector<sql::Values>& start,
                              const std::vector<sql::Values>& a,
                              const std::vector<sql::Values>& b) {
  std::vector<sql::Values> gone;
  std::vector<sql::Values> added;
  std::set_difference(start.begin(), start.end(), b.begin(), b.end(), std::back_inserter(gone),
                      printed_row_before);
  std::set_difference(b.begin(), b.end(), start.begin(), start.end(), std::back_inserter(added),
                      printed_row_before);
  std::vector<sql::Values> left;
  std::set_difference(a.begin(), a.end(), gone.begin(), gone.end(), std::back_inserter(left),
                      printed_row_before);
  std::vector<sql::Values> whole;
  std::merge(left.begin(), left.end(), added.begin(), added.end(), std::back_inserter(whole),
             printed_row_before);
  return whole;
}

// By generator (its number among the values'): the last number that the rows have from it.
std::map<std::uint16_t, std::int64_t> last_drawn(const ScriptEnding& ending) {
  std::map<std::uint16_t, std::int64_t> last;
  for (const std::vector<sql::Values>& rows : ending.contents) {
    for (const sql::Values& row : rows) {
      for (const sql::Value& value : row) {
        if (value.generator != 0) {
          std::int64_t& there = last.emplace(value.generator, value.number).first->second;
          there = std::max(there, value.number);
        }
      }
    }
  }
  return last;
}

// The rows with numbers drawn behind those of another part: each part has drawn as if it were alone.
std::vector<std::vector<sql::Values>> drawn_behind(const ScriptEnding& ending,
                                                   const ScriptEnding& other) {
  const std::map<std::uint16_t, std::int64_t> last = last_drawn(other);
  std::vector<std::vector<sql::Values>> contents = ending.contents;
  std::map<std::uint16_t, std::int64_t> first;
  const auto each_drawn = [&](const auto& visit) {
    for (std::vector<sql::Values>& rows : contents) {
      for (sql::Values& row : rows) {
        for (sql::Value& value : row) {
          if (value.generator != 0 && last.count(value.generator) > 0) {
            visit(value);
          }
        }
      }
    }
  };
  each_drawn([&first](const sql::Value& value) {
    std::int64_t& there = first.emplace(value.generator, value.number).first->second;
    there = std::min(there, value.number);
  });
  each_drawn([&](sql::Value& value) {
    value.number += last.at(value.generator) - first.at(value.generator) + 1;
  });
  for (std::vector<sql::Values>& rows : contents) {
    std::sort(rows.begin(), rows.end(), printed_row_before);
  }
  return contents;
}

// The sequence that explains the whole is not worked out.
ScriptOutcome both(const ScriptSetup& setup, const ScriptOutcome& a, const ScriptOutcome& b) {
  const std::vector<std::vector<sql::Values>> added = drawn_behind(*b.ending, *a.ending);
  auto ending = std::make_shared<ScriptEnding>(*a.ending);
  for (std::uint16_t table = 0; table < setup.schema->table_count(); ++table) {
    ending->contents[table] =
        both(setup.start->contents(table), a.ending->contents[table], added[table]);
  }
  ending->operations.insert(ending->operations.end(), b.ending->operations.begin(),
                            b.ending->operations.end());
  std::sort(ending->operations.begin(), ending->operations.end(),
            [](const ScriptOperation& x, const ScriptOperation& y) {
              return std::pair(x.client, x.number) < std::pair(y.client, y.number);
            });
  for (std::size_t i = 0; i < ending->checks.size(); ++i) {
    ending->checks[i] += b.ending->checks[i];  // only one of them has looked at it
  }
  ending->stuck += b.ending->stuck;
  const bool explained =
      (a.ending->right || a.ending->answers_only) && (b.ending->right || b.ending->answers_only);
  ending->right = a.ending->right && b.ending->right;
  ending->answers_only = !ending->right && explained;
  ending->sequence.clear();
  ScriptOutcome whole;
  whole.contents = contents_words(setup, *ending);
  whole.told = told_words(*ending);
  whole.rest = a.rest + '|' + b.rest;
  whole.ending = std::move(ending);
  return whole;
}

bool is_failure(ScriptTold told) {
  return told == ScriptTold::failed || told == ScriptTold::unknown;
}

// One walk through all parts.
class Walk {
 public:
  Walk(const ScriptSetup& setup, const ExploreOptions& options, const Partition& partition)
      : setup_(setup),
        options_(options),
        parts_(partition.parts()),
        checks_(clients_of_checks(setup)),
        unread_(unread_generators(setup)),
        recorder_(setup.clients()),
        graphs_(options.limits, FaultBudget(setup.faults), parts_.size()) {
    for (const Members& clients : parts_) {
      walk(clients);
    }
  }

  /// Joins the parts that have met; false: none has.
  bool join_what_met(Partition& partition) const {
    bool met = false;
    for (std::uint32_t a = 0; a < setup_.clients(); ++a) {
      for (std::uint32_t b = 0; b < a; ++b) {
        if (!partition.together(a, b) &&
            recorder_.reach()[a].meets(recorder_.reach()[b], *setup_.schema, unread_)) {
          partition.join(a, b);
          met = true;
        }
      }
    }
    return met;
  }

  [[nodiscard]] bool adds_up() const { return !graphs_.too_long(); }

  [[nodiscard]] ScriptExplored result() const {
    ScriptExplored made;
    made.parts = parts_;
    made.violating = graphs_.violating();
    ScriptExploration& all = made.exploration;
    all.stopped = graphs_.stopped();
    all.odds = graphs_.odds();
    all.parts = graphs_.size();
    all.states = graphs_.states();
    all.transitions = graphs_.transitions();
    all.bytes = graphs_.bytes();
    all.open_orders = open_orders_;
    if (parts_.size() == 1) {
      all.outcomes = outcomes_.front();
      count_what_was_told(all);
    } else {
      put_together(all);
    }
    all.verdict =
        verdict_of({.violated = all.odds.orders_violating > 0, .complete = all.complete()});
    if (all.verdict == Verdict::holds && !any_done(all)) {
      all.verdict = Verdict::idle;
    }
    if (options_.examples && all.verdict == Verdict::holds) {
      const std::array<OrderCount, near_miss_kinds> orders = graphs_.near_misses();
      for (std::size_t kind = 0; kind < near_miss_kinds; ++kind) {
        if (orders[kind] > 0) {
          all.near_misses.push_back({static_cast<NearMiss>(kind), orders[kind]});
        }
      }
    }
    return made;
  }

 private:
  // Whether a check is looked at in a part: in the one that it is about, or in the first if it is about nobody.
  [[nodiscard]] bool is_of(std::size_t check, const Members& part) const {
    const std::uint32_t first = checks_[check].empty() ? 0 : checks_[check].front();
    return std::find(part.begin(), part.end(), first) != part.end();
  }

  void walk(const Members& clients) {
    const bool whole = parts_.size() == 1;
    ScriptSetup part = setup_;
    std::vector<std::uint32_t> issued;
    if (!whole) {
      part.checks.clear();
      for (std::size_t check = 0; check < setup_.checks.size(); ++check) {
        if (is_of(check, clients)) {
          part.checks.push_back(setup_.checks[check]);
        }
      }
      issued.assign(setup_.clients(), 0);
      for (const std::uint32_t client : clients) {
        issued[client] = static_cast<std::uint32_t>(setup_.plan[client].size());
      }
    }
    OneAtATime rule(part);
    ScriptModel model(part, rule, issued);
    if (!whole) {
      model.record(&recorder_);
    }
    graphs_.walk(model, false);
    open_orders_.insert(model.open_orders().begin(), model.open_orders().end());
    outcomes_.push_back(graphs_.graph(graphs_.size() - 1).outcomes());
    if (!whole) {
      for (ScriptOutcome& outcome : outcomes_.back()) {
        outcome.ending = with_every_check(*outcome.ending, clients);
      }
    }
  }

  // Those that are looked at elsewhere hold here.
  [[nodiscard]] std::shared_ptr<const ScriptEnding> with_every_check(const ScriptEnding& ending,
                                                                     const Members& part) const {
    auto made = std::make_shared<ScriptEnding>(ending);
    made->checks.assign(setup_.checks.size(), "");
    std::size_t looked_at = 0;
    for (std::size_t check = 0; check < setup_.checks.size(); ++check) {
      if (is_of(check, part)) {
        made->checks[check] = ending.checks[looked_at++];
      }
    }
    return made;
  }

  void put_together(ScriptExploration& all) const {
    const auto join = [this](const ScriptOutcome& a, const ScriptOutcome& b) {
      return both(setup_, a, b);
    };
    if (const auto whole = outcomes_together(graphs_.orders(), outcomes_, graphs_.budget(),
                                             PartGraphs<ScriptModel>::outcomes_max, join);
        whole) {
      for (const auto& [outcome, orders] : *whole) {
        all.outcomes.push_back(outcome);
        all.odds.by_outcome.push_back(orders);
      }
      count_what_was_told(all);
      return;
    }
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      ScriptPartEndings& endings = all.by_part.emplace_back();
      endings.clients = parts_[part];
      endings.outcomes = outcomes_[part];
      for (const OrdersByCost& orders : graphs_.orders()[part].by_outcome) {
        endings.orders.push_back(count_of(orders));
      }
    }
    const auto those = [this](const auto& wanted) {
      std::vector<std::vector<bool>> all_parts;
      for (const std::vector<ScriptOutcome>& outcomes : outcomes_) {
        std::vector<bool>& of_part = all_parts.emplace_back();
        for (const ScriptOutcome& outcome : outcomes) {
          of_part.push_back(wanted(*outcome.ending));
        }
      }
      return orders_that_end(graphs_.orders(), all_parts, graphs_.budget());
    };
    const auto holds = [](const ScriptEnding& it) { return it.stuck == 0 && it.checks_hold(); };
    all.orders_answers_only =
        those([&](const ScriptEnding& it) { return holds(it) && (it.right || it.answers_only); }) -
        those([&](const ScriptEnding& it) { return holds(it) && it.right; });
    all.orders_failing =
        all.odds.orders - those([](const ScriptEnding& it) {
          return std::none_of(it.operations.begin(), it.operations.end(),
                              [](const ScriptOperation& op) { return is_failure(op.told); });
        });
  }

  const ScriptSetup& setup_;
  const ExploreOptions& options_;
  std::vector<Members> parts_;
  std::vector<Members> checks_;  // by check: whom it is about
  std::set<std::int64_t> unread_;
  ReachRecorder recorder_;
  PartGraphs<ScriptModel> graphs_;
  std::vector<std::vector<ScriptOutcome>> outcomes_;  // by part
  std::map<std::pair<std::string, std::uint32_t>, std::string_view> open_orders_;
};

}  // namespace

std::vector<ScriptOutcome> ScriptExploration::every_outcome() const {
  std::vector<ScriptOutcome> all = outcomes;
  for (const ScriptPartEndings& part : by_part) {
    all.insert(all.end(), part.outcomes.begin(), part.outcomes.end());
  }
  return all;
}

ScriptExplored explore_in_parts(const ScriptSetup& setup, const ExploreOptions& options) {
  Partition partition(setup.clients());
  if (!options.apart || setup.time_passes_max > 0) {
    partition.join_all();
  }
  for (const Members& clients : clients_of_checks(setup)) {
    for (const std::uint32_t client : clients) {
      partition.join(client, clients.front());
    }
  }
  while (true) {
    const Walk walk(setup, options, partition);
    if (walk.join_what_met(partition)) {
      continue;
    }
    if (walk.adds_up()) {
      return walk.result();
    }
    partition.join_all();
  }
}

}  // namespace racelab
