// Block by block. Widths are counted in letters; a text breaks between words, and an equation is one word.
#include "sim/report/text_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/report/chart.h"
#include "sim/report/screen_width.h"
#include "sim/report/sequence.h"

namespace racelab {

namespace {

std::size_t chosen_width = text_width;

std::string padded(std::string text, std::size_t width) {
  const std::size_t shown = columns_of(text);
  text.append(width > shown ? width - shown : 0, ' ');
  return text;
}

std::string blanks(std::size_t count) {
  return std::string(count, ' ');  // NOLINT(modernize-return-braced-init-list): so many, not two
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

// Where the first word ends. No line ends before or after an equals sign, or before a percent sign.
std::size_t word_end(std::string_view text) {
  std::size_t end = std::min(text.find(' '), text.size());
  while (text.substr(end).starts_with(" = ") || text.substr(0, end) == "=") {
    end = std::min(text.find(' ', end + (text.substr(0, end) == "=" ? 1 : 3)), text.size());
  }
  if (text.substr(end).starts_with(" %")) {
    end = std::min(text.find(' ', end + 1), text.size());
  }
  return end;
}

// Lines of a narrow column, all but the first indented; a word that no line holds is broken after a plus sign or a comma.
std::vector<std::string> narrow_lines(std::string_view text, std::size_t width) {
  constexpr std::size_t indent = 2;
  std::vector<std::string> lines{""};
  bool fresh = true;
  while (!text.empty()) {
    std::size_t end = std::min(text.find(' '), text.size());
    std::size_t skip = 1;
    if (end > width - indent) {
      end = std::min(text.substr(0, width - indent).find_last_of("+,") + 1, width - indent);
      end = end == 0 ? width - indent : end;
      skip = 0;
    }
    if (!fresh && lines.back().size() + 1 + end > width) {
      lines.emplace_back(indent, ' ');
      fresh = true;
    }
    lines.back() += (fresh ? "" : " ") + std::string(text.substr(0, end));
    fresh = false;
    text.remove_prefix(std::min(end + skip, text.size()));
    if (skip == 0) {
      lines.emplace_back(indent, ' ');
      fresh = true;
    }
  }
  return lines;
}

class Layout {
 public:
  explicit Layout(const TextStyle& style) : style_(style) {}

  std::string operator()(const Line& line) const {
    std::string text;
    for (const Span& span : line.spans) {
      text += toned(span.text, span.tone, style_);
    }
    return text + '\n';
  }

  std::string operator()(const Headline& headline) const {
    const std::string lines = flowed(headline.word + "  ", headline.text, label_width);
    return painted(lines, headline.word, headline.tone);
  }

  std::string operator()(const Labelled& block) const {
    return painted(labelled(block.label, block.text), block.label, block.tone);
  }

  std::string operator()(const ShellCommand& block) const {
    return padded(block.label, label_width) + block.command +
           (block.remark.empty() ? "" : "     # " + block.remark) + '\n';
  }

  std::string operator()(const Terms& block) const {
    constexpr std::size_t name_max = 36;
    std::size_t width = 0;
    for (const Terms::Term& term : block.terms) {
      width = std::max(width, std::min(columns_of(term.name), name_max));
    }
    const std::size_t column = label_width + width + 2;
    // On a narrow screen there is no room beside the names.
    const bool beside = screen_width() >= text_width || column * 2 <= screen_width();
    const std::size_t indent = beside ? column : label_width + 2;
    std::string text;
    for (const Terms::Term& term : block.terms) {
      const std::string name = padded(text.empty() ? block.label : "", label_width) + term.name;
      const bool fits = beside && columns_of(term.name) <= width;
      text += (fits ? "" : name + '\n') +
              flowed(fits ? padded(name, indent) : blanks(indent), term.text, indent);
    }
    return text;
  }

  std::string operator()(const Grid& grid) const {
    std::string text = padded(grid.title, grid.name_width);
    for (const Grid::Column& column : grid.columns) {
      text += cell(column.name, column);
    }
    text = trimmed(text);
    for (const Grid::Row& row : grid.rows) {
      const std::string name = blanks(grid.indent) + row.name;
      const bool fits = columns_of(name) <= grid.name_width;
      std::string line =
          fits ? padded(name, grid.name_width) : name + '\n' + blanks(grid.name_width);
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        line += toned(cell(row.cells[i].text, grid.columns[i]), row.cells[i].tone, style_);
      }
      text += trimmed(line) + (row.below.empty() ? "" : row.below + '\n');
    }
    return text;
  }

  std::string operator()(const Chart& chart) const { return chart_text(chart, style_); }
  std::string operator()(const Sequence& sequence) const { return sequence_text(sequence, style_); }
  std::string operator()(const Timeline& timeline) const;

  std::string operator()(const Marks& marks) const {
    const std::size_t slots = marks.lanes.empty() ? 1 : marks.lanes.front().marks.size();
    std::string text =
        padded(marks.unit, label_width) + fmt::format("0{:>{}}\n", marks.end, slots - 1);
    for (const Marks::Lane& lane : marks.lanes) {
      std::string line = padded(lane.name, label_width);
      for (const Span& mark : lane.marks) {
        line += mark.text == " " ? " " : toned(mark.text, mark.tone, style_);
      }
      text += trimmed(line);
    }
    if (marks.lanes_left_out > 0) {
      text += labelled("", fmt::format("and {} more clients", marks.lanes_left_out));
    }
    return text + legend(marks.legend);
  }

  std::string operator()(const SideBySide& both) const {
    std::string text = side_line({"step", both.left, both.right, false});
    for (const SideBySide::Row& row : both.rows) {
      text += side_line(row);
    }
    return text;
  }

 private:
  [[nodiscard]] std::string painted(const std::string& lines, const std::string& word,
                                    Tone tone) const {
    return toned(word, tone, style_) + lines.substr(word.size());
  }

  static std::string cell(const std::string& text, const Grid::Column& column) {
    return column.side == Grid::Side::right ? right_aligned(text, column.width)
                                            : "  " + padded(text, column.width);
  }

  // Its entries stand beside each other as far as they fit, and are never broken.
  static std::string legend(const std::vector<std::string>& entries) {
    constexpr std::size_t gap = 3;
    std::string text = blanks(label_width);
    std::size_t column = label_width;
    for (const std::string& entry : entries) {
      if (column > label_width && column + gap + entry.size() > screen_width()) {
        text += '\n' + blanks(label_width);
        column = label_width;
      }
      const std::string before = blanks(column > label_width ? gap : 0);
      text += before + entry;
      column += before.size() + entry.size();
    }
    return text + '\n';
  }

  [[nodiscard]] std::string side_line(const SideBySide::Row& row) const {
    constexpr std::size_t width = 34;
    const std::vector<std::string> left = narrow_lines(row.left, width);
    const std::vector<std::string> right = narrow_lines(row.right, width);
    std::string text;
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      std::string line = fmt::format("{:>4}  {:<{}} ", i == 0 ? row.number : "",
                                     i < left.size() ? left[i] : "", width);
      line += row.differ && i == 0 ? toned("*", Tone::open, style_) : " ";
      text += trimmed(line + " " + (i < right.size() ? right[i] : ""));
    }
    return text;
  }

  const TextStyle& style_;
};

// A timeline's columns: the time, the lanes side by side where they fit or else one that names the lane, the values.
class Columns {
 public:
  explicit Columns(const Timeline& timeline) : timeline_(timeline) {
    std::size_t harm_width = 0;
    for (const Timeline::Row& row : timeline.rows) {
      harm_width = std::max(harm_width, row.harm.size());
      time_width_ = std::max(time_width_, row.time.size() + gap);
    }
    const std::size_t right =
        values(timeline.value_names).size() + (harm_width == 0 ? 0 : harm_width + 2);
    choose_widths(right);
    if (widths_.size() == 1) {
      const std::size_t total =
          time_width_ + (side_by_side() ? 0 : gap) + widths_.front() + gap + right;
      squeezed_ = std::min(gap - 1, total - std::min(total, screen_width()));
    }
  }

  [[nodiscard]] std::string head() const {
    std::vector<std::string> texts(widths_.size());
    if (side_by_side()) {
      texts = timeline_.lanes;
    }
    return line(timeline_.unit, "", texts) + values(timeline_.value_names);
  }
  [[nodiscard]] std::string line(const Timeline::Row& row) const {
    std::vector<std::string> texts(widths_.size());
    texts[side_by_side() ? row.lane : 0] = row.text;
    return line(row.time, timeline_.lanes[row.lane], texts) + values(row.values);
  }

 private:
  static constexpr std::size_t gap = 3;

  [[nodiscard]] bool side_by_side() const { return widths_.size() == timeline_.lanes.size(); }

  void choose_widths(std::size_t right) {
    const std::size_t least = timeline_.lanes.size() == 2 ? 20 : 8;
    std::size_t widest = 0;
    widths_.assign(timeline_.lanes.size(), least);
    for (const Timeline::Row& row : timeline_.rows) {
      widths_[row.lane] = std::max(widths_[row.lane], row.text.size());
      widest = std::max(widest, row.text.size());
    }
    std::size_t total = time_width_ + right;
    for (const std::size_t width : widths_) {
      total += width + gap;
    }
    if (total > screen_width()) {
      widths_ = {widest};
    }
  }

  [[nodiscard]] std::string line(const std::string& time, const std::string& lane,
                                 const std::vector<std::string>& texts) const {
    std::string text = fmt::format("{:>{}}{}", time, time_width_ - gap, blanks(gap));
    text += side_by_side() ? "" : padded(lane, gap);
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      text += padded(texts[i], widths_[i] + gap);
    }
    text.erase(text.size() - squeezed_);
    return text;
  }

  [[nodiscard]] std::string values(const std::vector<std::string>& all) const {
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::size_t width = std::max<std::size_t>(timeline_.value_names[i].size(), 5);
      text += fmt::format("{}{:>{}}", i == 0 ? "" : " ", all[i], width);
    }
    return text;
  }

  const Timeline& timeline_;
  std::size_t time_width_ = 5 + gap;
  std::vector<std::size_t> widths_;
  std::size_t squeezed_ = 0;  // how much less than a gap stands before the values, to fit
};

std::string Layout::operator()(const Timeline& timeline) const {
  const Columns columns(timeline);
  std::string text = columns.head() + '\n';
  const std::size_t rows = timeline.rows.size();
  const std::size_t skipped = timeline.rows_max == 0 ? 0 : rows - std::min(rows, timeline.rows_max);
  text += skipped == 0 ? "" : "  ...\n";
  for (std::size_t i = skipped; i < rows; ++i) {
    const std::string& harm = timeline.rows[i].harm;
    std::string line = columns.line(timeline.rows[i]);
    if (!harm.empty()) {
      // What does not fit beside its line stands below it, at the right.
      line += line.size() + 2 + harm.size() <= screen_width()
                  ? "  "
                  : '\n' + blanks(screen_width() - std::min(harm.size(), screen_width()));
      line += toned(harm, Tone::bad, style_);
    }
    text += trimmed(line);
  }
  return text;
}

}  // namespace

std::size_t screen_width() { return chosen_width; }

void set_screen_width(std::size_t columns) {
  chosen_width = std::clamp(columns, screen_width_min, screen_width_max);
}

namespace {

// The colors that toned() writes: ESC [ 31 m.
bool begins_color(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789", 2);
  return text.starts_with("\x1b[") && end != std::string_view::npos && text[end] == 'm';
}

// Data and names may hold any byte: none of them moves the cursor, or changes what a terminal does.
void replace_controls(std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool meant =
        byte == '\n' || byte == '\t' || begins_color(std::string_view(text).substr(i));
    if ((byte < 0x20 || byte == 0x7F) && !meant) {
      text[i] = '?';
    }
  }
}

}  // namespace

std::string page_text(const Page& page, const TextStyle& style) {
  const Layout layout(style);
  std::string text;
  for (const Block& block : page.blocks) {
    text += std::visit(layout, block);
  }
  replace_controls(text);
  return text;
}

std::string flowed(std::string begun, std::string_view text, std::size_t indent) {
  std::size_t column = columns_of(begun);
  bool fresh = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, word_end(text));
    const std::size_t width = columns_of(word);
    if (!fresh && column + 1 + width > screen_width()) {
      begun += '\n' + blanks(indent);
      column = indent;
      fresh = true;
    }
    begun += (fresh ? "" : " ") + std::string(word);
    column += width + (fresh ? 0 : 1);
    fresh = false;
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return begun + '\n';
}

std::string labelled(std::string_view label, std::string_view text) {
  return flowed(padded(std::string(label), label_width), text, label_width);
}

std::string toned(std::string_view text, Tone tone, const TextStyle& style) {
  // The numbers of SGR, ECMA-48: 31 red, 32 green, 33 yellow, 34 blue, 35 magenta, 36 cyan.
  constexpr std::array<int, 10> colors{0, 32, 31, 33, 36, 33, 35, 32, 34, 31};
  return style.color && tone != Tone::plain
             ? fmt::format("\x1b[{}m{}\x1b[0m", colors[static_cast<std::size_t>(tone)], text)
             : std::string(text);
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string right_aligned(const std::string& text, std::size_t width) {
  const std::size_t shown = columns_of(text);
  return blanks(width > shown ? width - shown : 1) + text;
}

}  // namespace racelab
