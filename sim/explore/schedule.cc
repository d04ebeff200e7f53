// Words and moves. A word is checked by walking it: each letter must name a step that is possible there.
#include "sim/explore/schedule.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <optional>
#include "sim/kernel/fault_rules.h"

namespace racelab {

namespace {

// How a fault is written behind a letter.
struct Mark {
  char letter;
  Fault fault;
  bool of_request;
};
constexpr std::array<Mark, 9> marks{{
    {'q', Fault::lose_request, true},
    {'d', Fault::duplicate_delivery, true},
    {'n', Fault::refuse_call, true},
    {'k', Fault::reset_call, true},
    {'f', Fault::fail_call, true},
    {'c', Fault::crash, false},
    {'b', Fault::lose_session_before, false},
    {'a', Fault::lose_session_after, false},
    {'s', Fault::slow_call, false},
}};

constexpr std::string_view digits = "0123456789";

char letter_of(std::uint32_t client) { return static_cast<char>('A' + client); }

// The number that starts a text, taken off it; `otherwise` when there is none.
std::uint32_t take_number(std::string_view& text, std::uint32_t otherwise) {
  std::uint32_t number = 0;
  bool any = false;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && number < 1'000) {
    number = (number * 10) + static_cast<std::uint32_t>(text.front() - '0');
    text.remove_prefix(1);
    any = true;
  }
  return any ? number : otherwise;
}

// A letter with what follows it.
struct Written {
  std::uint32_t client = 0;
  std::uint32_t ordinal = 0;
  Step::Kind kind = Step::Kind::statement;  // or a request: the word does not tell
  Fault request_fault = Fault::none;
  Fault statement_fault = Fault::none;
  std::uint32_t replies_lost = 0;
  std::uint32_t replies_reset = 0;
  std::string ways;  // as it is written: who has a row next
};

// Takes one off the text; false: no letter, or a mark that means nothing.
bool take_written(std::string_view& text, Written& written) {
  if (text.front() < 'A' || text.front() > 'Z') {
    return false;
  }
  written.client = static_cast<std::uint32_t>(text.front() - 'A');
  text.remove_prefix(1);
  written.ordinal = take_number(text, 1);
  if (written.ordinal == 0) {
    return false;
  }
  --written.ordinal;
  while (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    const char mark = text.front();
    text.remove_prefix(1);
    switch (mark) {
      case 'r':
        written.replies_lost |= take_number(text, 1);
        break;
      case 'z':
        written.replies_reset = take_number(text, 1);
        written.replies_lost |= written.replies_reset;
        break;
      case 't':
        written.kind = Step::Kind::lock_timeout;
        break;
      case 'x':
        written.kind = Step::Kind::deadlock;
        break;
      case 'e':
        written.kind = Step::Kind::session_end;
        break;
      case 'w':
        written.ways = mark + std::string(text.substr(0, text.find_first_not_of(digits)));
        text.remove_prefix(written.ways.size() - 1);
        break;
      default:
        // NOLINTNEXTLINE(readability-qualified-auto): a pointer in libstdc++, not in libc++
        const auto found = std::find_if(marks.begin(), marks.end(),
                                        [mark](const Mark& it) { return it.letter == mark; });
        if (found == marks.end()) {
          return false;
        }
        (found->of_request ? written.request_fault : written.statement_fault) = found->fault;
    }
  }
  return true;
}

bool names(const Written& written, const Move& move) {
  const bool issues =
      move.step.kind == Step::Kind::statement || move.step.kind == Step::Kind::request;
  const bool same_kind =
      written.kind == Step::Kind::statement ? issues : move.step.kind == written.kind;
  const Fault fault =
      written.statement_fault == Fault::slow_call ? Fault::none : written.statement_fault;
  return move.step.client == written.client && move.ordinal == written.ordinal && same_kind &&
         move.step.request_fault == written.request_fault && move.step.statement_fault == fault;
}

}  // namespace

std::string letter_with_faults(const FaultyLetter& letter) {
  std::string word(1, letter_of(letter.client));
  if (letter.ordinal > 0) {
    word += std::to_string(letter.ordinal + 1);
  }
  for (const Mark& mark : marks) {
    if (mark.fault == (mark.of_request ? letter.request_fault : letter.statement_fault)) {
      word += mark.letter;
    }
  }
  const auto add = [&word](char mark, std::uint32_t replies) {
    if (replies != 0) {
      word += mark;
      word += replies == 1 ? "" : std::to_string(replies);
    }
  };
  add('r', letter.replies_lost & ~letter.replies_reset);
  add('z', letter.replies_reset);
  return word;
}

std::string word_of_ways(const std::vector<std::uint8_t>& ways) {
  std::string word;
  if (std::any_of(ways.begin(), ways.end(), [](std::uint8_t way) { return way > 0; })) {
    word += 'w';
    for (const std::uint8_t way : ways) {
      word += std::to_string(way + 1);
    }
  }
  return word;
}

std::string word_of(const Move& move) {
  const Step& step = move.step;
  return letter_with_faults({.client = step.client,
                             .ordinal = move.ordinal,
                             .request_fault = step.request_fault,
                             .statement_fault = step.statement_fault,
                             .replies_lost = step.replies_lost,
                             .replies_reset = step.replies_reset}) +
         (step.kind == Step::Kind::lock_timeout  ? "t"
          : step.kind == Step::Kind::deadlock    ? "x"
          : step.kind == Step::Kind::session_end ? "e"
                                                 : "") +
         word_of_ways(step.ways.list());
}

std::string word_of(const std::vector<Move>& moves) {
  std::string word;
  for (const Move& move : moves) {
    word += word_of(move);
  }
  return word;
}

// The variant of a step that is written so, and those of its variants that show only when it is tried.
std::optional<Step> variant_written(Walker& walker, const Step& step, const Written& written) {
  const bool slow = written.statement_fault == Fault::slow_call;
  std::vector<Step> steps{step};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& it = steps[i];
    if (it.replies_lost == written.replies_lost && it.replies_reset == written.replies_reset &&
        (it.statement_fault == Fault::slow_call) == slow &&
        word_of_ways(it.ways.list()) == written.ways) {
      return it;
    }
    const std::vector<Step> variants = walker.try_out(steps[i]).variants;
    steps.insert(steps.end(), variants.begin(), variants.end());
  }
  return std::nullopt;
}

Followed follow(Model& model, std::string_view word) {
  Walker walker(model);
  std::string_view left = word;
  while (!left.empty()) {
    const auto at = word.size() - left.size();
    const auto problem = [&](const std::string& why) {
      return Followed{walker.moves(),
                      "in the order '" + std::string(word) + "', at place " +
                          std::to_string(at + 1) + ": " + why,
                      false};
    };
    Written written;
    if (!take_written(left, written)) {
      return problem("a letter from A to Z with marks was expected");
    }
    const std::string letter(word.substr(at, word.size() - left.size() - at));
    const auto found =
        std::find_if(walker.possible().begin(), walker.possible().end(),
                     [&](const Step& step) { return names(written, move_of(model, step)); });
    if (found == walker.possible().end()) {
      return problem("'" + letter + "' is not possible there");
    }
    Step step = *found;
    const bool slow = written.statement_fault == Fault::slow_call;
    if (slow || written.replies_lost != 0 || !written.ways.empty()) {
      // What is possible of these depends on what the step does without them.
      const std::optional<Step> variant = variant_written(walker, step, written);
      if (!variant) {
        return problem("'" + letter +
                       (slow ? "' is not the last statement of its handler, or no fault is left"
                        : written.replies_lost != 0
                            ? "' loses a reply that is not sent there, or no fault is left"
                            : "' names one of several who wait, and there are not so many"));
      }
      step = *variant;
    }
    if (const std::string usual = word_of(move_of(model, step)); usual != letter) {
      return problem(std::string("'").append(letter).append("' is written '").append(usual) + "'");
    }
    walker.take(step);
  }
  return {walker.moves(), "", walker.ended()};
}

namespace {

DrawName draw_name_of(const HandlerName& who) {
  return {who.client, who.operation, who.attempt, Purpose::fault, who.copy};
}

}  // namespace

Order order_of(const std::vector<Move>& moves) {
  Order order;
  for (const Move& move : moves) {
    const auto strike = [&](Fault fault, std::optional<std::uint32_t> statement) {
      order.strikes.push_back({.fault = fault,
                               .client = move.who.client,
                               .operation = move.who.operation,
                               .attempt = move.who.attempt,
                               .statement = statement,
                               .copy = move.who.copy});
    };
    if (move.step.request_fault != Fault::none) {
      strike(move.step.request_fault, std::nullopt);
    }
    if (move.step.statement_fault != Fault::none) {
      strike(move.step.statement_fault, move.statement);
    }
    for (std::size_t i = 0; i < move.unheard.size(); ++i) {
      const HandlerName& unheard = move.unheard[i];
      order.strikes.push_back({.fault = fault_of_unheard(move.step, i),
                               .client = unheard.client,
                               .operation = unheard.operation,
                               .attempt = unheard.attempt,
                               .copy = unheard.copy});
    }
    if (move.issues) {
      std::vector<DrawName> went_on;
      std::transform(move.went_on.begin(), move.went_on.end(), std::back_inserter(went_on),
                     draw_name_of);
      order.turns.push_back(
          {.client = move.step.client,
           .handler = move.ordinal,
           .happening = move.step.kind == Step::Kind::lock_timeout  ? Happening::lock_timeout
                        : move.step.kind == Step::Kind::deadlock    ? Happening::deadlock_check
                        : move.step.kind == Step::Kind::session_end ? Happening::session_end
                                                                    : Happening::statement,
           .whose = draw_name_of(move.who),
           .went_on = went_on});
    }
  }
  return order;
}

}  // namespace racelab
