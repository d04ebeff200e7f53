// The lessons themselves: what each says is what happens, and every screen of it fits a projector.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/lessons.h"
#include "sim/cli/script_scenario.h"
#include "sim/explore/script_explore.h"
#include "sim/report/text_layout.h"
#include "tests/cli/lesson_claims.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::lessons_test {
namespace {

TEST(Lessons, are_twelve_in_their_order) {
  ASSERT_EQ(built_in_lessons().size(), 12U);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(built_in_lessons()[i].number, i + 1);
  }
}

TEST(Lessons, say_what_happens) {
  for (const Lesson& lesson : built_in_lessons()) {
    for (const LessonExperiment* it : {&lesson.experiment, &lesson.change}) {
      EXPECT_FALSE(it->claims.empty()) << lesson.name;
      for (const std::string& problem : refuted(*it)) {
        ADD_FAILURE() << lesson.name << ": " << it->command() << ": " << problem;
      }
    }
  }
}

TEST(Lessons, a_claim_that_does_not_hold_is_seen) {
  const auto problems = [](const std::string& key, const std::string& value) {
    LessonExperiment experiment;
    experiment.arguments = {"explore", "two-writers"};
    experiment.claims = {{key, value}};
    return refuted(experiment);
  };
  EXPECT_EQ(problems("orders", "6"), std::vector<std::string>{});
  EXPECT_EQ(problems("orders", "7"), std::vector<std::string>{"orders is 6, not 7"});
  EXPECT_EQ(problems("orders_violatin", "4"),
            std::vector<std::string>{"orders_violatin is nothing, not 4"});
  EXPECT_EQ(problems("outcomes[final=2].orders", "2"), std::vector<std::string>{});
  EXPECT_EQ(problems("outcomes[final=3].orders", "2").size(), 1U);
  EXPECT_EQ(problems("options.lose-reply.max", "any"), std::vector<std::string>{});
  EXPECT_EQ(problems("probability_violating.uniform_orders", "66.7 %"), std::vector<std::string>{});
  EXPECT_EQ(problems("probability_violating.uniform_orders", "66.6 %").size(), 1U);
  EXPECT_EQ(problems("screen", "in 4 of 6 orders"), std::vector<std::string>{});
  EXPECT_EQ(problems("screen", "in 5 of 6 orders").size(), 1U);
}

// Everything a lesson tells as true; a wrong answer may say any number, and what is asked is a question.
std::vector<std::string> told_by(const Lesson& lesson) {
  std::vector<std::string> all = lesson.story;
  for (const LessonExperiment* it : {&lesson.experiment, &lesson.change, &lesson.by_hand}) {
    all.insert(all.end(), it->before.begin(), it->before.end());
    all.insert(all.end(), it->after.begin(), it->after.end());
  }
  for (const LessonChoice& choice : lesson.question.choices) {
    all.push_back(choice.reply);
    if (choice.right) {
      all.push_back(choice.text);
    }
  }
  all.push_back(lesson.question.text);
  all.push_back(lesson.remember);
  return all;
}

TEST(Lessons, write_no_number_that_is_not_claimed) {
  for (const Lesson& lesson : built_in_lessons()) {
    const std::set<std::string> known = numbers_of(lesson);
    for (const std::string& text : told_by(lesson)) {
      for (const std::string& number : numbers_in(text)) {
        EXPECT_TRUE(known.count(number) > 0)
            << "lesson " << lesson.number << " says " << number << ": " << text;
      }
    }
  }
}

TEST(Lessons, numbers_are_found_in_a_text) {
  EXPECT_EQ(numbers_in("In 4,908 of 6,462, 66.7 % (n=2). 30,80 is two, 7."),
            (std::set<std::string>{"4,908", "6,462", "66.7", "2", "30", "80", "7"}));
  EXPECT_EQ(numbers_in("none"), std::set<std::string>{});
}

// What "by hand" asks for can be done: a word for each lesson, and the exit code, 1 for a violation.
TEST(Lessons, what_is_asked_by_hand_can_be_done) {
  struct ByHand {
    std::size_t lesson;
    std::string word;
    int code;
    std::string shown;
  };
  const std::vector<ByHand> all{
      {1, "ABBA", 1, "1 lost update"},
      {1, "AABB", 0, "HOLDS"},
      {2, "AB o", 0, "100 % of a violation from here on  DOOMED"},
      {3, "ABABAB", 1, "1 lost update"},
      {4, "BAB", 1, "A was told ok, and its +1 is gone"},
      {5, "ABA", 0, "waits"},
      {6, "ABBA", 0, "rows    n = 1"},
      {7, "ABABAB", 1, "write skew"},
      {8, "ArA", 1, "1 duplicate"},
      {9, "ArArA", 1, "balance"},
      {10, "AAAcAAA", 1, "1 duplicate"},
      {11, "AAAcAeAAAABBBB", 1, "No letter was sent twice"},
      {12, "AAArAABBB", 1, "409"},
  };
  for (const ByHand& it : all) {
    const Lesson& lesson = built_in_lessons()[it.lesson - 1];
    Environment environment;
    bool asked = false;
    environment.conversation.next_line = [&]() -> std::optional<std::string> {
      return std::exchange(asked, true) ? std::nullopt : std::optional(it.word);
    };
    const CommandResult result = run_command_line(lesson.by_hand.arguments, environment);
    EXPECT_EQ(code(result), it.code) << it.lesson << '\n' << result.output << result.errors;
    EXPECT_NE(plain_words(result.output).find(plain_words(it.shown)), std::string::npos)
        << it.lesson << '\n'
        << result.output;
  }
}

// ---- a projector: 80 columns, 24 lines

struct Typed {
  std::vector<std::string> screens;  // what is to be seen at each moment when it waits
  CommandResult result;
};

Typed typed(std::size_t number, const std::vector<std::string>& lines) {
  Typed all;
  all.screens.emplace_back();
  std::size_t next = 0;
  Environment environment;
  environment.conversation.prompt = true;
  environment.conversation.say = [&all](std::string_view text) {
    all.screens.back() += text;
    return true;
  };
  environment.conversation.next_line = [&]() -> std::optional<std::string> {
    all.screens.emplace_back();
    return next < lines.size() ? std::optional(lines[next++]) : std::nullopt;
  };
  all.result = racelab_of("learn " + std::to_string(number), environment);
  return all;
}

void expect_fits(const std::string& screen, std::size_t lines_max) {
  const auto lines = static_cast<std::size_t>(std::count(screen.begin(), screen.end(), '\n'));
  EXPECT_LE(lines, lines_max) << screen;
  for (std::size_t at = 0; at < screen.size();) {
    const std::size_t end = std::min(screen.find('\n', at), screen.size());
    const std::string line = screen.substr(at, end - at);
    if (line.find("racelab ") == std::string::npos) {  // what is copied is not broken
      EXPECT_LE(columns_of(line), text_width) << line;
    }
    at = end + 1;
  }
}

TEST(Lessons, every_screen_fits_a_projector) {
  for (const Lesson& lesson : built_in_lessons()) {
    if (!lesson.parts.empty()) {
      continue;
    }
    for (std::size_t choice = 0; choice < lesson.question.choices.size(); ++choice) {
      const Typed session = typed(lesson.number, {choice_letter(choice), "", ""});
      EXPECT_EQ(code(session.result), 0);
      EXPECT_GE(session.screens.size(), 3U);
      for (const std::string& screen : session.screens) {
        expect_fits(screen, 24);
      }
    }
  }
}

// ---- the boss level

std::vector<PartChoices> every_choice(const Lesson& lesson) {
  std::vector<PartChoices> all{{}};
  for (const LessonPart& part : lesson.parts) {
    std::vector<PartChoices> longer;
    for (const PartChoices& choices : all) {
      for (std::size_t i = 0; i < part.choices.size(); ++i) {
        longer.push_back(choices);
        longer.back().push_back(i);
      }
    }
    all = longer;
  }
  return all;
}

ScriptExploration explored(const parse::ScriptScenario& scenario) {
  ExploreOptions options;
  return explore(parse::setup_of(scenario, "built"), options);
}

// The endpoint that is shown is the endpoint that is explored: the text that the choices leave does, in every order, what the whole
// file does with those parameters. And which endpoints are accepted is known.
TEST(Lessons, of_the_108_endpoints_that_can_be_built_8_hold) {
  const Lesson& boss = built_in_lessons().back();
  ASSERT_EQ(boss.parts.size(), 5U);
  const parse::FolderTexts folder = load_folder("payment");
  std::vector<std::string> hold;
  const std::vector<PartChoices> all = every_choice(boss);
  EXPECT_EQ(all.size(), 108U);  // 3 * 3 * 2 * 3 * 2
  for (std::size_t place = 0; place < all.size(); place += lab::fewer) {
    const PartChoices& choices = all[place];
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string letters;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      parameters.emplace_back("param." + boss.parts[i].name, std::to_string(choices[i] + 1));
      letters += choice_letter(choices[i]);
    }
    const ScriptExploration whole = explored(parse::compile(folder, parameters));
    parse::FolderTexts left = folder;
    left.endpoints.front().second.text = endpoint_with(boss, choices);
    EXPECT_EQ(left.endpoints.front().second.text.find("\\if :keyed"), std::string::npos);
    const ScriptExploration text = explored(parse::compile(left, {}));
    EXPECT_EQ(whole.odds.orders.str(), text.odds.orders.str()) << letters;
    EXPECT_EQ(whole.odds.orders_violating.str(), text.odds.orders_violating.str()) << letters;
    ASSERT_EQ(whole.counterexample.has_value(), text.counterexample.has_value()) << letters;
    if (whole.counterexample) {
      EXPECT_EQ(whole.counterexample->word(), text.counterexample->word()) << letters;
    } else {
      EXPECT_EQ(whole.verdict, Verdict::holds) << letters;
      hold.push_back(letters);
    }
  }
  // The key first, all in one transaction, and the receipt for an answer. At READ COMMITTED the key is inserted at once, and the
  // balance is locked or guarded; SERIALIZABLE forgives both.
  const std::vector<std::string> known{"abacb", "acacb", "bbacb", "bcabb",
                                       "bcacb", "cbacb", "ccabb", "ccacb"};
  for (const std::string& letters : hold) {
    EXPECT_NE(std::find(known.begin(), known.end(), letters), known.end()) << letters;
  }
  EXPECT_TRUE(lab::fewer > 1 || hold.size() == known.size());
}

TEST(Lessons, every_screen_of_the_boss_level_fits_as_well) {
  const Lesson& boss = built_in_lessons().back();
  const std::vector<PartChoices> all = every_choice(boss);
  for (std::size_t i = 0; i < all.size(); i += lab::fewer) {
    const PartChoices& choices = all[i];
    std::vector<std::string> lines{"", ""};
    for (const std::size_t choice : choices) {
      lines.push_back(choice_letter(choice));
    }
    lines.insert(lines.end(), {"", "", "q"});
    const Typed session = typed(boss.number, lines);
    EXPECT_LE(code(session.result), 1);
    for (const std::string& screen : session.screens) {
      expect_fits(screen, 24);
    }
  }
}

}  // namespace
}  // namespace racelab::lab::lessons_test
