// Word by word: quoted text and comments are passed over.
#include "sim/drivers/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "sim/parse/lexer.h"

namespace racelab::drivers {

namespace {

// What a statement is made of, blanks and comments included.
struct Token {
  enum class Kind : std::uint8_t { word, quoted, parameter, blank, other };
  Kind kind = Kind::other;
  std::string text;
};

std::string small(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

std::vector<Token> tokens_of(const std::string& text) {
  std::vector<Token> tokens;
  const auto while_true = [&text](std::size_t from, const auto& holds) {
    std::size_t end = from;
    while (end < text.size() && holds(text[end])) {
      ++end;
    }
    return end;
  };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t at = 0; at < text.size();) {
    Token token;
    std::size_t end = parse::end_of_quoted(text, at);
    if (end > at) {
      const bool comment = text.compare(at, 2, "--") == 0 || text.compare(at, 2, "/*") == 0;
      token.kind = comment ? Token::Kind::blank : Token::Kind::quoted;
    } else if (parse::is_blank(text[at])) {
      end = while_true(at, parse::is_blank);
      token.kind = Token::Kind::blank;
    } else if (parse::starts_name(text[at])) {
      end = while_true(at, parse::in_name);
      token.kind = Token::Kind::word;
    } else if (text[at] == '$' && at + 1 < text.size() && is_digit(text[at + 1])) {
      end = while_true(at + 1, is_digit);
      token.kind = Token::Kind::parameter;
    } else if (is_digit(text[at])) {
      end = while_true(at, is_digit);
    } else {
      end = at + 1;
    }
    const bool comment = token.kind == Token::Kind::blank && !parse::is_blank(text[at]);
    token.text = comment ? " " : text.substr(at, end - at);
    tokens.push_back(std::move(token));
    at = end;
  }
  return tokens;
}

class Speller {
 public:
  Speller(const std::string& text, Dialect dialect, const sql::Schema& schema,
          const std::function<std::string(std::size_t)>& parameter)
      : tokens_(tokens_of(text)), dialect_(dialect), parameter_(parameter) {
    for (const sql::Table& table : schema.tables) {
      names_.insert(table.name);
      if (table.bookkeeping) {
        kept_.insert(table.name);
      }
      for (const sql::Column& column : table.columns) {
        names_.insert(column.name);
      }
    }
  }

  std::string run() {
    while (at_ < tokens_.size()) {
      made_ += next();
    }
    return std::move(made_);
  }

 private:
  // The place of the n-th token after the present one that is not blank; tokens_.size(): there is none.
  [[nodiscard]] std::size_t after(std::size_t n) const {
    std::size_t place = at_;
    while (n > 0 && place < tokens_.size()) {
      ++place;
      while (place < tokens_.size() && tokens_[place].kind == Token::Kind::blank) {
        ++place;
      }
      --n;
    }
    return place;
  }
  [[nodiscard]] std::string word_after(std::size_t n) const {
    const std::size_t place = after(n);
    return place < tokens_.size() ? small(tokens_[place].text) : "";
  }
  // Goes behind the n-th token after the present one.
  std::string instead(std::size_t n, std::string text) {
    at_ = after(n) + 1;
    return text;
  }

  std::string next() {
    const Token& token = tokens_[at_];
    switch (token.kind) {
      case Token::Kind::parameter: {
        std::size_t number = 0;
        std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
        return instead(0, parameter_(number - 1));
      }
      case Token::Kind::word:
        return word(small(token.text));
      case Token::Kind::other:
        // Both sides are whole numbers: MariaDB's / would answer a fraction.
        return instead(0, dialect_ == Dialect::mariadb && token.text == "/" ? " div " : token.text);
      case Token::Kind::blank:
      case Token::Kind::quoted:
        break;
    }
    return instead(0, token.text);
  }

  std::string word(const std::string& it) {
    const bool mariadb = dialect_ == Dialect::mariadb;
    const std::string before = last_word_;
    last_word_ = it;
    const bool is_call = word_after(1) == "(";
    if (it == "current_timestamp" || (it == "now" && is_call)) {
      return instead(it == "now" ? 2 : 0, mariadb ? "@racelab_now" : "now()");
    }
    if (it == "clock_timestamp" && is_call) {
      return instead(2, mariadb ? "@racelab_clock" : "clock_timestamp()");
    }
    const std::size_t value = after(1);
    const bool of_constant = (it == "interval" || it == "timestamptz") && value < tokens_.size() &&
                             tokens_[value].kind == Token::Kind::quoted;
    if (of_constant) {
      const std::string& quoted = tokens_[value].text;
      const auto read =
          sql::from_text(it == "interval" ? sql::Type::interval : sql::Type::timestamptz,
                         std::string_view(quoted).substr(1, quoted.size() - 2));
      if (read) {
        return instead(1, spelled(*read));
      }
    }
    if (mariadb && it == "for" && word_after(1) == "share") {
      return instead(1, "lock in share mode");
    }
    if (it == "racelab" && word_after(1) == "." && kept_.count(word_after(2)) > 0) {
      std::string name = fmt::format("\"racelab_{}\"", word_after(2));
      return instead(2, std::move(name));
    }
    // A name may be a word of theirs (MariaDB: key).
    const bool of_a_lock = before == "no" && it == "key";
    if (names_.count(it) > 0 && !is_call && !of_a_lock) {
      return instead(0, '"' + it + '"');
    }
    return instead(0, tokens_[at_].text);
  }

  std::vector<Token> tokens_;
  Dialect dialect_;
  const std::function<std::string(std::size_t)>& parameter_;
  std::set<std::string> names_;
  std::set<std::string> kept_;  // tables of protections
  std::size_t at_ = 0;
  std::string made_;
  std::string last_word_;
};

}  // namespace

std::string spelled(const std::string& text, Dialect dialect, const sql::Schema& schema,
                    const std::function<std::string(std::size_t)>& parameter) {
  return Speller(text, dialect, schema, parameter).run();
}

std::string spelled(const sql::Value& value) {
  if (value.is_null) {
    return "null";
  }
  switch (value.type) {
    case sql::Type::boolean:
      return value.number != 0 ? "true" : "false";
    case sql::Type::smallint:
    case sql::Type::integer:
    case sql::Type::bigint:
    case sql::Type::timestamptz:
    case sql::Type::interval:  // microseconds, its days among them
      return std::to_string(value.number);
    default:
      return sql::to_literal(value);
  }
}

}  // namespace racelab::drivers
