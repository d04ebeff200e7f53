// Labels in a column, as in every report. Commands are lines of their own, to be copied.
#include "sim/report/lesson_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "sim/report/text_layout.h"

namespace racelab {

namespace {

Line blank() { return Line{}; }

void add_choices(Page& page, const std::vector<std::string>& choices) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    page.add(Labelled{choice_letter(i), choices[i], Tone::plain});
  }
}

// The text without what colors it: ESC [ … m.
std::string without_colors(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1B') {
      i = std::min(text.find('m', i), text.size() - 1);
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

// Lines that belong together: under one label, or a block without one.
struct Section {
  std::size_t block = 0;  // blocks are what stands between empty lines
  std::string label;      // without colors
  std::vector<std::string> lines;
};

std::vector<Section> sections_of(const std::string& output) {
  std::vector<Section> all;
  std::size_t block = 0;
  bool fresh = true;
  for (const std::string& line : lines_of(output)) {
    const std::string plain = without_colors(line);
    if (plain.empty()) {
      fresh = true;
      ++block;
      continue;
    }
    if (fresh || plain.front() != ' ') {
      all.push_back({block, plain.substr(0, plain.find(' ')), {}});
    }
    all.back().lines.push_back(line);
    fresh = false;
  }
  return all;
}

std::string joined(const std::vector<std::string>& lines, std::size_t lines_max) {
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), lines_max); ++i) {
    text += lines[i] + '\n';
  }
  return text + (lines.size() > lines_max ? "        ...\n" : "");
}

}  // namespace

std::string choice_letter(std::size_t choice) {
  return std::string(1, static_cast<char>('a' + choice));
}

std::string plain_words(const std::string& text) {
  std::string words;
  std::istringstream stream(without_colors(text));
  for (std::string word; stream >> word;) {
    words += (words.empty() ? "" : " ") + word;
  }
  return words;
}

std::string sections(const std::string& output, const std::vector<std::string>& labels) {
  std::string text;
  std::size_t block = 0;
  for (const Section& section : sections_of(output)) {
    if (std::find(labels.begin(), labels.end(), section.label) == labels.end()) {
      continue;
    }
    text += (text.empty() || section.block == block ? "" : "\n") +
            joined(section.lines, section.lines.size());
    block = section.block;
  }
  return text;
}

std::string excerpt(const std::string& output, const std::vector<LessonClaim>& claims) {
  constexpr std::size_t lines_max = 12;
  constexpr std::size_t ends_max = 4;  // of all the ways in which it ends
  constexpr std::string_view left_out[] = {"with",  "covered", "odds", "again", "fix",    "proof",
                                           "least", "tested",  "of",   "sure",  "explain"};
  const std::vector<Section> all = sections_of(output);
  std::vector<std::string> blocks;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool kept =
        std::find(std::begin(left_out), std::end(left_out), all[i].label) == std::end(left_out);
    const std::size_t shown = !kept                    ? 0
                              : all[i].label == "ends" ? std::min(all[i].lines.size(), ends_max)
                                                       : all[i].lines.size();
    for (std::size_t place = 0; place < shown; ++place) {
      const std::string& line = all[i].lines[place];
      if (!plain_words(line).starts_with("racelab ")) {
        lines.push_back(line);
      }
    }
    if (shown == ends_max && shown < all[i].lines.size()) {
      lines.emplace_back("        ...");
    }
    if (i + 1 < all.size() && all[i + 1].block == all[i].block) {
      continue;
    }
    const std::string words = plain_words(joined(lines, lines.size()));
    const bool claimed = std::any_of(claims.begin(), claims.end(), [&words](const auto& claim) {
      return claim.key == "screen" && words.find(claim.value) != std::string::npos;
    });
    if (!lines.empty() && (all[i].block == 0 || claimed)) {
      blocks.push_back(joined(lines, lines_max));
    }
    lines.clear();
  }
  std::string text;
  for (const std::string& block : blocks) {
    text += (text.empty() ? "" : "\n") + block;
  }
  return text;
}

Page paragraphs_page(const std::string& label, const std::vector<std::string>& paragraphs) {
  Page page;
  for (const std::string& paragraph : paragraphs) {
    page.add(Labelled{page.blocks.empty() ? label : "", paragraph, Tone::plain});
  }
  return page;
}

Page lessons_page(const std::vector<Lesson>& lessons) {
  Page page;
  page.add(Headline{Tone::plain, "LESSONS",
                    "five to eight minutes each: say what will happen, then see what does"});
  page.add(blank());
  for (const Lesson& lesson : lessons) {
    page.add(Line{{{fmt::format("{:>4}    {}", lesson.number, lesson.title), Tone::plain}}});
  }
  page.add(blank());
  page.add(ShellCommand{"start", "racelab learn 1", ""});
  return page;
}

Page lesson_page(const Lesson& lesson) {
  Page page;
  page.add(Headline{Tone::plain, fmt::format("LESSON {}", lesson.number), lesson.title});
  page.add(blank());
  page.append(paragraphs_page("story", lesson.story));
  page.append(paragraphs_page("try", lesson.experiment.before));
  page.add(
      ShellCommand{lesson.experiment.before.empty() ? "try" : "", lesson.experiment.command(), ""});
  if (!lesson.question.choices.empty()) {
    page.add(blank());
    page.add(Labelled{"ask", lesson.question.text, Tone::plain});
    std::vector<std::string> texts;
    for (const LessonChoice& choice : lesson.question.choices) {
      texts.push_back(choice.text);
    }
    add_choices(page, texts);
  }
  return page;
}

Page lesson_answer_page(const LessonQuestion& question, std::optional<std::size_t> said) {
  const auto choice = [&question](std::size_t place) {
    return choice_letter(place) + ") " + question.choices[place].text;
  };
  const std::size_t right = question.right();
  Page page;
  if (!said) {
    page.add(Labelled{"answer", choice(right), Tone::good});
  } else if (*said == right) {
    page.add(Labelled{"right", choice(right), Tone::good});
  } else {
    page.add(Labelled{"said", choice(*said), Tone::bad});
    page.add(Labelled{"it is", choice(right), Tone::good});
  }
  page.add(Labelled{"", question.choices[said.value_or(right)].reply, Tone::plain});
  return page;
}

Page lesson_part_page(const Lesson& lesson, std::size_t part) {
  Page page;
  page.add(Labelled{fmt::format("{} of {}", part + 1, lesson.parts.size()),
                    lesson.parts[part].question, Tone::plain});
  add_choices(page, lesson.parts[part].choices);
  return page;
}

Page lesson_end_page(const Lesson& lesson, std::size_t lessons) {
  Page page = paragraphs_page("by hand", lesson.by_hand.before);
  page.add(ShellCommand{"", lesson.by_hand.command(), ""});
  page.add(Labelled{"keep", lesson.remember, Tone::good});
  if (lesson.number < lessons) {
    page.add(ShellCommand{"next", fmt::format("racelab learn {}", lesson.number + 1), ""});
  }
  return page;
}

}  // namespace racelab
