// A grid of letters and dots. Several letters at one place stand side by side: nothing is hidden behind another line.
#include "sim/report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::size_t rows = 8;
constexpr std::size_t left = 10;  // columns before the plot

struct Mark {
  char32_t sign = U' ';
  char series = ' ';
};

struct Scale {
  double low = 0;
  double high = 1;
  bool logarithmic = false;

  // From 0, the bottom row, to rows - 1.
  [[nodiscard]] double row(double value) const {
    const double share =
        logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return std::clamp(share, 0.0, 1.0) * static_cast<double>(rows - 1);
  }
  [[nodiscard]] double value(std::size_t row) const {
    const double share = static_cast<double>(row) / static_cast<double>(rows - 1);
    return logarithmic ? low * std::pow(high / low, share) : low + (share * (high - low));
  }
};

// The value of all lines at all places, where there is but one.
std::optional<double> only_value(const Chart& chart) {
  std::optional<double> only;
  for (const ChartSeries& series : chart.series) {
    for (const std::optional<double>& value : series.values) {
      if (value && *value != only.value_or(*value)) {
        return std::nullopt;
      }
      only = value ? value : only;
    }
  }
  return only;
}

Scale scale_of(const Chart& chart) {
  double least = INFINITY;
  double most = 0;
  for (const ChartSeries& series : chart.series) {
    for (const std::optional<double>& value : series.values) {
      if (value) {
        least = std::min(least, *value);
        most = std::max(most, *value);
      }
    }
  }
  constexpr double wide = 50;
  if (least > 0 && least < INFINITY && most > least * wide) {
    return {least, most, true};
  }
  return {0, most > 0 ? most : 1, false};
}

class Plot {
 public:
  // Room on the right for so many letters that stand side by side.
  Plot(std::size_t places, std::size_t width, std::size_t letters_beside)
      : width_(width), marks_(rows, std::vector<Mark>((places * width) + letters_beside)) {}

  // The middle of a place, in columns.
  [[nodiscard]] std::size_t column(std::size_t place) const {
    return (place * width_) + (width_ / 2);
  }

  void dot(std::size_t column, std::size_t row, char series) {
    Mark& mark = marks_[row][column];
    if (mark.sign == U' ') {
      mark = {U'·', series};
    }
  }
  // At the place, or to the right of the letters that are there already.
  void letter(std::size_t place, std::size_t row, char series) {
    std::vector<Mark>& line = marks_[row];
    std::size_t at = column(place);
    while (at < line.size() && line[at].sign != U' ' && line[at].sign != U'·') {
      ++at;
    }
    if (at < line.size()) {
      line[at] = {static_cast<char32_t>(series), series};
    }
  }
  [[nodiscard]] const std::vector<Mark>& row(std::size_t row) const { return marks_[row]; }

 private:
  std::size_t width_;
  std::vector<std::vector<Mark>> marks_;  // the bottom row first
};

std::size_t nearest_row(double row) { return static_cast<std::size_t>(std::lround(row)); }

void draw(Plot& plot, const ChartSeries& series, const Scale& scale) {
  for (std::size_t place = 0; place + 1 < series.values.size(); ++place) {
    const std::optional<double>& from = series.values[place];
    const std::optional<double>& to = series.values[place + 1];
    if (!from || !to) {
      continue;
    }
    const std::size_t first = plot.column(place);
    const std::size_t last = plot.column(place + 1);
    for (std::size_t column = first + 1; column < last; ++column) {
      const double share = static_cast<double>(column - first) / static_cast<double>(last - first);
      plot.dot(column,
               nearest_row(scale.row(*from) + (share * (scale.row(*to) - scale.row(*from)))),
               series.letter);
    }
  }
}

std::string line_text(const std::vector<Mark>& marks, const TextStyle& style) {
  std::string text;
  std::size_t end = marks.size();
  while (end > 0 && marks[end - 1].sign == U' ') {
    --end;
  }
  for (std::size_t i = 0; i < end; ++i) {
    const Mark& mark = marks[i];
    if (mark.sign == U' ') {
      text += ' ';
    } else {
      text += colored(mark.sign == U'·' ? "·" : std::string(1, mark.series),
                      series_color(mark.series), style);
    }
  }
  return text;
}

}  // namespace

int series_color(char letter) {
  constexpr std::array<int, 6> colors{36, 33, 35, 32, 34, 31};
  return colors[static_cast<std::size_t>(letter - 'A') % colors.size()];
}

std::string short_number(double value) {
  const double size = std::abs(value);
  if (size >= 99.95) {
    const std::string digits = grouped(static_cast<std::uint64_t>(std::llround(size)));
    return (value < 0 ? "-" : "") + digits;
  }
  std::string text = size >= 9.995   ? fmt::format("{:.1f}", value)
                     : size >= 0.995 ? fmt::format("{:.2f}", value)
                                     : fmt::format("{:.2g}", value);
  if (text.find('e') != std::string::npos) {
    text = size < 5e-7 ? "0" : fmt::format("{:.6f}", value);
  }
  return text == "-0" || size == 0 ? "0" : text;
}

std::string chart_text(const Chart& chart, const TextStyle& style) {
  const std::size_t places = chart.places.size();
  if (places > text_width - left - 2) {
    return fmt::format("{}: too many values for a chart; --format csv has them all\n", chart.title);
  }
  const std::size_t width =
      std::clamp<std::size_t>((text_width - left - 10) / std::max<std::size_t>(places, 1), 1, 12);
  if (const std::optional<double> only = only_value(chart)) {
    return fmt::format("{}: {} at every place\n", chart.title, chart.number(*only));
  }
  const Scale scale = scale_of(chart);
  const std::size_t beside =
      std::min(chart.series.size(), text_width - left - 2 - (places * width));
  Plot plot(places, width, beside);
  for (const ChartSeries& series : chart.series) {
    draw(plot, series, scale);
  }
  for (const ChartSeries& series : chart.series) {
    for (std::size_t place = 0; place < places; ++place) {
      if (series.values[place]) {
        plot.letter(place, nearest_row(scale.row(*series.values[place])), series.letter);
      }
    }
  }
  std::string text = chart.title + (scale.logarithmic ? "  (logarithmic)" : "") + '\n';
  for (std::size_t row = rows; row-- > 0;) {
    const bool labelled_row = row == 0 || row == rows - 1 || (scale.logarithmic && row == rows / 2);
    text += fmt::format("{:>{}} {} ", labelled_row ? chart.number(scale.value(row)) : "", left - 2,
                        labelled_row ? "┤" : "│");
    text += line_text(plot.row(row), style) + '\n';
  }
  if (places > chart_places_max) {
    return text + fmt::format("{:>{}}   {} from {} to {}\n", "", left - 2, chart.axis,
                              chart.places.front(), chart.places.back());
  }
  const auto cell = [width](const std::string& word) { return fmt::format("{:^{}}", word, width); };
  const auto trimmed = [](std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
  };
  std::string labels = fmt::format("{:<{}} ", chart.axis.substr(0, left), left);
  for (const std::string& place : chart.places) {
    labels += cell(place);
  }
  text += trimmed(labels);
  for (const ChartSeries& series : chart.series) {
    std::string line = fmt::format("{:<{}} ", "", left - 1);
    for (const std::optional<double>& value : series.values) {
      line += cell(value ? chart.number(*value) : "-");
    }
    text +=
        colored(std::string(1, series.letter), series_color(series.letter), style) + trimmed(line);
  }
  return text;
}

std::string sparkline(const std::vector<double>& values, double most) {
  constexpr std::array<std::string_view, 9> blocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string text;
  for (const double value : values) {
    const double share = most > 0 ? std::clamp(value / most, 0.0, 1.0) : 0;
    text += blocks[static_cast<std::size_t>(std::lround(share * 8))];
  }
  return text;
}

}  // namespace racelab
