// Lessons as files: a small one read whole, and every mistake with its place.
#include "sim/parse/lesson_file.h"

#include <gtest/gtest.h>

namespace racelab::parse::lesson_file_test {
namespace {

const std::string small =
    "# 3. Small\n"
    "\n"
    "A story of\n"
    "two lines.\n"
    "\n"
    "And `code`.\n"
    "\n"
    "## Experiment\n"
    "\n"
    "```\n"
    "racelab explore two-writers\n"
    "```\n"
    "\n"
    "## Question\n"
    "\n"
    "How many?\n"
    "\n"
    "- [ ] 2\n"
    "\n"
    "  No.\n"
    "\n"
    "- [x] 4, or\n"
    "  so\n"
    "\n"
    "  Yes.\n"
    "\n"
    "## What happens\n"
    "\n"
    "It is 4.\n"
    "\n"
    "```expect\n"
    "orders_violating = 4\n"
    "outcomes[final=2].orders = 2\n"
    "```\n"
    "\n"
    "## One change\n"
    "\n"
    "Three.\n"
    "\n"
    "```\n"
    "racelab explore two-writers --clients 3\n"
    "```\n"
    "\n"
    "More.\n"
    "\n"
    "```expect\n"
    "orders = 90\n"
    "```\n"
    "\n"
    "## By hand\n"
    "\n"
    "Do it.\n"
    "\n"
    "```\n"
    "racelab step two-writers\n"
    "```\n"
    "\n"
    "## Remember\n"
    "\n"
    "That.\n";

Lesson read(const std::string& text) {
  return read_lesson({"scenarios/lessons/03-small.md", text});
}

TEST(LessonFile, is_read_whole) {
  const Lesson lesson = read(small);
  EXPECT_EQ(lesson.number, 3U);
  EXPECT_EQ(lesson.name, "small");
  EXPECT_EQ(lesson.title, "Small");
  EXPECT_EQ(lesson.story, (std::vector<std::string>{"A story of two lines.", "And `code`."}));
  EXPECT_EQ(lesson.experiment.command(), "racelab explore two-writers");
  EXPECT_EQ(lesson.question.text, "How many?");
  ASSERT_EQ(lesson.question.choices.size(), 2U);
  EXPECT_EQ(lesson.question.choices[0].text, "2");
  EXPECT_EQ(lesson.question.choices[0].reply, "No.");
  EXPECT_EQ(lesson.question.choices[1].text, "4, or so");
  EXPECT_EQ(lesson.question.choices[1].reply, "Yes.");
  EXPECT_EQ(lesson.question.right(), 1U);
  EXPECT_EQ(lesson.experiment.after, std::vector<std::string>{"It is 4."});
  ASSERT_EQ(lesson.experiment.claims.size(), 2U);
  EXPECT_EQ(lesson.experiment.claims[1].key, "outcomes[final=2].orders");
  EXPECT_EQ(lesson.experiment.claims[1].value, "2");
  EXPECT_EQ(lesson.change.before, std::vector<std::string>{"Three."});
  EXPECT_EQ(lesson.change.arguments,
            (std::vector<std::string>{"explore", "two-writers", "--clients", "3"}));
  EXPECT_EQ(lesson.change.after, std::vector<std::string>{"More."});
  EXPECT_EQ(lesson.by_hand.command(), "racelab step two-writers");
  EXPECT_EQ(lesson.remember, "That.");
  EXPECT_TRUE(lesson.parts.empty());
}

// The small lesson with one piece replaced.
std::string with(const std::string& what, const std::string& by) {
  std::string text = small;
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(LessonFile, parts_stand_in_place_of_a_question) {
  const std::size_t begin = small.find("## Question");
  const std::size_t end = small.find("## What happens");
  const Lesson lesson = read(small.substr(0, begin) +
                             "## Parts\n\n### lock: Which?\n\n- none\n- FOR UPDATE: waits\n\n"
                             "### key: When?\n\n- before\n- after\n\n" +
                             small.substr(end));
  EXPECT_TRUE(lesson.question.choices.empty());
  ASSERT_EQ(lesson.parts.size(), 2U);
  EXPECT_EQ(lesson.parts[0].name, "lock");
  EXPECT_EQ(lesson.parts[0].question, "Which?");
  EXPECT_EQ(lesson.parts[0].choices, (std::vector<std::string>{"none", "FOR UPDATE: waits"}));
  EXPECT_EQ(lesson.parts[1].name, "key");
}

// "12:3: sentence": where, from the first colon on, and what.
std::string mistake(const std::string& text, const std::string& file = "03-small.md") {
  try {
    read_lesson({file, text});
  } catch (const Problem& problem) {
    const std::string what = problem.what();
    return what.substr(file.size() + 1, what.find('\n') - file.size() - 1);
  }
  return "";
}

TEST(LessonFile, every_mistake_has_its_place) {
  EXPECT_EQ(mistake(small), "");
  EXPECT_EQ(mistake(""), "1:1: here stands the end of the file; expected the title, `# N. Title`");
  EXPECT_EQ(mistake(small, "small.md"),
            "1:1: a lesson's file is called NN-name.md, as 03-begin-commit.md");
  EXPECT_EQ(mistake(small, "04-small.md"), "1:3: the title of this file begins with '4. '");
  EXPECT_EQ(mistake(with("## Experiment", "## Trial")),
            "8:4: expected the section `## Experiment`");
  EXPECT_EQ(mistake(with("## Question", "## Answer")), "14:4: expected the section `## Question`");
  EXPECT_EQ(mistake(with("How many?\n", "")),
            "17:1: here stands a choice, `- [ ] text`; expected a paragraph");
  EXPECT_EQ(mistake(with("[x]", "[ ]")),
            "16:1: a question has 2 to 5 choices, one of them `[x]`: here are 2 with 0");
  EXPECT_EQ(mistake(with("[ ]", "[x]")),
            "16:1: a question has 2 to 5 choices, one of them `[x]`: here are 2 with 2");
  EXPECT_EQ(mistake(with("- [ ] 2", "- 2")),
            "18:1: a choice is `- [ ] text`, the right one `- [x] text`");
  EXPECT_EQ(
      mistake(with("  No.\n", "")),
      "21:1: here stands a choice, `- [ ] text`; expected an indented paragraph, what is said "
      "to whoever chose it");
  EXPECT_EQ(mistake(with("```expect\norders_v", "```\norders_v")),
            "31:1: expected a fence marked `expect`");
  EXPECT_EQ(mistake(with("= 4\n", "4\n")), "32:1: an expectation is `key = value`");
  EXPECT_EQ(mistake(with("[final=2].orders = 2", "[final=2].orders =")),
            "33:1: an expectation is `key = value`");
  EXPECT_EQ(mistake(with("orders = 90\n", "")), "46:1: nothing is expected here");
  EXPECT_EQ(mistake(with("That.\n", "")),
            "60:1: here stands the end of the file; expected a paragraph");
  EXPECT_EQ(mistake(small + "\nMore.\n"),
            "62:1: here stands a paragraph; expected the end of the file");
  EXPECT_EQ(mistake(with("step two-writers\n```", "step two-writers\n")),
            "54:1: this fence is not closed: ``` on a line of its own");
}

TEST(LessonFile, text_is_plain) {
  EXPECT_EQ(mistake(with("And `code`.", "And `code.")), "6:1: a backquote here has no partner");
  for (const char* bad : {"**bold**", "[a](b)", "<b>", "__x__"}) {
    EXPECT_NE(mistake(with("And `code`.", bad)), "") << bad;
  }
  EXPECT_EQ(mistake(with("And", "\xFF")),
            "6:1: the byte 0xff is no letter of UTF-8; save the file as UTF-8");
}

TEST(LessonFile, a_command_does_no_harm) {
  const auto command = [](const std::string& words) {
    return mistake(with("racelab explore two-writers\n", words + '\n'));
  };
  EXPECT_EQ(command("racelab compare two-writers --seeds 10"), "");
  EXPECT_EQ(command("racelab new shop"),
            "11:1: a command is `racelab run|compare|explore|explain|replay|step …`");
  EXPECT_EQ(command("rm two-writers now").substr(0, 5), "11:1:");
  EXPECT_EQ(command("racelab run").substr(0, 5), "11:1:");
  EXPECT_EQ(command("racelab run two-writers; ls"),
            "11:1: a command is one line of plain words, without quotes");
  for (const char* words :
       {"racelab run two-writers --output x", "racelab run two-writers --output=x",
        "racelab explore ./shop", "racelab explore --setup a.sql --endpoint b.sql",
        "racelab explore oversold-stock --on postgresql",
        "racelab explore oversold-stock --on=postgresql://h/d",
        "racelab explore oversold-stock --shared-database",
        "racelab explore oversold-stock --as-superuser", "racelab explore two-writers --on server",
        "racelab run two-writers --format json"}) {
    EXPECT_EQ(command(words).substr(0, 5), "11:1:") << words;
  }
  EXPECT_EQ(command("racelab run two-writers\nracelab run two-writers").substr(0, 5), "11:1:");
}

}  // namespace
}  // namespace racelab::parse::lesson_file_test
