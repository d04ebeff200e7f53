// Endpoints in SQL as they are typed: explore, verify, show, new, list, and what mistakes get.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "sim/cli/script_scenario.h"
#include "tests/cli/command.h"
#include "tests/cli/folder.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::script_commands_test {
namespace {

constexpr const char* counter =
    "create table t (id int primary key, n int not null);\ninsert into t values (1, 0);\n";

// What a mistake in one file gets; the folder's name is left out.
std::string mistake(const std::string& file, const std::string& text) {
  const TestFolder folder;
  folder.write("setup.sql", counter);
  folder.write("e.sql", "update t set n = n + 1 where id = 1;\n");
  folder.write(file, text);
  const CommandResult result = racelab_of("explore " + folder.path());
  EXPECT_EQ(code(result), 2) << text;
  EXPECT_EQ(result.output, "");
  std::string errors = result.errors;
  for (std::size_t at = errors.find(folder.path() + '/'); at != std::string::npos;
       at = errors.find(folder.path() + '/')) {
    errors.erase(at, folder.path().size() + 1);
  }
  return errors;
}

TEST(ScriptCommands, explore_shows_the_smallest_order_and_why) {
  const CommandResult result =
      racelab_of("explore on-call-doctors --strategy count-then-leave --clients 2");
  EXPECT_EQ(code(result), 1);
  EXPECT_EQ(result.output,
            "VIOLATED  in 18 of 20 orders: write skew; broken: \"At least one doctor is on\n"
            "        call.\"\n"
            "odds    90.0 % of the orders; 75.0 % when every next step is as likely as the\n"
            "        others\n"
            "ends    ✗ 18 orders: A 200, B 200; doctor (alice, 1, false)(bob, 1, false)\n"
            "        ✓ 1 order: A 200, B 409; doctor (alice, 1, false)\n"
            "        ✓ 1 order: A 409, B 200; doctor (bob, 1, false)\n"
            "covered 24 states, 30 transitions\n"
            "\n"
            "least   2 clients, 2 operations, 6 steps: AABBBA\n"
            "\n"
            "                                                                       odds of a\n"
            "                                                                violation 75.0 %\n"
            "  1  A    begin; select count(*) as others from doctor where on_call and\n"
            "            name <> 'alice' -> 1                                          75.0 %\n"
            "  2  A    update doctor set on_call = false where name = 'alice' -> 1\n"
            "            row                                                           50.0 %\n"
            "  3  B    begin; select count(*) as others from doctor where on_call and\n"
            "            name <> 'bob' -> 1                                      DOOMED 100 %\n"
            "  4  B    update doctor set on_call = false where name = 'bob' -> 1 row    100 %\n"
            "  5  B    commit\n"
            "     B    is answered 200                                                  100 %\n"
            "  6  A    commit\n"
            "     A    is answered 200                                                  100 %\n"
            "\n"
            "end     A 200, B 200; doctor (alice, 1, false)(bob, 1, false)\n"
            "why     A read doctor (bob, 1, true) before B changed it; B read doctor (alice,\n"
            "        1, true) and did not see A's change; one after another, in whatever\n"
            "        order, it cannot end like this\n"
            "explain racelab explain 0.1.0:on-call-doctors:count-then-leave::AABBBA:0930b\n"
            "replay  racelab replay 0.1.0:on-call-doctors:count-then-leave::AABBBA:0930b\n"
            "holds   racelab explore on-call-doctors --clients 2 --strategy advisory-lock\n"
            "        racelab explore on-call-doctors --clients 2 --strategy count-the-change\n"
            "        racelab explore on-call-doctors --clients 2 --strategy lock-all-on-call\n"
            "with    strategy=count-then-leave clients=2 isolation=read-committed\n"
            "        param.doctor=alice,bob\n");
}

TEST(ScriptCommands, one_order_is_drawn_by_its_word) {
  const std::string command = "explore on-call-doctors --strategy count-then-leave --order ";
  const CommandResult bad = racelab_of(command + "AABBBA");
  EXPECT_EQ(code(bad), 1);
  EXPECT_TRUE(bad.output.starts_with("VIOLATED  in this order: write skew;")) << bad.output;
  // A to its end, then B, whose steps need not be written.
  const CommandResult good = racelab_of(command + "AAA");
  EXPECT_EQ(code(good), 0);
  EXPECT_TRUE(good.output.starts_with("HOLDS  in this order\n")) << good.output;
  EXPECT_NE(good.output.find("why     one after another it ends alike: A, then B\n"),
            std::string::npos)
      << good.output;
  EXPECT_EQ(racelab_of(command + "AZ").errors,
            "racelab: at letter 2 of the order, 'Z' cannot come; what can is A, B\n");
  EXPECT_EQ(racelab_of(command + "AAABBAB").errors,
            "racelab: the order is over at letter 6, before 'AB'\n");
}

TEST(ScriptCommands, json_has_the_keys_of_every_exploration) {
  const CommandResult result =
      racelab_of("explore oversold-stock --strategy read-then-write --format json");
  EXPECT_EQ(code(result), 1);
  const boost::json::value all = boost::json::parse(result.output);
  EXPECT_EQ(all.at("schema"), "racelab.explore/1");
  EXPECT_EQ(all.at("orders"), "24");
  EXPECT_EQ(all.at("orders_violating"), "22");
  EXPECT_EQ(all.at("orders_answers_only"), "0");
  EXPECT_EQ(all.at("counterexample").at("anomaly"), "lost update");
  EXPECT_EQ(all.at("counterexample").at("schedule"), "ABBBBAAA");
  EXPECT_EQ(all.at("outcomes").as_array().size(), 4U);
}

TEST(ScriptCommands, every_claim_is_as_derived) {
  const CommandResult result =
      racelab_of(lab::fewer == 1 ? "verify oversold-stock job-queue outbox comments"
                                 : "verify oversold-stock outbox");
  EXPECT_EQ(code(result), 0) << result.output;
  EXPECT_EQ(result.output.find("not so"), std::string::npos) << result.output;
}

TEST(ScriptCommands, a_wrong_claim_is_found_in_both_directions) {
  const TestFolder folder;
  folder.write("scenario.ini", "hazards = race\nisolation = read-committed\n");
  folder.write("setup.sql", counter);
  const std::string read = "select n from t where id = 1 \\gset\n";
  folder.write("claims-too-much.sql",
               "-- withstands: race\n" + read + "update t set n = :n + 1 where id = 1;\n");
  folder.write("claims-too-little.sql", "update t set n = n + 1 where id = 1;\n");
  const CommandResult result = racelab_of("verify " + folder.path());
  EXPECT_EQ(code(result), 1);
  EXPECT_NE(result.output.find("12 of 14 orders fail"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("every order holds"), std::string::npos) << result.output;
}

TEST(ScriptCommands, new_writes_a_folder_that_works_and_touches_nothing_that_is_there) {
  const TestFolder folder;
  const std::string shop = folder.path("shop");
  const CommandResult made = racelab_of("new " + shop);
  EXPECT_EQ(code(made), 0) << made.errors;
  EXPECT_EQ(code(racelab_of("explore " + shop)), 1);
  EXPECT_EQ(code(racelab_of("verify " + shop)), 0);
  EXPECT_EQ(code(racelab_of("show " + shop)), 0);
  const CommandResult again = racelab_of("new " + shop);
  EXPECT_EQ(code(again), 2);
  EXPECT_EQ(again.errors, "racelab: '" + shop + "' is there already; nothing was written\n");
  // It would hide one that is built in from all who read its name in a lesson.
  for (const std::string name : {"two-writers", "payment"}) {
    EXPECT_EQ(racelab_of("new " + name).errors,
              "racelab: '" + name +
                  "' is a scenario that is built in, and one of the two would be hidden; take "
                  "another name\n");
  }
}

TEST(ScriptCommands, a_claim_of_too_little_says_of_which_orders) {
  const TestFolder folder;
  folder.write("scenario.ini",
               "# Two requests add to one row.\n#\n# Asked again, one adds twice.\n"
               "hazards = race, repeat\nclients = 2\nlose-reply.max = 1\n");
  folder.write("setup.sql", counter);
  folder.write("add.sql", "update t set n = n + 1 where id = 1;\n");
  const std::string text = racelab_of("verify " + folder.path("")).output;
  EXPECT_NE(text.find("withstands race, and every order without a fault holds"), std::string::npos)
      << text;
}

TEST(ScriptCommands, control_characters_of_data_reach_no_terminal) {
  const TestFolder folder;
  folder.write("schema.sql", "create table t (id int primary key, s text);");
  folder.write("add.sql", "insert into t values (:client_id, E'a\\nb\\x1b]0;c\\x07d');\n");
  const std::string text = racelab_of("explore --setup " + folder.path("schema.sql") +
                                      " --endpoint " + folder.path("add.sql"))
                               .output;
  EXPECT_NE(text.find("a\\nb?]0;c?d"), std::string::npos) << text;
}

TEST(ScriptCommands, files_of_ones_own_need_no_folder) {
  const TestFolder folder;
  folder.write("schema.sql", counter);
  folder.write("add.sql", "update t set n = n + :by where id = 1;\n");
  folder.write("look.sql", "-- reply: n\nselect n from t where id = 1 \\gset\n");
  const std::string files = "explore --setup " + folder.path("schema.sql") + " --endpoint " +
                            folder.path("add.sql") + " --param by=2";
  EXPECT_EQ(code(racelab_of(files)), 0);
  EXPECT_EQ(code(racelab_of(files + " --endpoint " + folder.path("look.sql"))), 0);
  EXPECT_EQ(racelab_of("explore --endpoint " + folder.path("add.sql")).errors,
            "racelab: --endpoint needs the tables that it works on: --setup FILE\n");
}

TEST(ScriptCommands, a_mistake_is_told_with_its_place) {
  EXPECT_EQ(mistake("e.sql", "update t set m = 1;\n"),
            "racelab: e.sql:1:14: column \"m\" of relation \"t\" does not exist\n"
            "  update t set m = 1;\n"
            "               ^\n");
  EXPECT_EQ(mistake("e.sql", "\\if :x = 1\nselect 1;\n\\endif\n"),
            "racelab: e.sql:1:5: nothing gives the variable :x a value; a parameter is given as "
            "--param x=… or, in scenario.ini, as param.x = …\n"
            "  \\if :x = 1\n"
            "      ^\n");
  EXPECT_EQ(mistake("e.sql", "-- rply: n\nselect n from t \\gset\n"),
            "racelab: e.sql:1:1: there is no directive 'rply'; did you mean reply?\n"
            "  -- rply: n\n"
            "  ^\n");
  EXPECT_EQ(
      mistake("setup.sql", "create table t (id numeric);\n"),
      "racelab: setup.sql:1:20: the type numeric (count in whole units: cents, as bigint) is not "
      "modelled; `racelab list sql` shows what is\n"
      "  create table t (id numeric);\n"
      "                     ^\n");
  EXPECT_EQ(mistake("check.sql", "select n from t;\n"),
            "racelab: check.sql:1:1: a check is a SELECT that answers one boolean\n"
            "  select n from t;\n"
            "  ^\n");
  EXPECT_EQ(mistake("scenario.ini", "clients = 2\nclents = 3\n"),
            "racelab: scenario.ini:2:1: there is no setting 'clents'; did you mean 'clients'?\n"
            "  clents = 3\n"
            "  ^\n");
}

// Some editors put a mark before the first letter; what is no UTF-8 is refused where it stands, counted in letters.
TEST(ScriptCommands, an_endpoint_can_have_an_idempotency_key) {
  const CommandResult bare = racelab_of("explore unique-username --strategy with-unique-key");
  EXPECT_EQ(code(bare), 1);
  const CommandResult keyed =
      racelab_of("explore unique-username --strategy with-unique-key+idempotency-key");
  EXPECT_EQ(code(keyed), 0);
  EXPECT_EQ(keyed.output.substr(0, keyed.output.find(',')), "HOLDS  in all 114 orders");
  EXPECT_EQ(racelab_of("explore unique-username --strategy with-unique-key+key").errors,
            "racelab: there is no protection 'key' for endpoints in SQL; there is "
            "+idempotency-key\n");
  EXPECT_EQ(racelab_of("explore unique-username --strategy with-unique-kay+idempotency-key").errors,
            "racelab: there is no endpoint 'with-unique-kay' in unique-username; did you mean "
            "'with-unique-key'?\n");
  EXPECT_EQ(racelab_of("run unique-username --strategy with-unique-key+idempotency-key "
                       "--lose-reply.rate 100% --lose-reply.max 1")
                .output.substr(0, 5),
            "HOLDS");
}

// The token names the protection, and goes with the file that it protects.
TEST(ScriptCommands, an_order_with_an_idempotency_key_comes_back) {
  const TestFolder folder;
  folder.write("setup.sql", counter);
  folder.write("e.sql",
               "begin;\nselect n from t where id = 1 \\gset\n"
               "update t set n = :n + 1 where id = 1;\ncommit;\n");
  const std::string explored =
      racelab_of("explore " + folder.path() + " --strategy e+idempotency-key").output;
  const std::size_t at = explored.find("replay  racelab ");
  ASSERT_NE(at, std::string::npos) << explored;
  const std::string command = explored.substr(at + 16, explored.find('\n', at) - at - 16);
  EXPECT_NE(command.find(":e+idempotency-key:"), std::string::npos) << command;
  const CommandResult replayed = racelab_of(command);
  EXPECT_EQ(code(replayed), 1) << replayed.errors;
  EXPECT_NE(replayed.output.find("insert into racelab.idempotency_key (key) values ('A1')"),
            std::string::npos);
}

TEST(ScriptCommands, what_is_missing_is_said) {
  const TestFolder folder;
  EXPECT_EQ(racelab_of("explore " + folder.path()).errors,
            "racelab: " + folder.path() +
                " holds no setup.sql: the tables that its endpoints work on; `racelab new NAME` "
                "writes a folder to start from\n");
  folder.write("setup.sql", counter);
  folder.write("buy.sql", "update t set n = n + 1 where id = 1;\n");
  EXPECT_EQ(
      racelab_of("explore --setup " + folder.path("setup.sql") + " --endpoint " +
                 folder.path("sell.sql"))
          .errors,
      "racelab: there is no endpoint file '" + folder.path("sell.sql") + "'; there are buy.sql\n");
  EXPECT_EQ(racelab_of("explore --setup " + folder.path("setup.sql") + " --endpoint " +
                       folder.path("by.sql"))
                .errors,
            "racelab: there is no endpoint file '" + folder.path("by.sql") +
                "'; did you mean buy.sql?\n");
  EXPECT_EQ(run_command_line(
                {"explore", "oversold-stock", "--strategy", "guarded-update", "--order", ""}, {})
                .errors,
            "racelab: '--order' wants a word, such as AABB\n");
  folder.write("buy.sql", "update t set n = :n where id = 1;\n");
  const std::string errors = racelab_of("explore " + folder.path()).errors;
  EXPECT_NE(errors.find("nothing gives the variable :n a value; a parameter is given as --param "
                        "n=… or, in scenario.ini, as param.n = …"),
            std::string::npos)
      << errors;
}

TEST(ScriptCommands, a_refusal_for_a_key_is_no_read_skew) {
  const CommandResult result =
      racelab_of("explore get-or-create --strategy look-then-insert-with-unique-key");
  EXPECT_EQ(result.output.substr(0, result.output.find('\n')),
            "VIOLATED  in 12 of 14 orders: false refusal");
  EXPECT_NE(result.output.find("B was refused for the key of A's tag (1, sql, 0)"),
            std::string::npos);
}

TEST(ScriptCommands, files_are_utf8_with_or_without_a_mark) {
  const TestFolder folder;
  const std::string mark = "\xEF\xBB\xBF";
  folder.write("scenario.ini", mark + "# A claim.\nclients = 2\n");
  folder.write("setup.sql", mark + counter);
  folder.write("check.sql", mark + "-- It counts.\nselect n = 2 from t;\n");
  folder.write("e.sql", mark + "-- refusal: 423\nupdate t set n = n + 1 where id = 1;\n");
  EXPECT_EQ(code(racelab_of("explore " + folder.path())), 0);
  folder.write("e.sql", mark + "update t set m = 1;\n");
  EXPECT_NE(racelab_of("explore " + folder.path()).errors.find("e.sql:1:14: column"),
            std::string::npos);
  EXPECT_EQ(mistake("e.sql", "select 1;\nselect 'gr\xC3\xB6\xDF' as a;\n"),
            "racelab: e.sql:2:12: the byte 0xdf is no letter of UTF-8; save the file as UTF-8\n"
            "  select 'gr\xC3\xB6?' as a;\n"
            "             ^\n");
  EXPECT_EQ(mistake("scenario.ini", "clients = 2\n# \xFF\n"),
            "racelab: scenario.ini:2:3: the byte 0xff is no letter of UTF-8; save the file as "
            "UTF-8\n"
            "  # ?\n"
            "    ^\n");
  EXPECT_EQ(mistake("setup.sql", std::string("select 1;\0", 10)),
            "racelab: setup.sql:1:10: a zero byte is no part of a text\n"
            "  select 1; \n"
            "           ^\n");
}

// A claim is read with the file, not when it is held to something.
TEST(ScriptCommands, a_wrong_word_in_a_claim_has_its_place) {
  EXPECT_EQ(mistake("e.sql", "-- withstands: race, overlaps\nupdate t set n = 1;\n"),
            "racelab: e.sql:1:22: there is no hazard 'overlaps'; did you mean overlap?\n"
            "  -- withstands: race, overlaps\n"
            "                       ^\n");
}

// What must be true answers true, once: everything else is said in words.
TEST(ScriptCommands, a_check_that_does_not_answer_true_says_what_it_answers) {
  struct Case {
    const char* check;
    const char* words;
  };
  for (const Case& it : std::vector<Case>{
           {"select n = 2 from t;", ""},
           {"select n = 1 from t;", "broken: \"It counts.\"\n"},
           {"select bool_and(n = 2) from t where id = 7;", "broken: \"It counts.\" answers NULL\n"},
           {"select n = 2 from t where id = 7;", "broken: \"It counts.\" answers no row\n"},
           {"select n = a.client from t join racelab.answer a on true;",
            "broken: \"It counts.\" answers 2 rows\n"},
           {"select 1 / (n - 2) = 1 from t;", "broken: \"It counts.\" fails: division by zero\n"},
       }) {
    const TestFolder folder;
    folder.write("scenario.ini", "clients = 2\n");
    folder.write("setup.sql", counter);
    folder.write("check.sql", std::string("-- It counts.\n") + it.check + '\n');
    folder.write("e.sql", "update t set n = n + 1 where id = 1;\n");
    const CommandResult result = racelab_of("explore " + folder.path());
    const bool holds = std::string_view(it.words).empty();
    EXPECT_EQ(code(result), holds ? 0 : 1) << it.check;
    EXPECT_NE(result.output.find(it.words), std::string::npos) << result.output;
    const boost::json::value all =
        boost::json::parse(racelab_of("explore " + folder.path() + " --format json").output);
    const boost::json::value& check = all.at("outcomes").at(0).at("checks").at(0);
    EXPECT_EQ(check.at("holds").as_bool(), holds);
    EXPECT_EQ(check.at("problem").as_string().empty(), holds);
  }
}

// The commands that it prints can be typed as they stand.
TEST(ScriptCommands, new_quotes_an_odd_name) {
  const TestFolder folder;
  const std::string odd = folder.path("two words; it's $HOME");
  const CommandResult made = run_command_line({"new", odd}, {});
  EXPECT_EQ(code(made), 0) << made.errors;
  const std::string quoted = "'" + folder.path("two words; it") + "'\\''s $HOME'";
  EXPECT_NE(made.output.find("try     racelab explore " + quoted + "\n"), std::string::npos)
      << made.output;
  EXPECT_EQ(code(run_command_line({"explore", odd}, {})), 1);
  EXPECT_NE(run_command_line({"show", odd}, {}).output.find("racelab verify " + quoted + "\n"),
            std::string::npos);
  EXPECT_EQ(run_command_line({"new", folder.path("a\nb")}, {}).errors,
            "racelab: '" + folder.path("a?b") +
                "' is no name for a folder: it has a control character in it\n");
}

TEST(ScriptCommands, they_are_not_mixed_with_other_scenarios) {
  const CommandResult result = racelab_of("compare hot-counter on-call-doctors");
  EXPECT_EQ(code(result), 2);
  EXPECT_EQ(result.errors,
            "racelab: 'on-call-doctors' has endpoints in SQL: commands take it alone, as in "
            "`racelab compare on-call-doctors`\n");
}

TEST(ScriptCommands, every_built_in_folder_is_listed_shown_and_explored) {
  const std::string list = racelab_of("list scenarios").output;
  for (const ListedScenario& scenario : listed_script_scenarios()) {
    EXPECT_NE(list.find("\n  " + scenario.name + "  "), std::string::npos) << scenario.name;
    EXPECT_FALSE(scenario.claim.empty()) << scenario.name;
    EXPECT_EQ(code(racelab_of("show " + scenario.name)), 0);
    EXPECT_EQ(code(racelab_of("explore " + scenario.name)), 1) << scenario.name;
  }
}

}  // namespace
}  // namespace racelab::lab::script_commands_test
