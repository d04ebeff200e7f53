// Lessons for programs: what the page in the browser is made from.
#include "sim/report/json.h"
#include "sim/report/lesson_page.h"

namespace racelab {

namespace {

namespace json = boost::json;

json::array strings_json(const std::vector<std::string>& strings) {
  json::array all;
  for (const std::string& it : strings) {
    all.emplace_back(it);
  }
  return all;
}

json::object experiment_json(const LessonExperiment& experiment) {
  json::array claims;
  for (const LessonClaim& claim : experiment.claims) {
    claims.emplace_back(json::object{{"key", claim.key}, {"value", claim.value}});
  }
  return {{"before", strings_json(experiment.before)},
          {"command", experiment.command()},
          {"arguments", strings_json(experiment.arguments)},
          {"after", strings_json(experiment.after)},
          {"expect", std::move(claims)}};
}

json::value question_json(const LessonQuestion& question) {
  if (question.choices.empty()) {
    return nullptr;
  }
  json::array choices;
  for (const LessonChoice& choice : question.choices) {
    choices.emplace_back(
        json::object{{"text", choice.text}, {"reply", choice.reply}, {"right", choice.right}});
  }
  return json::object{{"text", question.text}, {"choices", std::move(choices)}};
}

json::array parts_json(const std::vector<LessonPart>& parts) {
  json::array all;
  for (const LessonPart& part : parts) {
    all.emplace_back(json::object{{"parameter", part.name},
                                  {"question", part.question},
                                  {"choices", strings_json(part.choices)}});
  }
  return all;
}

}  // namespace

std::string lessons_json(const std::vector<Lesson>& lessons) {
  json::array all;
  for (const Lesson& lesson : lessons) {
    all.emplace_back(json::object{{"number", lesson.number},
                                  {"name", lesson.name},
                                  {"title", lesson.title},
                                  {"story", strings_json(lesson.story)},
                                  {"experiment", experiment_json(lesson.experiment)},
                                  {"question", question_json(lesson.question)},
                                  {"parts", parts_json(lesson.parts)},
                                  {"change", experiment_json(lesson.change)},
                                  {"by_hand", experiment_json(lesson.by_hand)},
                                  {"remember", lesson.remember}});
  }
  std::string text;
  print(text, json::object{{"schema", "racelab.learn/1"}, {"lessons", std::move(all)}}, 0);
  return text + '\n';
}

}  // namespace racelab
