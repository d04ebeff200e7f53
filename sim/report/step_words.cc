// Pages made of words and an outlook alone.
#include "sim/report/step_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/report/text_layout.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

Line odds_line(const std::string& label, const Outlook::Way& way, const char* more) {
  Line line{{{fmt::format("{:<{}}{}{}", label, label_width, percent(way.chance), more)}}};
  if (way.chance == 1) {
    line.spans.push_back({"  "});
    line.spans.push_back({"DOOMED", Tone::bad});
  }
  return line;
}

Page too_large(std::string label) {
  return {{Labelled{std::move(label),
                    "too large to know: too many states can follow; a few steps on, or with fewer "
                    "clients or operations, ask again"}}};
}

}  // namespace

Page odds_page(const std::vector<std::string>& words, const Outlook* outlook) {
  if (outlook == nullptr) {
    return too_large("odds");
  }
  Page page;
  page.add(odds_line("odds", outlook->here, " of a violation from here on"));
  for (std::size_t i = 0; i < outlook->next.size(); ++i) {
    page.add(odds_line(words[i], outlook->next[i], ""));
  }
  return page;
}

Page hint_page(const std::vector<std::string>& words, const Outlook* outlook) {
  if (outlook == nullptr) {
    return too_large("hint");
  }
  if (outlook->here.steps == Outlook::never) {
    return {
        {Labelled{"hint", words.empty() ? "the execution has ended, without a violation"
                                        : "no violation is possible any more, whatever comes"}}};
  }
  if (words.empty()) {
    return {{Labelled{"hint", "the execution has ended, with a violation"}}};
  }
  const auto nearest = std::min_element(
      outlook->next.begin(), outlook->next.end(),
      [](const Outlook::Way& a, const Outlook::Way& b) { return a.steps < b.steps; });
  const std::string& letter = words[static_cast<std::size_t>(nearest - outlook->next.begin())];
  return {{Labelled{
      "hint", letter + (nearest->steps == 0 ? ": with this step it ends in a violation"
                                            : ": then the nearest violation is " +
                                                  counted(nearest->steps, "step") + " away")}}};
}

std::string fault_words(const StepFaults& faults) {
  std::string text;
  switch (faults.request_fault) {
    case Fault::lose_request:
    case Fault::refuse_call:
    case Fault::reset_call:
    case Fault::fail_call:
      add_item(text, std::string(call_ended_words(faults.request_fault)));
      break;
    case Fault::duplicate_delivery:
      add_item(text, "request delivered twice");
      break;
    default:
      break;
  }
  switch (faults.statement_fault) {
    case Fault::crash:
      add_item(text, "handler crashes before it");
      break;
    case Fault::lose_session_before:
      add_item(text, "session lost before it");
      break;
    case Fault::lose_session_after:
      add_item(text, "session lost after it");
      break;
    case Fault::slow_call:
      add_item(text, "slow, its client waits no longer");
      break;
    default:
      break;
  }
  const auto add_replies = [&text](unsigned replies, const std::string& what) {
    if (replies != 0) {
      add_item(text, replies == 1   ? "reply " + what
                     : replies == 2 ? "second reply " + what
                                    : "replies " + what);
    }
  };
  add_replies(faults.replies_lost & ~faults.replies_reset, "lost");
  add_replies(faults.replies_reset, "reset");
  return text;
}

std::string faults_text(const std::vector<std::pair<std::string, std::string>>& steps) {
  std::vector<std::pair<std::string, std::string>> by_fault;  // what strikes, words
  for (const auto& [word, what] : steps) {
    if (what.empty()) {
      continue;
    }
    const auto known = std::find_if(by_fault.begin(), by_fault.end(),
                                    [&what = what](const auto& it) { return it.first == what; });
    if (known == by_fault.end()) {
      by_fault.emplace_back(what, word);
    } else {
      known->second += ", " + word;
    }
  }
  std::string text;
  for (const auto& [what, words] : by_fault) {
    add_clause(text, fmt::format("{} {}", words, what));
  }
  return text;
}

std::string possible_text(const std::vector<std::string>& words) {
  constexpr std::size_t words_max = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), words_max); ++i) {
    text += (i == 0 ? "" : ", ") + words[i];
  }
  return "possible are " + text + (words.size() > words_max ? ", ..." : "");
}

std::string typing_help(const std::string& more) {
  return "A, B, ...  run that client's next statement; ABBA on one line runs four\n"
         "A2 or A'   the client's second live attempt\n"
         "At         its wait for a lock ends (when the lock timeout is set)\n"
         "Ax         it is ended: one of a circle that waits for itself\n"
         "Ae         the store notices its dead session, and rolls back\n"
         "Aw2        several wait for the row, and the second of them has it next\n"
         "Ar         with a fault, while its budget (--lose-reply.max 1, ...) lasts:\n"
         "           r reply lost, s slow: its client waits no longer, q request lost,\n"
         "           d request delivered twice, c handler crashes before the statement,\n"
         "           b session lost before it, a session lost after it\n" +
         more +
         "u          undo a step        r, redo    take it again\n"
         "start      undo all           end        take all of them again\n"
         "o, odds    the chance of a violation from here on, and after each next step when\n"
         "           at each point all steps are equally likely; DOOMED: it is certain\n"
         "h, hint    the next step on the shortest way to a violation\n"
         "?, help    this text          q, quit    leave\n";
}

}  // namespace racelab
