// Words of a line are letters or commands.
#include "sim/cli/step_session.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "sim/explore/step_walk.h"

namespace racelab {

namespace {

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
  StepSession(SteppedWorld& world, const TextStyle& style) : world_(world), style_(style) {}

  [[nodiscard]] std::string greeting() {
    Page page = world_.greeting();
    page.append(world_.screen());
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
    world_.mark();
    for (const std::string& word : words_of(line)) {
      std::string problem = world_.begins_letter(word.front()) ? play(word) : command(word, answer);
      if (!problem.empty()) {
        problem += moved_ ? "; nothing of this line was run" : "";
        world_.back_to_mark();
        moved_ = false;
        return {problem + '\n', false};
      }
      if (answer.quit) {
        break;
      }
    }
    show(answer);
    return answer;
  }

 private:
  // The problem, when there is one.
  std::string play(const std::string& word) {
    for (const std::string& letter : letters_of(world_, word)) {
      if (!world_.take(letter)) {
        return world_.refusal(shown(plain_letter(letter)));
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
      answer.text += gap(answer) + world_.help();
      return "";
    }
    if (is("o", "odds")) {
      show(answer);
      answer.text += gap(answer) + page_text(world_.odds(), style_);
      return "";
    }
    if (is("h", "hint")) {
      show(answer);
      answer.text += gap(answer) + page_text(world_.hint(), style_);
      return "";
    }
    if (is("u", "undo") || is("start", "start")) {
      return go(&SteppedWorld::undo, word == "start",
                "this is the start: there is nothing to undo");
    }
    if (is("r", "redo") || is("end", "end")) {
      return go(&SteppedWorld::redo, word == "end", "there is nothing to take again");
    }
    return unknown(word);
  }

  std::string go(bool (SteppedWorld::*one_step)(), bool all_the_way, const char* cannot) {
    if (!(world_.*one_step)()) {
      return cannot;
    }
    while (all_the_way && (world_.*one_step)()) {
    }
    moved_ = true;
    return "";
  }

  [[nodiscard]] std::string unknown(const std::string& word) const {
    std::string upper = word;
    for (char& c : upper) {
      c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    const std::size_t clients = world_.clients();
    const bool all_clients = std::all_of(upper.begin(), upper.end(), [clients](char c) {
      return c >= 'A' && c <= 'Z' && static_cast<std::size_t>(c - 'A') < clients;
    });
    return "'" + shown(word) + "' is no command; " +
           (all_clients ? "clients are upper-case: " + shown(upper) : "? tells what there is");
  }

  static std::string gap(const Answer& answer) { return answer.text.empty() ? "" : "\n"; }

  // The screen, when something has moved since it was shown.
  void show(Answer& answer) {
    if (moved_) {
      answer.text += gap(answer) + page_text(world_.screen(), style_);
      moved_ = false;
    }
  }

  SteppedWorld& world_;
  TextStyle style_;
  bool moved_ = false;
};

}  // namespace

std::vector<std::string> letters_of(const SteppedWorld& world, const std::string& word) {
  std::vector<std::string> all;
  for (const char c : word) {
    if (all.empty() || world.begins_letter(c)) {
      all.emplace_back();
    }
    all.back() += c;
  }
  return all;
}

bool go_to(SteppedWorld& world, const std::string& word, std::string& refusal) {
  world.mark();
  while (world.undo()) {
  }
  for (const std::string& letter : letters_of(world, word)) {
    if (!world.take(letter)) {
      refusal = world.refusal(shown(plain_letter(letter)));
      world.back_to_mark();
      return false;
    }
  }
  return true;
}

CommandResult converse(SteppedWorld& world, const TextStyle& style,
                       const Conversation& conversation) {
  StepSession session(world, style);
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
  result.exit = world.violated() ? Exit::violated : Exit::as_expected;
  return result;
}

}  // namespace racelab
