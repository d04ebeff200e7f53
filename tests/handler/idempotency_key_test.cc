// +idempotency-key on an endpoint in SQL: what it sends, what it saves, what a second call is answered.
#include <gtest/gtest.h>

#include "sim/parse/idempotency_key.h"
#include "sim/parse/scenario_folder.h"

namespace racelab::idempotency_key_test {
namespace {

constexpr const char* tables =
    "create table item (id integer primary key, n integer check (n >= 0));"
    "create table sale (id serial primary key, item integer);"
    "create schema mailer; create table mailer.sent (body text);"
    "insert into item values (1, 1);";

// An endpoint with a key, and the database that it runs on.
class Shop {
 public:
  explicit Shop(const std::string& endpoint, const std::string& isolation = "read-committed")
      : scenario_(compiled(endpoint, isolation)),
        setup_(parse::setup_of(scenario_, "buy+idempotency-key")),
        database_(*setup_.start) {}

  // What a call sends, a line each; then its answer. `finishes`: it is kept where it waits otherwise.
  std::string call(sql::SessionId session = 0) {
    start(session);
    std::string steps;
    while (!run_->finished()) {
      steps += step(session) + '\n';
    }
    end(session);
    return steps + answer();
  }
  void start(sql::SessionId session) {
    database_.connect(session, setup_.rules.standard());
    run_.emplace(script(), setup_.rules, given_variables(script(), 0, 0, 1, setup_.parameters[0]));
    run_->start(database_, session);
  }
  std::string step(sql::SessionId session) {
    std::string text;
    for (const std::string& before : run_->before_text()) {
      text += before + "; ";
    }
    text += run_->pending_text();
    const bool waits = run_->send(database_) == sql::Database::Progress::waiting;
    EXPECT_EQ(waits, database_.waiting(session));
    return text + (waits ? " -> waits" : "");
  }
  void end(sql::SessionId session) { database_.disconnect(session); }
  [[nodiscard]] std::string answer() const {
    const ScriptReply& reply = run_->reply();
    std::string text = "-> " + std::to_string(reply.status);
    for (std::size_t i = 0; i < reply.values.size(); ++i) {
      text += ' ' + script().variables[script().reply[i]] + '=' + sql::to_text(reply.values[i]);
    }
    return text;
  }
  [[nodiscard]] std::string contents(std::uint16_t table) const {
    std::string text;
    for (const sql::Values& row : database_.contents(table)) {
      for (const sql::Value& value : row) {
        text += sql::to_text(value) + ' ';
      }
      text += "| ";
    }
    return text;
  }
  [[nodiscard]] const Script& script() const { return *setup_.scripts.back(); }
  sql::Database& database() { return database_; }
  std::optional<ScriptRun>& run() { return run_; }

 private:
  static parse::ScriptScenario compiled(const std::string& endpoint, const std::string& isolation) {
    parse::FolderTexts texts;
    texts.name = "shop";
    texts.setup = {"setup.sql", tables};
    texts.endpoints.emplace_back("buy", parse::Source{"buy.sql", endpoint});
    texts.settings = {"scenario.ini", "param.item = 1\n"};
    return parse::compile(texts, {{"isolation", isolation}});
  }

  parse::ScriptScenario scenario_;
  ScriptSetup setup_;
  sql::Database database_;
  std::optional<ScriptRun> run_;
};

constexpr const char* with_begin = R"(-- withstands: race
-- reply: sale, left
begin;
update item set n = n - 1 where id = :item and n > 0 returning n as left \aset
insert into sale (item) values (:item) returning id as sale \gset
commit;
)";

TEST(IdempotencyKey, key_change_and_reply_are_one_transaction) {
  Shop shop(with_begin);
  EXPECT_EQ(
      shop.call(),
      "begin; insert into racelab.idempotency_key (key) values ('A1') on conflict do nothing "
      "returning true as is_new\n"
      "update item set n = n - 1 where id = 1 and n > 0 returning n as left\n"
      "insert into sale (item) values (1) returning id as sale\n"
      "update racelab.idempotency_key set status = 200, \"sale\" = 1, \"left\" = 0 where key = "
      "'A1'\n"
      "commit\n"
      "-> 200 sale=1 left=0");
  // A second call sells nothing, and is answered the same.
  EXPECT_EQ(shop.call(),
            "begin; insert into racelab.idempotency_key (key) values ('A1') on conflict do nothing "
            "returning true as is_new\n"
            "select status, \"sale\", \"left\" from racelab.idempotency_key where key = 'A1'\n"
            "commit\n"
            "-> 200 sale=1 left=0");
  EXPECT_EQ(shop.contents(0), "1 0 | ");
  EXPECT_EQ(shop.contents(1), "1 1 | ");
}

TEST(IdempotencyKey, its_rows_are_no_contents) {
  Shop shop(with_begin);
  shop.call();
  EXPECT_EQ(shop.contents(3), "");
  EXPECT_EQ(shop.database().schema().tables[3].full_name(), "racelab.idempotency_key");
}

TEST(IdempotencyKey, a_script_without_begin_gets_the_transaction_of_its_handler) {
  // At autocommit as well: without a transaction key and change could not stand or fall together.
  for (const char* isolation : {"autocommit", "read-committed"}) {
    Shop shop("update item set n = n - 1 where id = 1;\n", isolation);
    EXPECT_EQ(
        shop.call(),
        "begin; insert into racelab.idempotency_key (key) values ('A1') on conflict do nothing "
        "returning true as is_new\n"
        "update item set n = n - 1 where id = 1\n"
        "update racelab.idempotency_key set status = 200 where key = 'A1'\n"
        "commit\n"
        "-> 200");
    shop.call();
    EXPECT_EQ(shop.contents(0), "1 0 | ");
  }
}

TEST(IdempotencyKey, what_rolls_back_saves_nothing) {
  Shop refuses("\\set status 404\nupdate item set n = n where id = 2;\n");
  const std::string once = refuses.call();
  EXPECT_EQ(once,
            "begin; insert into racelab.idempotency_key (key) values ('A1') on conflict do nothing "
            "returning true as is_new\n"
            "update item set n = n where id = 2\n"
            "rollback\n"
            "-> 404");
  EXPECT_EQ(refuses.call(), once);
  // An error frees the key at once.
  Shop fails("update item set n = -1 where id = 1;\n");
  const std::string failed = fails.call();
  EXPECT_EQ(failed.substr(failed.rfind("-> ")), "-> 422");
  EXPECT_EQ(fails.call(), failed);
}

TEST(IdempotencyKey, a_commit_of_a_failed_transaction_saves_nothing) {
  Shop shop(R"(begin;
-- catch: 23514 as short
update item set n = -1 where id = 1;
commit;
)");
  const std::string once = shop.call();
  EXPECT_EQ(once.substr(once.rfind("commit")), "commit\n-> 200");
  EXPECT_EQ(shop.call(), once);
}

TEST(IdempotencyKey, what_is_not_set_is_answered_as_null_again) {
  Shop shop(R"(-- reply: sale
begin;
\if :item > 1
  insert into sale (item) values (:item) returning id as sale \gset
\endif
update item set n = 0 where id = :item;
commit;
)");
  const std::string once = shop.call();
  EXPECT_EQ(once.substr(once.rfind("-> ")), "-> 200 sale=NULL");
  const std::string again = shop.call();
  EXPECT_EQ(again.substr(again.rfind("-> ")), "-> 200 sale=NULL");
}

TEST(IdempotencyKey, a_second_call_waits_for_the_first) {
  Shop shop(with_begin);
  shop.start(0);
  shop.step(0);
  shop.step(0);
  ScriptRun first = *shop.run();
  shop.start(2);
  EXPECT_EQ(shop.step(2).substr(0, 12), "begin; inser");
  ScriptRun second = *shop.run();
  EXPECT_TRUE(shop.database().waiting(2));
  while (!first.finished()) {
    first.send(shop.database());
  }
  Branches branches;
  shop.database().settle(branches);
  ASSERT_EQ(shop.database().woken(), std::vector<sql::SessionId>{2});
  second.completed(shop.database());
  EXPECT_EQ(second.pending_text(),
            "select status, \"sale\", \"left\" from racelab.idempotency_key where key = 'A1'");
  while (!second.finished()) {
    second.send(shop.database());
  }
  EXPECT_EQ(second.reply().values, first.reply().values);
  EXPECT_EQ(shop.contents(1), "1 1 | ");
}

TEST(IdempotencyKey, it_withstands_repeats_where_everything_stands_or_falls_with_it) {
  const auto hazards = [](const std::string& endpoint) {
    const Shop shop(endpoint);
    std::string text;
    for (const Script::Withstood& it : shop.script().withstands) {
      text += (text.empty() ? "" : ", ") + it.hazard;
    }
    return text;
  };
  EXPECT_EQ(hazards(with_begin), "race, repeat, overlap, crash");
  EXPECT_EQ(hazards("update item set n = 0 where id = 1;\n"), "repeat, overlap, crash");
  EXPECT_EQ(hazards("update item set n = 0 where id = 1;\ninsert into mailer.sent values ('x');\n"),
            "");
  EXPECT_EQ(hazards("update item set n = 0 where id = 1;\nbegin;\nselect n from item;\ncommit;\n"),
            "");
  // What is answered after the COMMIT is not what was saved.
  EXPECT_EQ(hazards("begin;\nupdate item set n = 0 where id = 1;\ncommit;\n\\set status 201\n"),
            "");
}

TEST(IdempotencyKey, what_cannot_have_one_says_why) {
  const auto problem = [](const std::string& endpoint) {
    try {
      const Shop shop(endpoint);
    } catch (const parse::Problem& it) {
      return std::string(it.what());
    }
    return std::string();
  };
  EXPECT_EQ(problem("begin;\nupdate item set n = 0;\ncommit;\nbegin;\nselect 1 as one;\ncommit;\n"),
            "buy.sql:4: 'buy' cannot have an idempotency key: a path through it comes to a second "
            "BEGIN here, and key, change and reply belong into one transaction");
  // Two of which a path meets one are no two.
  EXPECT_EQ(problem("\\if :item = 1\nbegin;\nselect 1 as one;\ncommit;\n\\else\nbegin;\n"
                    "select 2 as two;\ncommit;\n\\endif\n"),
            "");
  EXPECT_EQ(problem("-- rows: items\nselect id from item;\n"),
            "'buy' cannot have an idempotency key: it answers rows (-- rows: items), and what is "
            "saved with a key is the status and what stands in -- reply:");
  EXPECT_EQ(problem("update item set n = 0;\ncommit;\nupdate item set n = 1;\n"),
            "buy.sql:2: 'buy' cannot have an idempotency key: it ends the transaction that its "
            "handler began; give it a begin of its own");
  EXPECT_EQ(problem("-- reply: it\nselect n as it from item \\gset\n\\if :it > 0\n"
                    "select 'a' as it \\gset\n\\endif\n"),
            "'buy' cannot have an idempotency key: :it is answered now as one type, now as "
            "another");
}

}  // namespace
}  // namespace racelab::idempotency_key_test
