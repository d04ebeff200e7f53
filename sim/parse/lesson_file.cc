// A file is cut into blocks (headings, paragraphs, choices, fences), each with its place, and the blocks are taken one by one in the
// order that a lesson has.
#include "sim/parse/lesson_file.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>
#include <utility>

#include "sim/parse/lexer.h"

namespace racelab::parse {

namespace {

struct Block {
  enum class Kind : std::uint8_t { title, section, part, paragraph, choice, reply, fence, end };
  Kind kind = Kind::end;
  std::string text;  // without its marks; lines of a paragraph joined, of a fence as they are
  std::string mark;  // of a choice "[x]", "[ ]" or "", of a fence what follows the backquotes
  std::size_t offset = 0;
};

std::string name_of(Block::Kind kind) {
  switch (kind) {
    case Block::Kind::title:
      return "the title, `# N. Title`";
    case Block::Kind::section:
      return "a section, `## Name`";
    case Block::Kind::part:
      return "a part, `### name: question`";
    case Block::Kind::paragraph:
      return "a paragraph";
    case Block::Kind::choice:
      return "a choice, `- [ ] text`";
    case Block::Kind::reply:
      return "an indented paragraph, what is said to whoever chose it";
    case Block::Kind::fence:
      return "a fence of three backquotes";
    case Block::Kind::end:
      break;
  }
  return "the end of the file";
}

class Cutter {
 public:
  explicit Cutter(const Source& source) : source_(source) {}

  std::vector<Block> operator()() {
    while (at_ < source_.text.size()) {
      const std::size_t start = at_;
      const std::string_view line = next();
      if (without_blanks(line).empty()) {
        open_ = false;
      } else if (line.starts_with("```")) {
        fence(start, line.substr(3));
      } else {
        text_line(start, line);
      }
    }
    blocks_.push_back({Block::Kind::end, "", "", source_.text.size()});
    return std::move(blocks_);
  }

 private:
  std::string_view next() {
    const std::size_t end = std::min(source_.text.find('\n', at_), source_.text.size());
    std::string_view line = std::string_view(source_.text).substr(at_, end - at_);
    at_ = std::min(end + 1, source_.text.size());
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    return line;
  }

  void fence(std::size_t start, std::string_view mark) {
    Block block{Block::Kind::fence, "", std::string(without_blanks(mark)), start};
    while (at_ < source_.text.size()) {
      const std::string_view line = next();
      if (line == "```") {
        blocks_.push_back(std::move(block));
        open_ = false;
        return;
      }
      block.text += std::string(line) + '\n';
    }
    throw source_.problem(start, "this fence is not closed: ``` on a line of its own");
  }

  void text_line(std::size_t start, std::string_view line) {
    constexpr std::pair<std::string_view, Block::Kind> headings[] = {
        {"### ", Block::Kind::part}, {"## ", Block::Kind::section}, {"# ", Block::Kind::title}};
    for (const auto& [begin, kind] : headings) {
      if (line.starts_with(begin)) {
        blocks_.push_back({kind, std::string(without_blanks(line.substr(begin.size()))), "",
                           start + begin.size()});
        open_ = false;
        return;
      }
    }
    if (line.starts_with("- ")) {
      std::string_view text = line.substr(2);
      std::string mark;
      if (text.starts_with("[x] ") || text.starts_with("[ ] ")) {
        mark = text.substr(0, 3);
        text.remove_prefix(4);
      }
      blocks_.push_back({Block::Kind::choice, std::string(without_blanks(text)), mark, start});
      open_ = true;
      return;
    }
    const bool indented = line.starts_with("  ");
    if (open_) {
      blocks_.back().text += ' ' + std::string(without_blanks(line));
      return;
    }
    blocks_.push_back({indented ? Block::Kind::reply : Block::Kind::paragraph,
                       std::string(without_blanks(line)), "", start});
    open_ = true;
  }

  const Source& source_;
  std::size_t at_ = 0;
  std::vector<Block> blocks_;
  bool open_ = false;  // the next line goes on with the last block
};

// What a command of a lesson may do: nothing that writes a file, or reads one.
constexpr std::array<std::string_view, 6> verbs{"run",     "compare", "explore",
                                                "explain", "replay",  "step"};
constexpr std::array<std::string_view, 10> keys{
    "output", "format", "setup",           "endpoint",     "check",
    "on",     "jobs",   "shared-database", "as-superuser", "clean"};

class Reader {
 public:
  explicit Reader(const Source& source) : source_(source), blocks_(Cutter(source)()) {}

  Lesson operator()() {
    Lesson lesson;
    read_name(lesson);
    read_title(lesson);
    lesson.story = paragraphs();
    section("Experiment");
    lesson.experiment.before = paragraphs();
    lesson.experiment.arguments = command();
    if (is_section("Parts")) {
      section("Parts");
      lesson.parts = parts();
    } else {
      section("Question");
      lesson.question = question();
    }
    section("What happens");
    lesson.experiment.after = needed_paragraphs();
    lesson.experiment.claims = claims();
    section("One change");
    lesson.change.before = needed_paragraphs();
    lesson.change.arguments = command();
    lesson.change.after = needed_paragraphs();
    lesson.change.claims = claims();
    section("By hand");
    lesson.by_hand.before = needed_paragraphs();
    lesson.by_hand.arguments = command();
    section("Remember");
    lesson.remember = text(take(Block::Kind::paragraph));
    take(Block::Kind::end);
    return lesson;
  }

 private:
  [[nodiscard]] const Block& here() const { return blocks_[at_]; }

  const Block& take(Block::Kind kind) {
    if (here().kind != kind) {
      throw source_.problem(here().offset,
                            "here stands " + name_of(here().kind) + "; expected " + name_of(kind));
    }
    return kind == Block::Kind::end ? here() : blocks_[at_++];
  }

  [[nodiscard]] bool is_section(std::string_view name) const {
    return here().kind == Block::Kind::section && here().text == name;
  }

  void section(std::string_view name) {
    if (!is_section(name)) {
      throw source_.problem(here().offset, "expected the section `## " + std::string(name) + '`');
    }
    ++at_;
  }

  // "03-begin-commit.md".
  void read_name(Lesson& lesson) const {
    const std::string file = source_.file.substr(source_.file.rfind('/') + 1);
    const auto digit = [&file](std::size_t at) {
      return file.size() > at && file[at] >= '0' && file[at] <= '9';
    };
    if (!digit(0) || !digit(1) || file.size() < 7 || file[2] != '-' || !file.ends_with(".md")) {
      throw source_.problem(0, "a lesson's file is called NN-name.md, as 03-begin-commit.md");
    }
    const auto value = [&file](std::size_t at) { return static_cast<std::size_t>(file[at] - '0'); };
    lesson.number = (value(0) * 10) + value(1);
    lesson.name = file.substr(3, file.size() - 6);
  }

  void read_title(Lesson& lesson) {
    const Block& title = take(Block::Kind::title);
    const std::string begin = std::to_string(lesson.number) + ". ";
    if (!title.text.starts_with(begin) || title.text.size() == begin.size()) {
      throw source_.problem(title.offset, "the title of this file begins with '" + begin + "'");
    }
    lesson.title = text({title.kind, title.text.substr(begin.size()), "", title.offset});
  }

  // Prose, fit for every reader: whoever shows it needs to know nothing but backquotes.
  [[nodiscard]] std::string text(const Block& block) const {
    if (std::count(block.text.begin(), block.text.end(), '`') % 2 != 0) {
      throw source_.problem(block.offset, "a backquote here has no partner");
    }
    for (const std::string_view mark : {"**", "](", "<", "__", "\t"}) {
      if (block.text.find(mark) != std::string::npos) {
        throw source_.problem(block.offset,
                              "a lesson's text is plain, with code between "
                              "backquotes; here stands '" +
                                  std::string(mark) + "'");
      }
    }
    return block.text;
  }

  std::vector<std::string> paragraphs() {
    std::vector<std::string> all;
    while (here().kind == Block::Kind::paragraph) {
      all.push_back(text(take(Block::Kind::paragraph)));
    }
    return all;
  }

  std::vector<std::string> needed_paragraphs() {
    std::vector<std::string> all{text(take(Block::Kind::paragraph))};
    for (std::string& more : paragraphs()) {
      all.push_back(std::move(more));
    }
    return all;
  }

  std::vector<std::string> command() {
    const Block& block = take(Block::Kind::fence);
    const std::size_t inside = source_.text.find('\n', block.offset) + 1;
    if (!block.mark.empty()) {
      throw source_.problem(block.offset, "expected a command in a fence without a mark");
    }
    if (std::count(block.text.begin(), block.text.end(), '\n') != 1 ||
        block.text.find_first_of("\"'\\`$;|&") != std::string::npos) {
      throw source_.problem(inside, "a command is one line of plain words, without quotes");
    }
    std::vector<std::string> words;
    std::istringstream stream(block.text);
    for (std::string word; stream >> word;) {
      words.push_back(word);
    }
    if (words.size() < 3 || words[0] != "racelab" ||
        std::find(verbs.begin(), verbs.end(), words[1]) == verbs.end()) {
      throw source_.problem(inside,
                            "a command is `racelab run|compare|explore|explain|replay|step …`");
    }
    for (const std::string& word : words) {
      const std::string key = word.substr(0, word.find('='));
      if (std::any_of(keys.begin(), keys.end(),
                      [&key](auto it) { return key == "--" + std::string(it); }) ||
          word.find('/') != std::string::npos) {
        throw source_.problem(
            inside, "a lesson's command names no file and no form of output: '" + word + "'");
      }
    }
    words.erase(words.begin());
    return words;
  }

  std::vector<LessonClaim> claims() {
    const Block& block = take(Block::Kind::fence);
    if (block.mark != "expect") {
      throw source_.problem(block.offset, "expected a fence marked `expect`");
    }
    std::vector<LessonClaim> all;
    std::size_t offset = source_.text.find('\n', block.offset) + 1;
    std::istringstream stream(block.text);
    for (std::string line; std::getline(stream, line); offset += line.size() + 1) {
      const std::size_t equals = line.find(" = ");
      if (equals == std::string::npos || equals == 0 || equals + 3 == line.size()) {
        throw source_.problem(offset, "an expectation is `key = value`");
      }
      all.push_back({std::string(without_blanks(line.substr(0, equals))),
                     std::string(without_blanks(line.substr(equals + 3)))});
    }
    if (all.empty()) {
      throw source_.problem(block.offset, "nothing is expected here");
    }
    return all;
  }

  LessonQuestion question() {
    constexpr std::size_t choices_max = 5;
    LessonQuestion question;
    const std::size_t offset = here().offset;
    question.text = text(take(Block::Kind::paragraph));
    while (here().kind == Block::Kind::choice) {
      const Block& choice = take(Block::Kind::choice);
      if (choice.mark.empty()) {
        throw source_.problem(choice.offset,
                              "a choice is `- [ ] text`, the right one `- [x] text`");
      }
      question.choices.push_back(
          {text(choice), text(take(Block::Kind::reply)), choice.mark == "[x]"});
    }
    const auto right = std::count_if(question.choices.begin(), question.choices.end(),
                                     [](const auto& it) { return it.right; });
    if (question.choices.size() < 2 || question.choices.size() > choices_max || right != 1) {
      throw source_.problem(offset, "a question has 2 to 5 choices, one of them `[x]`: here are " +
                                        std::to_string(question.choices.size()) + " with " +
                                        std::to_string(right));
    }
    return question;
  }

  std::vector<LessonPart> parts() {
    std::vector<LessonPart> all;
    do {
      const Block& head = take(Block::Kind::part);
      const std::size_t colon = head.text.find(": ");
      if (colon == std::string::npos || !is_name(head.text.substr(0, colon))) {
        throw source_.problem(head.offset, "a part is `### name: question`");
      }
      LessonPart part{head.text.substr(0, colon),
                      text({head.kind, head.text.substr(colon + 2), "", head.offset}),
                      {}};
      while (here().kind == Block::Kind::choice && here().mark.empty()) {
        part.choices.push_back(text(take(Block::Kind::choice)));
      }
      if (part.choices.size() < 2) {
        throw source_.problem(head.offset, "a part has choices, `- text`, at least two");
      }
      all.push_back(std::move(part));
    } while (here().kind == Block::Kind::part);
    return all;
  }

  const Source& source_;
  std::vector<Block> blocks_;
  std::size_t at_ = 0;
};

}  // namespace

Lesson read_lesson(Source source) {
  source.read_as_text();
  return Reader(source)();
}

}  // namespace racelab::parse
