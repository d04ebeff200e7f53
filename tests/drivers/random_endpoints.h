// Random little endpoints in the SQL that the store models, over three small tables that hold on to each other: so that the store is
// compared with a real server on much more than what ships.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/parse/scenario_folder.h"
#include "tests/explore/random_programs.h"

namespace racelab::random_endpoints {

using lab::Dice;

struct Endpoints {
  parse::FolderTexts texts;
  std::string fleet;  // "a,b,a"
  std::vector<std::pair<std::string, std::string>> flags;

  [[nodiscard]] std::string text() const {
    std::string all = texts.setup.text;
    for (const auto& [name, source] : texts.endpoints) {
      all += fmt::format("---- {}\n{}", name, source.text);
    }
    for (const auto& [key, value] : flags) {
      all += fmt::format("--{} {} ", key, value);
    }
    return fmt::format("{}--strategy {}\n", all, fleet);
  }
};

template <std::size_t size>
std::string one_of(Dice& dice, const std::string_view (&words)[size]) {
  return std::string(words[dice.roll(size)]);
}

inline std::string maybe(Dice& dice, std::uint32_t percent, std::string_view text) {
  return dice.chance(percent) ? std::string(text) : "";
}

/// Rows 1 to 3 of t, 1 and 2 of u, three of v.
inline std::string random_setup(Dice& dice) {
  std::string text =
      fmt::format("create table t (id int primary key, n int not null{}, k int{});\n",
                  maybe(dice, 25, " check (n between -2 and 4)"), maybe(dice, 40, " unique"));
  const bool serial = dice.chance(50);
  text += fmt::format(
      "create table u (id {}, t int references t (id){}{}, n int not null default 0);\n",
      serial ? "serial primary key" : "int primary key",
      one_of(dice, {"", " on delete cascade", " on delete set null", " on delete restrict"}),
      maybe(dice, 25, " on update cascade"));
  text += fmt::format("create table v (a int not null, b int{});\n",
                      one_of(dice, {"", ", unique (a)", ", unique (a, b)"}));
  text += maybe(dice, 20, "create unique index once on v (b) where b > 1;\n");
  text += "insert into t values (1, 0, 1), (2, 1, 2), (3, 0, null);\n";
  text += serial ? "insert into u (t, n) values (1, 0), (2, 1);\n"
                 : "insert into u (id, t, n) values (11, 1, 0), (12, null, 1);\n";
  return text + "insert into v values (1, 1), (2, null), (3, 2);\n";
}

inline std::string random_condition(Dice& dice, const std::string& column) {
  switch (dice.roll(7)) {
    case 0:
      return fmt::format("{} > {}", column, dice.roll(3));
    case 1:
      return fmt::format("{} = :x", column);
    case 2:
      return fmt::format("{} in ({}, {})", column, dice.roll(2), 1 + dice.roll(3));
    case 3:
      return fmt::format("{} is distinct from {}", column, dice.roll(3));
    case 4:
      return fmt::format("exists (select 1 from u where u.t = {} and u.n >= 0)", column);
    case 5:
      return fmt::format("{} <= (select count(*) from v)", column);
    default:
      return fmt::format("{} = {}", column, 1 + dice.roll(3));
  }
}

inline std::string random_lock(Dice& dice) {
  return fmt::format(" for {}{}",
                     one_of(dice, {"update", "no key update", "share", "key share", "update"}),
                     one_of(dice, {"", "", "", " nowait", " skip locked"}));
}

inline std::string random_select(Dice& dice) {
  const std::string id = std::to_string(1 + dice.roll(3));
  switch (dice.roll(7)) {
    case 0:
      return fmt::format("select n as x from t where id = {} \\gset\n", id);
    case 1:
      return fmt::format("select n as x from t where id = {}{} \\aset\n", id, random_lock(dice));
    case 2:
      return fmt::format("select count(*) as x from t where {} \\gset\n",
                         random_condition(dice, "n"));
    case 3:
      return fmt::format("select coalesce(sum(n), 0) as x from u where {} \\gset\n",
                         random_condition(dice, "t"));
    case 4:
      return fmt::format("select id as x from t where {} order by id limit 1{} \\aset\n",
                         random_condition(dice, "n"), random_lock(dice));
    case 5:
      return fmt::format(
          "select t.n as x from t join u on u.t = t.id where u.n = {} order by t.id, u.id limit "
          "1{} "
          "\\aset\n",
          dice.roll(2), maybe(dice, 50, " for update of t"));
    default:
      return fmt::format("select max(b) as x from v where a < {} \\aset\n", 2 + dice.roll(3));
  }
}

inline std::string random_update(Dice& dice) {
  const std::string where =
      dice.chance(60) ? fmt::format("id = {}", 1 + dice.roll(3)) : random_condition(dice, "n");
  const std::string returning = maybe(dice, 20, " returning n as x \\aset\n");
  const std::string end = returning.empty() ? ";\n" : returning;
  switch (dice.roll(8)) {
    case 0:
      return fmt::format("update t set n = coalesce(:x, 0) + 1 where {}{}", where, end);
    case 1:
      return fmt::format("update t set k = {} where {}{}", 1 + dice.roll(4), where, end);
    case 2:
      return fmt::format("update t set id = id + 10 where id = {}{}", 1 + dice.roll(3), end);
    case 3:
      return fmt::format("update u set t = {}, n = n + 1 where {};\n", 1 + dice.roll(4),
                         random_condition(dice, "n"));
    case 4:
      return fmt::format("update t set n = t.n + u.n from u where u.t = t.id and u.n >= {};\n",
                         dice.roll(2));
    case 5:
      return fmt::format("update v set b = coalesce(b, 0) + 1 where a = {};\n", 1 + dice.roll(3));
    default:
      return fmt::format("update t set n = n + 1 where {}{}", where, end);
  }
}

inline std::string random_insert(Dice& dice) {
  const std::string id = dice.chance(40) ? "4 + :client_id" : std::to_string(3 + dice.roll(2));
  switch (dice.roll(6)) {
    case 0:
      return fmt::format("insert into t values ({}, 0, {}) on conflict do nothing;\n", id,
                         1 + dice.roll(4));
    case 1:
      return fmt::format(
          "insert into t values ({}, 1, null) on conflict (id) do update set n = t.n + "
          "excluded.n{};\n",
          id, maybe(dice, 30, " where t.n < 1"));
    case 2:
      return fmt::format("insert into u (id, t, n) values ({} + 20, {}, 0);\n", dice.roll(2),
                         1 + dice.roll(4));
    case 3:
      return fmt::format("insert into v select {}, max(n) from t;\n", 3 + dice.roll(2));
    case 4:
      return fmt::format("insert into v values ({}, {});\n", 1 + dice.roll(4), 1 + dice.roll(3));
    default:
      return fmt::format("insert into t values ({}, 0, {});\n", id, 2 + dice.roll(3));
  }
}

inline std::string random_other(Dice& dice) {
  switch (dice.roll(6)) {
    case 0:
      return fmt::format("delete from t where {};\n", dice.chance(60)
                                                          ? fmt::format("id = {}", 1 + dice.roll(4))
                                                          : random_condition(dice, "n"));
    case 1:
      return fmt::format("delete from u where {};\n", random_condition(dice, "t"));
    case 2:
      return fmt::format("select pg_advisory_xact_lock({});\n", dice.roll(2));
    case 3:
      return fmt::format(
          "select case when pg_try_advisory_xact_lock({}) then 1 else 0 end as x \\gset\n",
          dice.roll(2));
    case 4:
      return fmt::format(
          "with moved as (update t set n = n - 1 where id = {} returning n) "
          "select n as x from moved \\aset\n",
          1 + dice.roll(3));
    default:
      return fmt::format("delete from v where a = {};\n", 1 + dice.roll(3));
  }
}

inline std::string random_statement(Dice& dice) {
  const std::string caught = maybe(dice, 12, "-- catch: 23505 as c\n");
  switch (dice.roll(10)) {
    case 0:
    case 1:
    case 2:
      return random_select(dice);
    case 3:
    case 4:
    case 5:
      return caught + random_update(dice);
    case 6:
    case 7:
      return caught + random_insert(dice);
    default:
      return random_other(dice);
  }
}

inline std::string random_endpoint(Dice& dice) {
  std::string text = maybe(dice, 40, "-- retry: 40001, 40P01\n");
  text += "\\set x 0\n\\set c 0\n";
  const bool own = dice.chance(40);
  if (own) {
    text += one_of(dice, {"begin;\n", "begin isolation level read committed;\n",
                          "begin isolation level repeatable read;\n"});
  }
  const std::uint32_t statements = 1 + dice.roll(3);
  for (std::uint32_t i = 0; i < statements; ++i) {
    switch (dice.roll(8)) {
      case 0:
        text += fmt::format("\\if :x is null or :x > 0\n{}\\endif\n", random_statement(dice));
        break;
      case 1:
        if (own) {
          text += fmt::format("savepoint s;\n{}{}", random_statement(dice),
                              one_of(dice, {"rollback to s;\n", "release s;\n"}));
          break;
        }
        [[fallthrough]];
      default:
        text += random_statement(dice);
    }
  }
  return text + (own ? one_of(dice, {"commit;\n", "commit;\n", "commit;\n", "rollback;\n"}) : "");
}

/// Two clients or more, with up to three endpoints among them.
inline Endpoints random_endpoints(std::uint64_t seed, std::uint32_t clients_max) {
  Dice dice(seed);
  Endpoints made;
  made.texts.name = "random";
  made.texts.setup = {"setup.sql", random_setup(dice)};
  const std::uint32_t scripts = 1 + dice.roll(3);
  for (std::uint32_t i = 0; i < scripts; ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    made.texts.endpoints.emplace_back(name, parse::Source{name + ".sql", random_endpoint(dice)});
  }
  const std::uint32_t clients = 2 + dice.roll(clients_max - 1);
  for (std::uint32_t i = 0; i < clients; ++i) {
    made.fleet += fmt::format("{}{}", i == 0 ? "" : ",", static_cast<char>('a' + (i % scripts)));
  }
  made.flags = {{"clients", std::to_string(clients)},
                {"isolation", one_of(dice, {"autocommit", "read-committed", "read-committed",
                                            "repeatable-read", "serializable"})},
                {"attempts-max", "1"}};
  if (dice.chance(15)) {
    made.flags.emplace_back("lock-timeout", "1s");
  }
  if (dice.chance(10)) {
    made.flags.emplace_back(one_of(dice, {"crash.max", "lose-session.max"}), "1");
  }
  return made;
}

}  // namespace racelab::random_endpoints
