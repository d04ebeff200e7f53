// One letter ahead is enough: what may follow is known from the word that came before. The format's own keywords are names only in
// quotes, and the text between braces is left to PostgreSQL's parser.
#include "sim/parse/isolation_spec_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/parse/lexer.h"
#include "sim/scenario/options.h"

namespace racelab::parse {

namespace {

constexpr std::array<std::string_view, 6> keywords{"notices", "permutation", "session",
                                                   "setup",   "step",        "teardown"};

struct Token {
  enum class Kind : std::uint8_t { end, keyword, name, number, block, sign };
  Kind kind = Kind::end;
  std::string text;
  std::size_t offset = 0;  // of a block: of its text
};

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source) {}

  Token next() {
    const std::string& text = source_.text;
    skip_blanks();
    Token token;
    token.offset = at_;
    if (at_ == text.size()) {
      return token;
    }
    const char c = text[at_];
    if (starts_name(c)) {
      while (at_ < text.size() && (in_name(text[at_]) || text[at_] == '$')) {
        token.text += text[at_++];
      }
      const bool known = std::find(keywords.begin(), keywords.end(), token.text) != keywords.end();
      token.kind = known ? Token::Kind::keyword : Token::Kind::name;
    } else if (c >= '0' && c <= '9') {
      token.kind = Token::Kind::number;
      while (at_ < text.size() && text[at_] >= '0' && text[at_] <= '9') {
        token.text += text[at_++];
      }
    } else if (c == '"') {
      quoted_name(token);
    } else if (c == '{') {
      block(token);
    } else if (c == '(' || c == ')' || c == ',' || c == '*') {
      token.kind = Token::Kind::sign;
      token.text = c;
      ++at_;
    } else {
      throw source_.problem(at_,
                            "this is no part of a spec file: setup, teardown, session, step and "
                            "permutation are, and SQL between braces");
    }
    return token;
  }

 private:
  void skip_blanks() {
    const std::string& text = source_.text;
    while (at_ < text.size() && (is_blank(text[at_]) || text[at_] == '#')) {
      at_ = text[at_] == '#' ? std::min(text.find('\n', at_), text.size()) : at_ + 1;
    }
  }

  void quoted_name(Token& token) {
    const std::string& text = source_.text;
    token.kind = Token::Kind::name;
    const std::size_t start = at_++;
    for (; at_ < text.size() && text[at_] != '\n'; ++at_) {
      if (text[at_] == '"') {
        if (text.compare(at_, 2, "\"\"") != 0) {
          break;
        }
        ++at_;
      }
      token.text += text[at_];
    }
    if (at_ >= text.size() || text[at_] != '"') {
      throw source_.problem(start, "this quoted name has no end on its line");
    }
    ++at_;
  }

  // Blanks next to the braces are none of it, line feeds are.
  void block(Token& token) {
    constexpr const char* trimmed = " \t\r\f";
    const std::string& text = source_.text;
    token.kind = Token::Kind::block;
    const std::size_t end = text.find('}', at_);
    if (end == std::string::npos) {
      throw source_.problem(at_, "this block of SQL has no end: there is no } behind it");
    }
    token.offset = std::min(text.find_first_not_of(trimmed, at_ + 1), end);
    const std::size_t last = text.find_last_not_of(trimmed, end - 1);
    if (last >= token.offset) {
      token.text = text.substr(token.offset, last + 1 - token.offset);
    }
    at_ = end + 1;
  }

  const Source& source_;
  std::size_t at_ = 0;
};

class SpecReader {
 public:
  explicit SpecReader(const Source& source) : source_(source), lexer_(source) { take(); }

  IsolationSpec read() {
    while (takes("setup")) {
      spec_.setups.push_back(block("setup"));
    }
    if (takes("teardown")) {
      spec_.teardown = block("teardown");
    }
    while (takes("session")) {
      session();
    }
    if (spec_.sessions.empty()) {
      throw problem("a session: session NAME, then its steps");
    }
    while (takes("permutation")) {
      permutation();
    }
    if (token_.kind != Token::Kind::end) {
      throw problem(spec_.permutations.empty()
                        ? "a step, a session, a permutation or the file's end"
                        : "a step's name, a permutation or the file's end");
    }
    return std::move(spec_);
  }

 private:
  struct Reference {
    std::string name;
    std::size_t offset = 0;
  };

  void take() { token_ = lexer_.next(); }

  bool takes(std::string_view keyword) {
    const bool found = token_.kind == Token::Kind::keyword && token_.text == keyword;
    if (found) {
      take();
    }
    return found;
  }

  bool takes_sign(char sign) {
    const bool found = token_.kind == Token::Kind::sign && token_.text.front() == sign;
    if (found) {
      take();
    }
    return found;
  }

  [[nodiscard]] Problem problem(const std::string& expected) const {
    return source_.problem(token_.offset, "here should stand " + expected);
  }

  IsolationSpec::Block block(const std::string& of) {
    if (token_.kind != Token::Kind::block) {
      throw problem(fmt::format("the SQL of the {}, between braces", of));
    }
    IsolationSpec::Block made{token_.text, token_.offset, spec_.blocks++};
    take();
    return made;
  }

  Reference name(const std::string& of) {
    if (token_.kind != Token::Kind::name) {
      throw problem(fmt::format(
          "the name of a {} (setup, teardown, session, step, permutation and notices only in "
          "quotes)",
          of));
    }
    Reference made{token_.text, token_.offset};
    take();
    return made;
  }

  void session() {
    IsolationSpec::Session made;
    made.name = name("session").name;
    if (takes("setup")) {
      made.setup = block("setup");
    }
    while (takes("step")) {
      const Reference called = name("step");
      if (const auto other = find(called.name); other != spec_.steps.size()) {
        throw source_.problem(called.offset,
                              fmt::format("there are two steps '{}': a name is that of one step in "
                                          "the whole file",
                                          called.name));
      }
      made.steps.push_back(spec_.steps.size());
      spec_.steps.push_back({called.name, spec_.sessions.size(), block("step")});
    }
    if (made.steps.empty()) {
      throw problem(fmt::format("a step of session {}: step NAME {{ SQL }}", made.name));
    }
    if (takes("teardown")) {
      made.teardown = block("teardown");
    }
    spec_.sessions.push_back(std::move(made));
  }

  [[nodiscard]] std::size_t find(const std::string& name) const {
    const auto found =
        std::find_if(spec_.steps.begin(), spec_.steps.end(),
                     [&name](const IsolationSpec::Step& step) { return step.name == name; });
    return static_cast<std::size_t>(found - spec_.steps.begin());
  }

  [[nodiscard]] std::size_t step_of(const Reference& reference) const {
    const std::size_t step = find(reference.name);
    if (step == spec_.steps.size()) {
      std::vector<std::string> names;
      for (const IsolationSpec::Step& it : spec_.steps) {
        names.push_back(it.name);
      }
      const std::string near = nearest(reference.name, names);
      throw source_.problem(
          reference.offset,
          fmt::format("there is no step '{}'{}", reference.name,
                      near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    return step;
  }

  void permutation() {
    IsolationSpec::Permutation made;
    std::vector<std::vector<std::size_t>> places;  // of the blockers
    do {
      IsolationSpec::Sent sent;
      std::vector<std::size_t>& here = places.emplace_back();
      sent.step = step_of(name("step"));
      if (takes_sign('(')) {
        do {
          here.push_back(token_.offset);
          sent.blockers.push_back(blocker());
        } while (takes_sign(','));
        if (!takes_sign(')')) {
          throw problem("a comma and another marker, or )");
        }
      }
      made.push_back(std::move(sent));
    } while (token_.kind == Token::Kind::name);
    for (std::size_t i = 0; i < made.size(); ++i) {
      for (std::size_t j = 0; j < made[i].blockers.size(); ++j) {
        check(made, made[i].step, made[i].blockers[j], places[i][j]);
      }
    }
    spec_.permutations.push_back(std::move(made));
  }

  IsolationSpec::Blocker blocker() {
    IsolationSpec::Blocker made;
    if (takes_sign('*')) {
      return made;
    }
    made.kind = IsolationSpec::Blocker::Kind::step;
    made.step = step_of(name("step, or *,"));
    if (takes("notices")) {
      made.kind = IsolationSpec::Blocker::Kind::notices;
      const std::string digits = token_.kind == Token::Kind::number ? token_.text : "";
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), made.notices);
      if (error != std::errc() || made.notices == 0) {
        throw problem("how many notices: a number from 1");
      }
      take();
    }
    return made;
  }

  void check(const IsolationSpec::Permutation& permutation, std::size_t step,
             const IsolationSpec::Blocker& blocker, std::size_t place) const {
    if (blocker.kind == IsolationSpec::Blocker::Kind::once) {
      return;
    }
    const IsolationSpec::Step& other = spec_.steps[blocker.step];
    if (std::none_of(
            permutation.begin(), permutation.end(),
            [&blocker](const IsolationSpec::Sent& sent) { return sent.step == blocker.step; })) {
      throw source_.problem(
          place,
          fmt::format("step '{}' is not in this permutation: nothing can wait for it", other.name));
    }
    if (other.session == spec_.steps[step].session) {
      throw source_.problem(place,
                            fmt::format("step '{}' cannot wait for a step of its own session",
                                        spec_.steps[step].name));
    }
  }

  const Source& source_;
  Lexer lexer_;
  Token token_;
  IsolationSpec spec_;
};

}  // namespace

IsolationSpec read_isolation_spec(Source source) {
  source.read_as_text();
  IsolationSpec spec = SpecReader(source).read();
  spec.file = std::move(source.file);
  spec.text = std::move(source.text);
  return spec;
}

}  // namespace racelab::parse
