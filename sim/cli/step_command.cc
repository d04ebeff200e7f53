// racelab step: you are the scheduler. A line is done whole or not at all, so that a slip of the finger changes nothing.
#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/usage_error.h"
#include "sim/explore/stepper.h"
#include "sim/kernel/expect.h"
#include "sim/report/step_page.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

const CommandSyntax syntax{
    .name = "step",
    .usage =
        "usage: racelab step SCENARIO [--strategy S] [option...]\n"
        "\n"
        "You are the scheduler: a letter runs that client's next statement, u undoes it, o tells\n"
        "the odds, ? the rest. Faults with a budget (.max) can be put where you like.\n"
        "\n"
        "  racelab step two-writers\n"
        "  racelab step two-writers --strategy atomic-increment --lose-reply.max 1\n"
        "  echo ABBA | racelab step two-writers\n",
    .flags = {"strategy", "color"},
    .takes_settings = true,
};

constexpr std::size_t line_bytes_max = 2'000;

std::vector<std::string> words_of(std::string_view line) {
  constexpr std::string_view blanks = " \t\r\v\f";
  std::vector<std::string> words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
      return words;
    }
    const std::size_t end = std::min(line.find_first_of(blanks, begin), line.size());
    words.emplace_back(line.substr(begin, end - begin));
    line.remove_prefix(end);
  }
}

bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }

// "ABr" into "A" and "Br".
std::vector<std::string> letters_of(const std::string& word) {
  std::vector<std::string> letters;
  for (const char c : word) {
    if (is_letter(c)) {
      letters.emplace_back();
    }
    letters.back() += c;
  }
  return letters;
}

// What was typed, fit to be shown: short, and nothing that moves a terminal's cursor.
std::string shown(std::string_view word) {
  constexpr std::size_t bytes_max = 24;
  std::string text(word.substr(0, bytes_max));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return word.size() > bytes_max ? text + "..." : text;
}

class StepSession {
 public:
  StepSession(Experiment experiment, const TextStyle& style)
      : style_(style), report_(std::move(experiment)), stepper_(report_.settings, report_.fleet) {
    look();
  }

  [[nodiscard]] std::string greeting() const {
    Page page = step_greeting(report_);
    page.append(step_page(report_));
    return page_text(page, style_);
  }

  /// Does what a line says; the answer, and whether to go on.
  struct Answer {
    std::string text;
    bool quit = false;
  };
  Answer answer(const std::string& line) {
    Answer answer;
    if (line.size() > line_bytes_max) {
      answer.text = "a line has at most " + std::to_string(line_bytes_max) + " characters\n";
      return answer;
    }
    const Stepper::Place before = stepper_.place();
    for (const std::string& word : words_of(line)) {
      std::string problem = is_letter(word.front()) ? play(word) : command(word, answer);
      if (!problem.empty()) {
        problem += moved_ ? "; nothing of this line was run" : "";
        stepper_.go_to(before);
        moved_ = false;
        look();
        return {problem + '\n', false};
      }
      if (answer.quit) {
        break;
      }
    }
    show(answer);
    return answer;
  }

  [[nodiscard]] bool violated() const {
    return stepper_.ended() && report_.result.verdict == Verdict::violated;
  }

 private:
  // The problem, when there is one.
  std::string play(const std::string& word) {
    for (const std::string& letter : letters_of(word)) {
      if (!stepper_.take(letter)) {
        look();
        return step_refusal_text(report_, shown(plain_letter(letter)));
      }
      moved_ = true;
    }
    return "";
  }

  std::string command(const std::string& word, Answer& answer) {
    const auto is = [&word](const char* name, const char* other) {
      return word == name || word == other;
    };
    if (is("q", "quit")) {
      answer.quit = true;
      return "";
    }
    if (is("?", "help")) {
      show(answer);
      answer.text += gap(answer) + step_help_text();
      return "";
    }
    if (is("o", "odds")) {
      show(answer);
      answer.text += gap(answer) + page_text(step_odds(report_, stepper_.outlook()), style_);
      return "";
    }
    if (is("h", "hint")) {
      show(answer);
      answer.text += gap(answer) + page_text(step_hint(report_, stepper_.outlook()), style_);
      return "";
    }
    if (is("u", "undo") || is("start", "start")) {
      return go(&Stepper::undo, word == "start", "this is the start: there is nothing to undo");
    }
    if (is("r", "redo") || is("end", "end")) {
      return go(&Stepper::redo, word == "end", "there is nothing to take again");
    }
    return unknown(word);
  }

  std::string go(bool (Stepper::*one_step)(), bool all_the_way, const char* cannot) {
    if (!(stepper_.*one_step)()) {
      return cannot;
    }
    while (all_the_way && (stepper_.*one_step)()) {
    }
    moved_ = true;
    return "";
  }

  [[nodiscard]] std::string unknown(const std::string& word) const {
    std::string upper = word;
    for (char& c : upper) {
      c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    const std::size_t clients = report_.settings.clients;
    const bool letters = std::all_of(upper.begin(), upper.end(), [clients](char c) {
      return is_letter(c) && static_cast<std::size_t>(c - 'A') < clients;
    });
    return "'" + shown(word) + "' is no command; " +
           (letters ? "clients are upper-case: " + shown(upper) : "? tells what there is");
  }

  static std::string gap(const Answer& answer) { return answer.text.empty() ? "" : "\n"; }

  // The screen, when something has moved since it was shown.
  void show(Answer& answer) {
    if (moved_) {
      look();
      answer.text += gap(answer) + step_text(report_, style_);
      moved_ = false;
    }
  }

  // What the report is made from, as the stepper stands.
  void look() {
    report_.moves = stepper_.moves();
    report_.standing = stepper_.standing();
    // The model knows no events, so none can be too many for it.
    Settings settings = report_.settings;
    settings.happenings_max = Settings{}.happenings_max;
    report_.result = replay(settings, report_.fleet, {}, report_.moves);
    if (!stepper_.ended()) {
      return;
    }
    RACELAB_EXPECT((report_.result.verdict == Verdict::violated) == stepper_.outcome().violated());
    OrderReport order{static_cast<const Experiment&>(report_)};
    order.order.issued.assign(report_.settings.clients, report_.settings.operations);
    order.order.moves = report_.moves;
    report_.token = token_of(order);
  }

  TextStyle style_;
  StepReport report_;
  Stepper stepper_;
  bool moved_ = false;
};

}  // namespace

CommandResult step_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected,
            help_text(syntax) + "\nWhat can be typed:\n\n" + step_help_text() +
                "\nExit code: 1 when it ends at an end that violates, else 0; 2 bad usage.\n",
            ""};
  }
  Experiment experiment = load_experiment(syntax, arguments, For::exploration);
  const OutputFile standard_output("");
  StepSession session(std::move(experiment), style_for(arguments, environment));
  const Conversation& conversation = environment.conversation;
  CommandResult result;
  const auto say = [&](const std::string& text) {
    if (conversation.say) {
      return text.empty() || conversation.say(text);
    }
    result.output += text;
    return true;
  };
  const std::string prompt = conversation.prompt ? "> " : "";
  bool go_on = say(session.greeting() + (conversation.prompt ? "\n" : "") + prompt);
  while (go_on && conversation.next_line) {
    const std::optional<std::string> line = conversation.next_line();
    if (!line) {
      say(conversation.prompt ? "\n" : "");
      break;
    }
    const StepSession::Answer answer = session.answer(*line);
    std::string text = answer.text.empty() ? "" : '\n' + answer.text;
    if (!answer.quit && conversation.prompt) {
      text += answer.text.empty() ? prompt : '\n' + prompt;
    }
    go_on = say(text) && !answer.quit;
  }
  result.exit = session.violated() ? Exit::violated : Exit::as_expected;
  return result;
}

}  // namespace racelab
