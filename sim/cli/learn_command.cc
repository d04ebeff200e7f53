// racelab learn: the lessons of the workshop in the terminal. It asks first, then runs the experiment, and shows what happened
// beside what was said. Nobody is waited for unless somebody sits there.
#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/lessons.h"
#include "sim/cli/usage_error.h"
#include "sim/report/lesson_page.h"

namespace racelab {

namespace {

const CommandSyntax syntax{
    .name = "learn",
    .sentence = "the lessons of the workshop: predict, then see",
    .usage =
        "usage: racelab learn [N] [option...]\n"
        "\n"
        "The lessons of the workshop: a story, a question, an experiment that answers it. On a\n"
        "terminal it waits for your answer: a letter, or the answer itself. Elsewhere it prints\n"
        "everything; answers may come as lines of standard input.\n"
        "\n"
        "  racelab learn          the list\n"
        "  racelab learn 1\n"
        "  echo b | racelab learn 1\n"
        "  printf 'a\\nb\\na\\nb\\nb\\n' | racelab learn 12     # an endpoint, built from parts\n",
    .exits = "0, 1 when an endpoint that was built is not accepted, 2 bad usage, 3 stopped",
    .flags = {"format", "output", "color"},
    .name_word = "lesson",
};

std::string trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\v\f";
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos
             ? ""
             : std::string(text.substr(begin, text.find_last_not_of(blanks) + 1 - begin));
}

std::string lower(std::string text) {
  for (char& c : text) {
    c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return text;
}

// What was typed, fit to be shown.
std::string shown(std::string text) {
  constexpr std::size_t bytes_max = 24;
  const bool longer = text.size() > bytes_max;
  text.resize(std::min(text.size(), bytes_max));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return text + (longer ? "..." : "");
}

// "b", "B)", the text of a choice, or what stands in it before the colon: its place. Nothing: it is none, or more than one.
std::optional<std::size_t> choice_of(const std::string& typed,
                                     const std::vector<std::string>& texts) {
  std::string word = lower(typed);
  const auto count = static_cast<std::ptrdiff_t>(texts.size());
  if (word.size() == 1 || (word.size() == 2 && (word[1] == ')' || word[1] == '.'))) {
    const std::ptrdiff_t place = word.front() - 'a';
    if (place >= 0 && place < count) {
      return static_cast<std::size_t>(place);
    }
  }
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string text = lower(texts[i]);
    if (text == word || text.substr(0, text.find(':')) == word) {
      if (found) {
        return std::nullopt;
      }
      found = i;
    }
  }
  return found;
}

std::vector<std::string> texts_of(const LessonQuestion& question) {
  std::vector<std::string> texts;
  for (const LessonChoice& choice : question.choices) {
    texts.push_back(choice.text);
  }
  return texts;
}

// "a, b or c".
std::string letters_text(std::size_t choices) {
  std::string text;
  for (std::size_t i = 0; i < choices; ++i) {
    text += (i == 0 ? "" : i + 1 == choices ? " or " : ", ") + choice_letter(i);
  }
  return text;
}

// The pieces that both ways of teaching are made of.
class Teaching {
 public:
  Teaching(const Lesson& lesson, const TextStyle& style) : lesson_(lesson), style_(style) {}

  [[nodiscard]] std::string text(const Page& page) const { return page_text(page, style_); }

  [[nodiscard]] std::string opening() const { return text(lesson_page(lesson_)); }

  /// A command, what is worth seeing of its output, and what to notice.
  std::string experiment(const LessonExperiment& experiment) {
    const CommandResult result = run_arguments(experiment.arguments, style_.color);
    stopped_ = result.exit == Exit::gave_up;
    const std::string shown =
        "$ " + experiment.command() + '\n' + excerpt(result.output, experiment.claims);
    return shown + '\n' + text(paragraphs_page("notice", experiment.after));
  }

  std::string change() {
    return text(paragraphs_page("change", lesson_.change.before)) + '\n' +
           experiment(lesson_.change);
  }

  [[nodiscard]] std::string ending() const {
    return text(lesson_end_page(lesson_, built_in_lessons().size()));
  }

  /// The SQL that was put together.
  [[nodiscard]] std::string endpoint(const PartChoices& choices) const {
    return endpoint_with(lesson_, choices);
  }

  /// What every order says of it, and why; then the smallest order that fails, if one does.
  struct Verdict {
    std::string text;
    std::string order;  // empty: it is accepted
  };
  Verdict verdict(const PartChoices& choices) {
    const std::vector<std::string> arguments = arguments_with(lesson_, choices);
    const CommandResult result = run_arguments(arguments, style_.color);
    stopped_ = result.exit == Exit::gave_up;
    accepted_ = result.exit == Exit::as_expected;
    if (accepted_) {
      return {text(accepted_page(result.output)), ""};
    }
    std::string command = "racelab explain";
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      command += ' ' + arguments[i];
    }
    Page more;
    more.add(ShellCommand{"explain", command, ""});
    return {sections(result.output, {"VIOLATED"}) + sections(result.output, {"end", "why"}) +
                text(more),
            sections(result.output, {""})};
  }

  [[nodiscard]] bool accepted() const { return accepted_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] const Lesson& lesson() const { return lesson_; }

 private:
  // "HOLDS  in all 2,558 orders, as PostgreSQL 15 does it: …" with the word of this level.
  static Page accepted_page(const std::string& output) {
    std::string words = plain_words(sections(output, {"HOLDS"}));
    Page page;
    page.add(Headline{Tone::good, "ACCEPTED", "it holds " + words.substr(words.find(' ') + 1)});
    return page;
  }

  const Lesson& lesson_;
  TextStyle style_;
  bool accepted_ = false;
  bool stopped_ = false;
};

// ---- without anybody there

PartChoices read_parts(const Lesson& lesson, const std::vector<std::string>& answers) {
  PartChoices choices;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::vector<std::string>& texts = lesson.parts[i].choices;
    const std::optional<std::size_t> choice = choice_of(answers[i], texts);
    if (!choice) {
      throw UsageError(fmt::format("'{}' is no answer to part {} of lesson {}: {}",
                                   shown(answers[i]), i + 1, lesson.number,
                                   letters_text(texts.size())));
    }
    choices.push_back(*choice);
  }
  return choices;
}

// Lines of standard input that are not empty, no more than are asked for.
std::vector<std::string> answers_of(const Lesson& lesson, const Conversation& conversation) {
  std::vector<std::string> answers;
  const std::size_t asked = lesson.parts.empty() ? 1 : lesson.parts.size();
  while (conversation.next_line && !conversation.at_terminal) {
    const std::optional<std::string> line = conversation.next_line();
    if (!line) {
      break;
    }
    if (trimmed(*line).empty()) {
      continue;
    }
    if (answers.size() == asked) {
      throw UsageError(fmt::format("lesson {} takes {} answer{}: '{}' is one too many",
                                   lesson.number, asked, asked == 1 ? "" : "s",
                                   shown(trimmed(*line))));
    }
    answers.push_back(trimmed(*line));
  }
  if (!lesson.parts.empty() && !answers.empty() && answers.size() != asked) {
    throw UsageError(fmt::format("the endpoint of lesson {} has {} parts: {} answer{} came",
                                 lesson.number, asked, answers.size(),
                                 answers.size() == 1 ? "" : "s"));
  }
  return answers;
}

CommandResult write_lesson(Teaching& teaching, const Conversation& conversation) {
  const Lesson& lesson = teaching.lesson();
  const std::vector<std::string> answers = answers_of(lesson, conversation);
  CommandResult result;
  std::string& text = result.output;
  text = teaching.opening() + '\n';
  if (lesson.parts.empty()) {
    std::optional<std::size_t> said;
    if (!answers.empty()) {
      const std::vector<std::string> texts = texts_of(lesson.question);
      said = choice_of(answers.front(), texts);
      if (!said) {
        throw UsageError(fmt::format("'{}' is no answer to lesson {}: {}", shown(answers.front()),
                                     lesson.number, letters_text(texts.size())));
      }
    }
    text += teaching.text(lesson_answer_page(lesson.question, said)) + '\n';
  } else if (!answers.empty()) {
    const PartChoices choices = read_parts(lesson, answers);
    const Teaching::Verdict verdict = teaching.verdict(choices);
    text += teaching.endpoint(choices) + '\n' + verdict.text;
    text += verdict.order.empty() ? "" : '\n' + verdict.order;
    result.exit = teaching.stopped()    ? Exit::gave_up
                  : teaching.accepted() ? Exit::as_expected
                                        : Exit::violated;
    return result;
  } else {
    for (std::size_t i = 0; i < lesson.parts.size(); ++i) {
      text += teaching.text(lesson_part_page(lesson, i)) + '\n';
    }
  }
  text += teaching.experiment(lesson.experiment) + '\n' + teaching.change() + '\n';
  text += teaching.ending();
  return result;
}

// ---- with somebody there

class Conversing {
 public:
  Conversing(Teaching& teaching, const Conversation& conversation)
      : teaching_(teaching), conversation_(conversation) {}

  CommandResult operator()() {
    if (teaching_.lesson().parts.empty() ? ask_question() : build()) {
      finish();
    }
    return result_;
  }

 private:
  bool say(const std::string& text) {
    if (conversation_.say) {
      return conversation_.say(text);
    }
    result_.output += text;
    return true;
  }

  // The next line; nothing: whoever sat there has gone, or wants to go.
  std::optional<std::string> line(const std::string& prompt) {
    if (!say('\n' + prompt + "> ")) {
      return std::nullopt;
    }
    const std::optional<std::string> typed =
        conversation_.next_line ? conversation_.next_line() : std::nullopt;
    if (!typed) {
      say("\n");
    }
    if (!typed || trimmed(*typed) == "q" || trimmed(*typed) == "quit") {
      say(fmt::format("left    `racelab learn {}` begins again\n", teaching_.lesson().number));
      return std::nullopt;
    }
    return trimmed(*typed);
  }

  bool wait(const std::string& prompt) { return line(prompt).has_value(); }

  std::optional<std::size_t> choice(const std::vector<std::string>& texts) {
    const std::string letters = letters_text(texts.size());
    while (const std::optional<std::string> typed = line(letters)) {
      if (const std::optional<std::size_t> place = choice_of(*typed, texts)) {
        return place;
      }
      say(typed->empty()
              ? "say first what will happen: " + letters + "; q leaves\n"
              : fmt::format("'{}' is none of the answers: {}; q leaves\n", shown(*typed), letters));
    }
    return std::nullopt;
  }

  // False: it ends here.
  bool ask_question() {
    const LessonQuestion& question = teaching_.lesson().question;
    say(teaching_.opening());
    const std::optional<std::size_t> said = choice(texts_of(question));
    if (!said) {
      return false;
    }
    return show(teaching_.text(lesson_answer_page(question, said)) + '\n' +
                teaching_.experiment(teaching_.lesson().experiment)) &&
           wait("Enter changes one thing");
  }

  // Says it, unless somebody stopped the work that it rests on.
  bool show(const std::string& text) {
    if (teaching_.stopped()) {
      say("stopped before the experiment was done\n");
      result_.exit = Exit::gave_up;
      return false;
    }
    return say('\n' + text);
  }

  void finish() {
    constexpr std::ptrdiff_t lines_max = 22;
    const std::string change = teaching_.change();
    const std::string ending = teaching_.ending();
    const auto lines = std::count(change.begin(), change.end(), '\n') +
                       std::count(ending.begin(), ending.end(), '\n');
    if (lines <= lines_max) {
      show(change + '\n' + ending);
    } else if (show(change) && wait("Enter ends the lesson")) {
      say('\n' + ending);
    }
  }

  bool build() {
    const Lesson& lesson = teaching_.lesson();
    say(teaching_.opening());
    if (!wait("Enter tries it") || !show(teaching_.experiment(lesson.experiment)) ||
        !wait("Enter begins to build")) {
      return false;
    }
    result_.exit = Exit::violated;  // until it is accepted
    PartChoices choices;
    for (std::size_t i = 0; i < lesson.parts.size(); ++i) {
      const std::optional<std::size_t> chosen = part(i);
      if (!chosen) {
        return false;
      }
      choices.push_back(*chosen);
    }
    while (true) {
      say('\n' + teaching_.endpoint(choices));
      if (!wait("Enter follows every order")) {
        return false;
      }
      const Teaching::Verdict verdict = teaching_.verdict(choices);
      if (!show(verdict.text)) {
        return false;
      }
      if (teaching_.accepted()) {
        result_.exit = Exit::as_expected;
        return wait("Enter changes one thing");
      }
      if (!wait("Enter draws that order") || !say('\n' + verdict.order) || !change_part(choices)) {
        return false;
      }
    }
  }

  std::optional<std::size_t> part(std::size_t place) {
    say('\n' + teaching_.text(lesson_part_page(teaching_.lesson(), place)));
    return choice(teaching_.lesson().parts[place].choices);
  }

  bool change_part(PartChoices& choices) {
    const std::string prompt = fmt::format("change part 1 to {}", choices.size());
    while (const std::optional<std::string> typed = line(prompt)) {
      const bool number = typed->size() == 1 && typed->front() >= '1' &&
                          typed->front() < '1' + static_cast<char>(choices.size());
      if (number) {
        const auto place = static_cast<std::size_t>(typed->front() - '1');
        const std::optional<std::size_t> chosen = part(place);
        choices[place] = chosen.value_or(choices[place]);
        return chosen.has_value();
      }
      say(fmt::format("'{}' is no part: 1 to {}; q leaves\n", shown(*typed), choices.size()));
    }
    return false;
  }

  Teaching& teaching_;
  const Conversation& conversation_;
  CommandResult result_;
};

const Lesson& lesson_named(const std::string& name) {
  const std::vector<Lesson>& lessons = built_in_lessons();
  for (const Lesson& lesson : lessons) {
    if (name == std::to_string(lesson.number) || name == lesson.name) {
      return lesson;
    }
  }
  throw UsageError(
      fmt::format("there is no lesson '{}': they have the numbers 1 to {}; `racelab "
                  "learn` lists them",
                  shown(name), lessons.size()));
}

}  // namespace

const CommandSyntax& learn_syntax() { return syntax; }

CommandResult learn_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  const std::vector<Lesson>& lessons = built_in_lessons();
  const TextStyle style = style_for(arguments, environment);
  OutputFile file(arguments.output);
  if (arguments.names.empty()) {
    return deliver(Exit::as_expected,
                   arguments.format == "json" ? lessons_json(lessons)
                                              : page_text(lessons_page(lessons), style),
                   file, arguments);
  }
  const Lesson& lesson = lesson_named(arguments.names.front());
  if (arguments.format == "json") {
    return deliver(Exit::as_expected, lessons_json({lesson}), file, arguments);
  }
  Teaching teaching(lesson, style);
  if (environment.conversation.prompt && arguments.output.empty()) {
    return Conversing(teaching, environment.conversation)();
  }
  const CommandResult written = write_lesson(teaching, environment.conversation);
  return deliver(written.exit, written.output, file, arguments);
}

}  // namespace racelab
