// Endpoints laid out on a database that racelab starts, for the tests of its drivers.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/drivers/host.h"
#include "sim/explore/explore_on.h"
#include "sim/parse/scenario_folder.h"

namespace racelab::on_database {

using Flags = std::vector<std::pair<std::string, std::string>>;

struct Laid {
  parse::ScriptScenario scenario;
  ScriptSetup setup;
  std::unique_ptr<RealServer> server;
};

inline std::unique_ptr<Laid> lay_out(drivers::Host& host, const parse::FolderTexts& texts,
                                     const std::string& strategy, const Flags& flags,
                                     drivers::Numbers numbers = drivers::Numbers::in_millions) {
  auto made = std::make_unique<Laid>();
  made->scenario = parse::compile(texts, flags);
  made->setup = parse::setup_of(made->scenario, strategy);
  made->server = host.server_for(made->setup, texts.setup.text, numbers);
  return made;
}

/// Endpoints called a, b, …
inline parse::FolderTexts endpoints(const std::string& setup,
                                    const std::vector<std::string>& scripts) {
  parse::FolderTexts texts;
  texts.name = "test";
  texts.setup = {"setup.sql", setup};
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    texts.endpoints.emplace_back(name, parse::Source{name + ".sql", scripts[i]});
  }
  return texts;
}

/// "0 of 14 fail, 6 wait, 40001 (1020) in 12": every order on the server.
inline std::string explored(Laid& laid) {
  const ExplorationOn found = explore_on(laid.setup, *laid.server, {});
  std::string text = found.odds.orders_violating.str() + " of " + found.odds.orders.str() +
                     " fail, " + found.waiting.str() + " wait";
  for (const auto& [code, orders] : found.refused) {
    text += ", " + code + " in " + orders.str();
  }
  return text;
}

/// Endpoint a alone, run once: what its table holds in the end, and what was told.
inline std::string ends(Laid& laid) {
  const ExplorationOn found = explore_on(laid.setup, *laid.server, {});
  std::string text;
  for (const ScriptOutcome& outcome : found.outcomes) {
    text += outcome.told + "; " + outcome.contents;
  }
  return text;
}

constexpr const char* counter =
    "create table t (id int primary key, n int not null); insert into t values (1, 0);";
constexpr const char* read_then_write =
    "begin;\n"
    "select n from t where id = 1 \\gset\n"
    "update t set n = :n + 1 where id = 1;\n"
    "commit;\n";

constexpr const char* two_rows =
    "create table t (id int primary key, n int not null); insert into t values (1, 0), (2, 0);";
constexpr const char* first_then_second =
    "begin;\nupdate t set n = n + 1 where id = 1;\nupdate t set n = n + 1 where id = 2;\ncommit;\n";
constexpr const char* second_then_first =
    "begin;\nupdate t set n = n + 1 where id = 2;\nupdate t set n = n + 1 where id = 1;\ncommit;\n";

/// Every kind of constraint is broken once; each error is caught by PostgreSQL's name, and then the transaction is committed.
constexpr const char* constrained =
    "create table p (id int primary key);"
    "create table t (id int primary key, n int not null check (n >= 0), p int references p);"
    "insert into p values (1); insert into t values (1, 0, 1);";
constexpr const char* breaks_them_all =
    "-- reply: k, n, c, f\n"
    "begin;\n"
    "insert into t values (2, 0, 1);\n"
    "-- catch: 23505 as k\n"
    "insert into t values (1, 0, 1);\n"
    "-- catch: 23502 as n\n"
    "insert into t values (3, null, 1);\n"
    "-- catch: 23514 as c\n"
    "insert into t values (3, -1, 1);\n"
    "-- catch: 23503 as f\n"
    "insert into t values (3, 0, 7);\n"
    "commit;\n";

}  // namespace racelab::on_database
