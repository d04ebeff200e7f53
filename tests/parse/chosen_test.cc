// An endpoint with choices in it: what is left when they are made, word for word.
#include "sim/parse/chosen.h"

#include <gtest/gtest.h>

namespace racelab::parse::chosen_test {
namespace {

constexpr const char* endpoint =
    "-- reply: n\n"
    "\\set found 0\n"
    "\\if :how = 1\n"
    "select n from t where id = 1 \\gset\n"
    "\\elif :how = 2\n"
    "  select n\n"
    "    from t where id = 1 for update \\gset\n"
    "\\elif :maybe = 1\n"
    "select 1 as found \\gset\n"
    "\\else\n"
    "select 2 as n \\gset\n"
    "\\endif\n"
    "\\if :found = 0\n"
    "  update t set n = :n + 1;\n"
    "\\endif\n";

TEST(Chosen, the_branch_that_is_taken_stays_and_its_if_goes) {
  EXPECT_EQ(chosen(endpoint, {{"how", 2}, {"maybe", 0}}),
            "-- reply: n\n"
            "select n\n"
            "  from t where id = 1 for update \\gset\n"
            "update t set n = :n + 1;\n");
  EXPECT_EQ(chosen(endpoint, {{"how", 3}, {"maybe", 0}}),
            "-- reply: n\n"
            "select 2 as n \\gset\n"
            "update t set n = :n + 1;\n");
}

TEST(Chosen, what_only_the_script_can_tell_stays) {
  // :found is written by a statement now, so it is no constant.
  EXPECT_EQ(chosen(endpoint, {{"how", 3}}),
            "-- reply: n\n"
            "\\set found 0\n"
            "\\if :maybe = 1\n"
            "  select 1 as found \\gset\n"
            "\\else\n"
            "  select 2 as n \\gset\n"
            "\\endif\n"
            "\\if :found = 0\n"
            "  update t set n = :n + 1;\n"
            "\\endif\n");
  // An \elif that is certain is an \else, and what follows it is gone.
  EXPECT_EQ(chosen("\\if :a > :b\nselect 1;\n\\elif :how >= 2\nselect 2;\n\\else\nselect 3;\n"
                   "\\endif\n",
                   {{"how", 2}}),
            "\\if :a > :b\n  select 1;\n\\else\n  select 2;\n\\endif\n");
}

TEST(Chosen, one_inside_another) {
  constexpr const char* nested =
      "\\if :a = 1\n"
      "\\if :open\nselect 1;\n\\if :b <> 1\nselect 2;\n\\else\nselect 3;\n\\endif\n\\endif\n"
      "\\else\n"
      "\\if :open\nselect 4;\n\\endif\n"
      "\\endif\n";
  EXPECT_EQ(chosen(nested, {{"a", 1}, {"b", 1}}),
            "\\if :open\n  select 1;\n  select 3;\n\\endif\n");
  EXPECT_EQ(chosen(nested, {{"a", 2}, {"b", 1}}), "\\if :open\n  select 4;\n\\endif\n");
  EXPECT_EQ(chosen(nested, {{"a", 2}, {"b", 1}, {"open", 0}}), "");
}

TEST(Chosen, a_variable_that_may_change_is_no_constant) {
  // Set in a branch, set twice, set to no number, read before it is set, written by a statement that is caught.
  for (const char* text :
       {"\\if :x\n  \\set n 1\n\\endif\n\\if :n = 1\n  select 1;\n\\endif\n",
        "\\set n 1\nselect 1;\n\\set n 2\n\\if :n = 1\n  select 1;\n\\endif\n",
        "\\set n :x + 1\n\\if :n = 1\n  select 1;\n\\endif\n",
        "\\if :n = 1\n  select 1;\n\\endif\n\\set n 1\n",
        "\\set n 1\n-- catch: 23505 as n\nselect 1;\n\\if :n = 1\n  select 1;\n\\endif\n"}) {
    EXPECT_EQ(chosen(text, {}), text);
  }
}

TEST(Chosen, without_choices_nothing_changes_but_blanks) {
  EXPECT_EQ(chosen("", {}), "");
  EXPECT_EQ(chosen("  select 1;\n\n\\endif\n", {}), "select 1;\n\n\\endif\n");
}

}  // namespace
}  // namespace racelab::parse::chosen_test
