// The same diagram for a page that draws mermaid (https://mermaid.js.org/syntax/sequenceDiagram.html): -x is a message that
// does not arrive, and what has a meaning in its syntax is written as an entity.
#include <fmt/format.h>

#include "sim/report/sequence.h"

namespace racelab {

namespace {

std::string id_of(std::size_t participant) { return fmt::format("p{}", participant + 1); }

std::string line_text(const Sequence::Line& line, const std::string& text) {
  using Kind = Sequence::Line::Kind;
  const std::string id = id_of(line.participant);
  switch (line.kind) {
    case Kind::ask:
      return fmt::format("{}->>rows: {}", id, text);
    case Kind::ask_lost:
      return fmt::format("{}-xrows: {}", id, text);
    case Kind::answer:
      return fmt::format("rows-->>{}: {}", id, text);
    case Kind::answer_lost:
      return fmt::format("rows--x{}: {}", id, text);
    case Kind::words:
    case Kind::death:
      return fmt::format("Note over {}: {}", id, text);
    case Kind::values:
      break;
  }
  return fmt::format("Note over rows: {}", text);
}

}  // namespace

std::string mermaid_escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    safe += c == '#'   ? "#35;"
            : c == ';' ? "#59;"
            : c == '<' ? "#lt;"
            : c == '>' ? "#gt;"
                       : std::string(1, c);
  }
  return safe;
}

std::string sequence_mermaid(const Sequence& sequence) {
  std::string text;
  const auto participant = [&](std::size_t i) {
    text += fmt::format("    participant {} as {}\n", id_of(i),
                        mermaid_escaped(sequence.participants[i].name));
  };
  for (std::size_t i = 0; i < sequence.participants.size(); i += 2) {
    participant(i);
  }
  text += fmt::format("    participant rows as {}\n", mermaid_escaped(sequence.rows));
  for (std::size_t i = 1; i < sequence.participants.size(); i += 2) {
    participant(i);
  }
  for (const Sequence::Step& step : sequence.steps) {
    for (std::size_t i = 0; i < step.lines.size(); ++i) {
      const Sequence::Line& line = step.lines[i];
      std::string words;
      if (i == 0 && step.number > 0) {
        words = fmt::format("{}. ", step.number);
      }
      const bool owned = line.kind != Sequence::Line::Kind::values && !line.who.empty() &&
                         sequence.participants[line.participant].name != "client " + line.who;
      words +=
          (owned ? line.who + ": " : "") + line.text + (line.harm.empty() ? "" : ", " + line.harm);
      if (i + 1 == step.lines.size() && step.chance) {
        words +=
            fmt::format(" [{}{}]", step.doomed ? "DOOMED HERE: " : "", chance_text(*step.chance));
      }
      text += "    " + line_text(line, mermaid_escaped(words)) + '\n';
    }
  }
  return text;
}

}  // namespace racelab
