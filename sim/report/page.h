// What a report says, as plain values: a page is a list of blocks, top to bottom. Builders choose blocks and words; renderers
// choose columns, line breaks and colors, and know nothing of runs or orders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace racelab {

/// What a word is meant to tell before it is read. A renderer makes it a color.
enum class Tone : std::uint8_t {
  plain,
  good,
  bad,
  open,      // undecided, or worth a second look
  series_1,  // the lines of a chart, told apart
  series_2,
  series_3,
  series_4,
  series_5,
  series_6,
};

struct Span {
  std::string text;
  Tone tone = Tone::plain;
};

/// A line as it is, never wrapped; without spans an empty one.
struct Line {
  std::vector<Span> spans;
};

/// The verdict, then what is to be said of it: "VIOLATED  1 lost update: …". Wrapped under the text column.
struct Headline {
  Tone tone = Tone::plain;
  std::string word;
  std::string text;
};

/// A label in its column, then a text that is wrapped beside it. An empty label continues what stands above.
struct Labelled {
  std::string label;
  std::string text;
  Tone tone = Tone::plain;  // of the label
};

/// Something to be typed: one line, however long, so that it can be copied; the remark follows as a comment of the shell.
struct ShellCommand {
  std::string label;
  std::string command;
  std::string remark;
};

/// A list under one label: a name each, the texts wrapped in a column of their own. A name that is too long has its own line.
struct Terms {
  struct Term {
    std::string name;
    std::string text;
  };
  std::string label;
  std::vector<Term> terms;
};

/// Rows of one name and some cells. `width` counts letters; cells on the right of their column include the gap before them,
/// cells on the left have two blanks before them. A name wider than `name_width` has a line of its own.
struct Grid {
  enum class Side : std::uint8_t { left, right };
  struct Column {
    std::string name;
    std::size_t width = 0;
    Side side = Side::right;
  };
  struct Row {
    std::string name;
    std::vector<Span> cells;
    std::string below;  // a line of its own under the row; empty: none
  };
  std::string title;           // over the names
  std::size_t name_width = 0;  // with the indent
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::size_t indent = 0;  // before the names, not before the title
};

/// One line of a chart: its letter, and a value for each place on the axis; nothing where there is none.
struct ChartSeries {
  char letter = 'A';
  std::vector<std::optional<double>> values;
};

/// The tone of a line of a chart, wherever its letter stands.
constexpr Tone series_tone(char letter) {
  return static_cast<Tone>(static_cast<int>(Tone::series_1) + ((letter - 'A') % 6));
}

/// Lines over a varied setting.
struct Chart {
  std::string title;
  std::string axis;                 // what is varied
  std::vector<std::string> places;  // its values
  std::vector<ChartSeries> series;
  std::string (*number)(double value) = nullptr;  // how values are written
};

/// One order as a sequence diagram: clients, the rows they fight over, every message between them, every fault where it
/// strikes, the chance of a violation beside each step.
struct Sequence {
  struct Participant {
    std::string name;  // "client A"
    std::uint32_t client = 0;
    std::size_t delivery = 0;  // where one client is alone: its first request, its next, …
  };
  struct Line {
    enum class Kind : std::uint8_t {
      ask,          // to the rows
      ask_lost,     // what does not arrive
      answer,       // from the rows
      answer_lost,  // what does not arrive back
      words,        // of the participant alone
      death,        // of its handler
      values,       // of the rows, from here on
    };
    Kind kind = Kind::ask;
    std::size_t participant = 0;
    std::string who;  // "A", "A'"
    std::string text;
    std::string harm;  // values: "A overwritten"
  };
  struct Step {
    std::size_t number = 0;  // 0: the start
    std::vector<Line> lines;
    std::optional<double> chance;  // of a violation, once the step is taken
    bool doomed = false;           // the first step at which it is certain
  };

  std::vector<Participant> participants;
  std::string rows;  // "row n", "rows a, b"
  std::vector<Step> steps;
};

/// What happened, a row per event: when, to which of the lanes, and the values of the rows afterwards.
struct Timeline {
  struct Row {
    std::string time;
    std::size_t lane = 0;
    std::string text;
    std::vector<std::string> values;  // as many as `value_names`; "(1)" is not committed
    std::string harm;                 // done by it; empty: none
  };
  std::string unit;  // over the times: "ms", "step"
  std::vector<std::string> lanes;
  std::vector<std::string> value_names;
  std::vector<Row> rows;
  std::size_t rows_max = 0;  // only the last so many are to be seen; 0: all
};

/// Many operations over time: a mark of one letter per slot in each lane, and what the marks mean.
struct Marks {
  struct Lane {
    std::string name;
    std::vector<Span> marks;  // one per slot; " " where nothing ended
  };
  std::string unit;  // of the axis: "ms"
  std::string end;   // of the axis; it begins at 0
  std::vector<Lane> lanes;
  std::size_t lanes_left_out = 0;
  std::vector<std::string> legend;
};

/// Two executions of one order, step by step.
struct SideBySide {
  struct Row {
    std::string number;
    std::string left;
    std::string right;
    bool differ = false;
  };
  std::string left;
  std::string right;
  std::vector<Row> rows;
};

using Block = std::variant<Line, Headline, Labelled, ShellCommand, Terms, Grid, Chart, Sequence,
                           Timeline, Marks, SideBySide>;

struct Page {
  std::vector<Block> blocks;

  void add(Block block) { blocks.push_back(std::move(block)); }
  void append(Page more) {
    for (Block& block : more.blocks) {
      blocks.push_back(std::move(block));
    }
  }
};

}  // namespace racelab
