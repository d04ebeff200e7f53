// A sequence diagram for a terminal of 80 columns: clients left and right of the rows, the chance at the right edge.
//
//     0        8                       32                      56                     80
//     step who |---------- ask ------->|                       |        DOOMED HERE  100 %
//
// Two lanes are enough for any number of clients: who is meant stands beside the arrow where a lane is shared. With one lane
// the rows stand further right, and long statements need fewer lines.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/sequence.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr int red = 31;

// Words, at most `width` wide where they can be broken; SQL before its WHERE rather than anywhere else.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  for (const std::string_view clause : {" WHERE ", " FOR UPDATE", " ON CONFLICT", " ISOLATION"}) {
    const std::size_t at = text.find(clause);
    if (text.size() > width && at != std::string_view::npos) {
      std::vector<std::string> lines = wrapped(text.substr(0, at), width);
      const std::vector<std::string> rest = wrapped(text.substr(at + 1), width);
      lines.insert(lines.end(), rest.begin(), rest.end());
      return lines;
    }
  }
  std::vector<std::string> lines{""};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (!lines.back().empty() && lines.back().size() + 1 + end > width) {
      lines.emplace_back();
    }
    lines.back() += (lines.back().empty() ? "" : " ") + std::string(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

class Drawing {
 public:
  Drawing(const Sequence& sequence, const TextStyle& style) : sequence_(sequence), style_(style) {
    for (std::size_t i = 0; i < sequence.participants.size(); ++i) {
      (i % 2 == 0 ? left_ : right_).push_back(i);
    }
    two_ = !right_.empty();
    rows_at_ = two_ ? 32 : 52;
  }

  std::string draw() {
    head();
    for (const Sequence::Step& step : sequence_.steps) {
      draw(step);
    }
    return text_;
  }

 private:
  using Kind = Sequence::Line::Kind;
  struct Span {
    std::size_t at;
    std::size_t size;
    int color;
  };
  static constexpr std::size_t left_at = 8;
  static constexpr std::size_t right_at = 56;

  [[nodiscard]] std::size_t gap() const { return rows_at_ - left_at - 1; }

  // ---- lines of characters

  void begin_line() {
    line_ = std::string(text_width, ' ');
    spans_.clear();
    line_[left_at] = '|';
    line_[rows_at_] = '|';
    if (two_) {
      line_[right_at] = '|';
    }
  }
  void put(std::size_t at, std::string_view text) {
    at = std::min(at, text_width - std::min(text.size(), text_width));
    text = text.substr(0, text_width - at);
    line_.replace(at, text.size(), text);
  }
  void put_middle(std::size_t at, std::string_view text) {
    put(at - std::min(at, text.size() / 2), text);
  }
  void paint(std::size_t at, std::size_t size, int color) { spans_.push_back({at, size, color}); }
  void end_line() {
    const std::size_t end = line_.find_last_not_of(' ') + 1;
    std::string painted = line_.substr(0, end);
    std::sort(spans_.begin(), spans_.end(),
              [](const Span& a, const Span& b) { return a.at > b.at; });
    for (const Span& span : spans_) {
      const std::string words = painted.substr(span.at, span.size);
      painted.replace(span.at, span.size, colored(words, span.color, style_));
    }
    text_ += painted + '\n';
  }

  void head() {
    line_ = std::string(text_width, ' ');
    spans_.clear();
    put_middle(left_at, lane_name(left_));
    put_middle(rows_at_, sequence_.rows);
    if (two_) {
      put_middle(right_at, lane_name(right_));
    }
    const bool odds = !sequence_.steps.empty() && sequence_.steps.front().chance;
    if (odds) {
      put(text_width - 9, "odds of a");
    }
    end_line();
    begin_line();
    if (odds) {
      put(text_width - 9, "violation");
    }
    end_line();
  }

  [[nodiscard]] std::string lane_name(const std::vector<std::size_t>& lane) const {
    constexpr std::size_t width_max = 15;
    if (lane.empty()) {
      return "";
    }
    if (lane.size() == 1) {
      return sequence_.participants[lane.front()].name;
    }
    std::string text;
    for (const std::size_t i : lane) {
      const Sequence::Participant& p = sequence_.participants[i];
      const std::string name = client_name(p.client) + std::string(p.delivery, '\'');
      if (text.size() + name.size() + 2 > width_max - 5) {
        return text + ", ...";
      }
      text += (text.empty() ? "" : ", ") + name;
    }
    return text;
  }

  // ---- steps

  void draw(const Sequence::Step& step) {
    number_ = step.number == 0 ? "" : std::to_string(step.number);
    if (step.lines.empty()) {
      begin_line();
      last_line(step);
      return;
    }
    for (std::size_t i = 0; i < step.lines.size(); ++i) {
      last_of_step_ = i + 1 == step.lines.size() ? &step : nullptr;
      draw(step.lines[i]);
    }
  }

  // Ends a line that belongs to a step.
  void last_line(const Sequence::Step& step) {
    put(4 - std::min<std::size_t>(4, number_.size() + 1), number_);
    number_.clear();
    if (step.chance) {
      const std::string chance = chance_text(*step.chance);
      put(text_width - chance.size(), chance);
      if (step.doomed) {
        constexpr std::string_view words = "DOOMED HERE";
        const std::size_t at = text_width - chance.size() - 2 - words.size();
        put(at, words);
        paint(at, text_width - at, red);
      }
    }
    end_line();
  }
  // The last of a line's lines of characters, or one before.
  void finish(bool last) {
    if (last && last_of_step_ != nullptr) {
      last_line(*last_of_step_);
      return;
    }
    put(4 - std::min<std::size_t>(4, number_.size() + 1), number_);
    number_.clear();
    end_line();
  }

  [[nodiscard]] bool is_left(const Sequence::Line& line) const { return line.participant % 2 == 0; }
  void put_who(const Sequence::Line& line) {
    const auto& lane = is_left(line) ? left_ : right_;
    const Sequence::Participant& only = sequence_.participants[line.participant];
    const bool plain = lane.size() == 1 &&
                       (only.name == "client " + line.who || only.name.starts_with(line.who + ":"));
    if (plain) {
      return;
    }
    if (is_left(line)) {
      put(left_at - 1 - std::min(left_at - 1, line.who.size()), line.who);
    } else {
      put(right_at + 2, line.who);
    }
  }

  void draw(const Sequence::Line& line) {
    switch (line.kind) {
      case Kind::ask:
      case Kind::answer:
      case Kind::ask_lost:
      case Kind::answer_lost:
        draw_arrow(line);
        break;
      case Kind::words:
      case Kind::death:
        draw_words(line);
        break;
      case Kind::values:
        draw_values(line);
        break;
    }
  }

  // `text` over a shaft of `width`, its head at the right end.
  static std::string arrow_right(const std::string& text, std::size_t width, char head) {
    const std::size_t dashes = width - 1 - std::min(width - 1, text.size() + 2);
    return std::string(dashes - dashes / 2, '-') + ' ' + text + ' ' + std::string(dashes / 2, '-') +
           head;
  }
  static std::string arrow_left(const std::string& text, std::size_t width, char head) {
    const std::size_t dashes = width - 1 - std::min(width - 1, text.size() + 2);
    return head + std::string(dashes - dashes / 2, '-') + ' ' + text + ' ' +
           std::string(dashes / 2, '-');
  }

  void draw_arrow(const Sequence::Line& line) {
    constexpr std::size_t short_by = 3;  // what is lost ends so much before it arrives
    const bool lost = line.kind == Kind::ask_lost || line.kind == Kind::answer_lost;
    const bool ask = line.kind == Kind::ask || line.kind == Kind::ask_lost;
    const bool left = is_left(line);
    const std::size_t width = gap() - (lost ? short_by : 0);
    const std::vector<std::string> lines = wrapped(line.text, width - 4);
    const std::size_t begin = left ? left_at + 1 : rows_at_ + 1;
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      begin_line();
      put(begin + 2, lines[i]);
      if (i == 0) {
        put_who(line);
      }
      finish(false);
    }
    begin_line();
    if (lines.size() == 1) {
      put_who(line);
    }
    const bool to_right = ask == left;
    const char head = lost ? 'X' : to_right ? '>' : '<';
    const std::string arrow =
        to_right ? arrow_right(lines.back(), width, head) : arrow_left(lines.back(), width, head);
    const std::size_t at = to_right ? begin : begin + gap() - width;
    put(at, arrow.substr(0, gap()));
    if (lost) {
      paint(at, arrow.size(), red);
    }
    finish(true);
  }

  void draw_words(const Sequence::Line& line) {
    const bool left = is_left(line);
    const std::vector<std::string> lines = wrapped(line.text, gap() - 2);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      begin_line();
      if (i == 0) {
        put_who(line);
      }
      if (line.kind == Kind::death && i == 0) {
        put(left ? left_at : right_at, "X");
        paint(left ? left_at : right_at, 1, red);
      }
      put(left ? left_at + 2 : right_at - 1 - lines[i].size(), lines[i]);
      finish(i + 1 == lines.size());
    }
  }

  void draw_values(const Sequence::Line& line) {
    begin_line();
    put_middle(rows_at_, line.text);
    const std::size_t end = rows_at_ - line.text.size() / 2 + line.text.size();
    const std::size_t room = (two_ ? right_at : 62) - end - 2;
    const bool beside = line.harm.size() + 1 <= room;
    if (!line.harm.empty() && beside) {
      put(end + 2, line.harm);
      paint(end + 2, line.harm.size(), red);
    }
    finish(line.harm.empty() || beside);
    if (!line.harm.empty() && !beside) {
      begin_line();
      put_middle(rows_at_, line.harm);
      paint(rows_at_ - line.harm.size() / 2, line.harm.size(), red);
      finish(true);
    }
  }

  const Sequence& sequence_;
  const TextStyle& style_;
  std::vector<std::size_t> left_;
  std::vector<std::size_t> right_;
  bool two_ = false;
  std::size_t rows_at_ = 0;
  std::string text_;
  std::string line_;
  std::vector<Span> spans_;
  std::string number_;  // of the step, until it has been written
  const Sequence::Step* last_of_step_ = nullptr;
};

}  // namespace

std::string sequence_text(const Sequence& sequence, const TextStyle& style) {
  return Drawing(sequence, style).draw();
}

}  // namespace racelab
