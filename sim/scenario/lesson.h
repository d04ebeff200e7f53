// A lesson of the workshop as data: a story, an experiment, a question that is answered before the experiment is run, what to
// notice, one thing to change. The page in the browser and `racelab learn` show the same.
//
// Texts are plain sentences; what stands between backquotes is code. A paragraph is one string without line feeds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace racelab {

/// What a lesson says of an experiment's result: a place in its JSON ("orders_violating", "outcomes[0].final"), or "screen" for
/// some words of its text; and what stands there.
struct LessonClaim {
  std::string key;
  std::string value;  // as a reader writes it: "13,860", "90.0 %", "true"
};

/// A command with what is said before and after it.
struct LessonExperiment {
  std::vector<std::string> before;
  std::vector<std::string> arguments;  // after "racelab": "explore", "two-writers"
  std::vector<std::string> after;      // what to notice
  std::vector<LessonClaim> claims;     // what `before` and `after` rest on

  [[nodiscard]] std::string command() const {
    std::string text = "racelab";
    for (const std::string& word : arguments) {
      text += ' ' + word;
    }
    return text;
  }
};

/// One of the answers that can be given, and what is said to whoever gives it.
struct LessonChoice {
  std::string text;
  std::string reply;
  bool right = false;
};

/// A question with its answers, one of which is right; no answers: the lesson asks for parts instead.
struct LessonQuestion {
  std::string text;
  std::vector<LessonChoice> choices;

  /// The place of the right answer.
  [[nodiscard]] std::size_t right() const {
    return static_cast<std::size_t>(
        std::find_if(choices.begin(), choices.end(), [](const auto& it) { return it.right; }) -
        choices.begin());
  }
};

/// A part of an endpoint that is built: the n-th choice, from 1, is the value n of the parameter with the part's name.
struct LessonPart {
  std::string name;
  std::string question;
  std::vector<std::string> choices;
};

struct Lesson {
  std::size_t number = 0;  // from 1
  std::string name;        // of its file, without number and ending: "two-cashiers"
  std::string title;
  std::vector<std::string> story;
  LessonExperiment experiment;
  LessonQuestion question;
  std::vector<LessonPart>
      parts;                // of the endpoint that the experiment explores; empty: nothing is built
  LessonExperiment change;  // one thing changed
  LessonExperiment by_hand;  // where one is the scheduler: no claims
  std::string remember;      // the one idea, in a sentence
};

}  // namespace racelab
