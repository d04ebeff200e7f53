// The words of `explain` for endpoints in SQL, without their layout.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/script_explain.h"
#include "sim/report/script_words.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

using Kind = ScriptModel::Happened::Kind;

std::string upper(std::string text) {
  for (char& c : text) {
    c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return text;
}

// The edge of an order, whose moments are steps.
std::string steps_text(const DependencyEdge& edge) {
  if (edge.before_at == 0 || edge.after_at == 0) {
    return "";
  }
  const auto [first, second] = std::minmax(edge.before_at, edge.after_at);
  return first == second ? fmt::format(" (step {})", first)
                         : fmt::format(" (steps {}-{})", first, second);
}

std::string ends_text(const ScriptSetup& setup, const ScriptOutcome& outcome) {
  return told_text(*outcome.ending) + "; " + contents_text(setup, *outcome.ending);
}

// An answer as what it meant: "gets 40001", "changes 0 rows", "reads 0".
std::string answer_words(const ScriptModel::Happened& it) {
  constexpr std::string_view error = "ERROR ";
  const std::string sql = upper(it.text.substr(0, 6));
  if (it.answer.starts_with(error)) {
    return "gets " + it.answer.substr(error.size(), 5);
  }
  if (it.answer.empty()) {
    return "goes on";
  }
  if (sql == "SELECT" || it.answer.find(" row") == std::string::npos) {
    return (sql == "SELECT" ? "reads " : "gets ") + it.answer;
  }
  return (sql == "INSERT" ? "inserts " : sql == "DELETE" ? "deletes " : "changes ") + it.answer;
}

// What makes the difference: the first wait, else the first error, else the first write that found nothing.
struct Notable {
  std::size_t step = 0;
  const ScriptModel::Happened* happened = nullptr;
};
Notable notable_of(const ScriptOrder& order) {
  const auto find = [&order](const auto& test) {
    for (std::size_t i = 0; i < order.steps.size(); ++i) {
      for (const ScriptModel::Happened& it : order.steps[i].happened) {
        if (test(it)) {
          return Notable{i, &it};
        }
      }
    }
    return Notable{};
  };
  Notable found = find([](const auto& it) { return it.kind == Kind::waits; });
  if (found.happened == nullptr) {
    found = find([](const auto& it) { return it.answer.starts_with("ERROR "); });
  }
  if (found.happened == nullptr) {
    found = find([](const auto& it) { return it.kind == Kind::sent && it.answer == "0 rows"; });
  }
  return found;
}

// What a wait came to.
std::string after_wait(const ScriptOrder& order, const Notable& wait) {
  for (std::size_t i = wait.step; i < order.steps.size(); ++i) {
    for (const ScriptModel::Happened& it : order.steps[i].happened) {
      if (it.kind == Kind::answered && it.who == wait.happened->who) {
        return ", then " + answer_words(it);
      }
    }
  }
  return "";
}

std::string effect_of(const ScriptSameReport& fix) {
  const ScriptOrder& order = fix.order;
  const Notable notable = notable_of(order);
  if (notable.happened == nullptr) {
    return "nobody waits, nothing fails";
  }
  const bool several = several_operations(order.outcome.ending->operations);
  const std::optional<std::size_t> letter = fix.same.letters[notable.step];
  const std::string at = letter ? fmt::format(" at step {}", *letter + 1) : "";
  const std::string who = who_text(notable.happened->who, several);
  if (notable.happened->kind == Kind::waits) {
    const std::string whom = notable.happened->answer;
    return fmt::format("{} waits for {}{}{}", who, whom.empty() ? "a lock" : whom, at,
                       after_wait(order, notable));
  }
  return fmt::format("{} {}{}", who, answer_words(*notable.happened), at);
}

}  // namespace

std::string harm_title(const ScriptOrder& order) {
  const ScriptEnding& ending = *order.outcome.ending;
  std::string title;
  add_item(title, ending.stuck > 0 ? "STUCK" : "");
  if (!order.done_twice.empty()) {
    add_item(title, "DONE TWICE");
  } else if (!ending.right) {
    add_item(title, !order.circle.name.empty() ? upper(order.circle.name)
                    : ending.answers_only      ? "WRONG ANSWER"
                                               : "NOT AS ONE AT A TIME");
  }
  add_item(title, ending.checks_hold() ? "" : "CHECK BROKEN");
  return title.empty() ? "HOLDS" : title;
}

std::string explained_text(const ScriptExplanation& report) {
  const ScriptOrder& order = report.order.order;
  std::string size =
      fmt::format("{}{}, {}", report.smallest ? "smallest: " : "", counted(order.clients, "client"),
                  counted(order.steps.size(), "step"));
  if (order.faults > 0) {
    size += ", " + counted(order.faults, "fault");
  }
  return fmt::format("{}, {}   {}", report.order.strategy,
                     isolation_text(report.order.setup->rules.isolation), size);
}

std::vector<Reason> reasons_of(const ScriptSetup& setup, const ScriptOrder& order) {
  const ScriptEnding& ending = *order.outcome.ending;
  std::vector<Reason> reasons;
  for (const std::string& sentence : broken_checks(setup, ending)) {
    reasons.push_back({"broken", sentence});
  }
  if (!ending.violated()) {
    reasons.push_back({"why", why_text(setup, order)});
    return reasons;
  }
  for (const std::size_t operation : order.done_twice) {
    reasons.push_back(
        {"twice", operation_name(ending, operation) + "'s work was committed by two executions"});
  }
  const std::vector<DependencyEdge>& circle = order.circle.dependencies;
  for (std::size_t i = 0; !ending.right && i < circle.size(); ++i) {
    std::string label = fmt::format("{} < {}", operation_name(ending, circle[i].before),
                                    operation_name(ending, circle[i].after));
    if (label.size() >= label_width) {
      std::erase(label, ' ');
    }
    reasons.push_back(
        {label, "because " + dependency_text(circle[i], setup, ending) + steps_text(circle[i])});
  }
  if (ending.stuck > 0) {
    reasons.push_back(
        {"stuck", "whoever waits for a lock that a dead session holds waits for ever"});
  }
  if (!ending.right && !circle.empty()) {
    reasons.push_back({"", circle.size() == 2
                               ? "Each comes before the other: no order, one at a time, ends so."
                               : "Each comes before the next, the last before the first: no order, "
                                 "one at a time, ends so."});
  } else if (!ending.right) {
    reasons.push_back({"why", ending.answers_only
                                  ? "One at a time, the tables could end so, but not with these "
                                    "answers."
                                  : "No order, one at a time, ends so."});
  } else if (ending.stuck == 0) {
    reasons.push_back({"why",
                       "One at a time it could end so, too; but what check.sql asks for does "
                       "not hold."});
  }
  return reasons;
}

std::vector<std::string> serial_texts(const ScriptExplanation& report) {
  constexpr std::size_t shown_max = 4;
  std::vector<std::pair<std::string, std::string>> all;  // sequences, ending
  for (const SerialEnding& it : report.serial) {
    std::string sequence;
    for (const std::size_t operation : it.operations) {
      sequence +=
          (sequence.empty() ? "" : " then ") + operation_name(*it.outcome.ending, operation);
    }
    const std::string ends = ends_text(*report.order.setup, it.outcome);
    const auto known = std::find_if(all.begin(), all.end(),
                                    [&ends](const auto& other) { return other.second == ends; });
    if (known == all.end()) {
      all.emplace_back(sequence, ends);
    } else {
      known->first += ", or " + sequence;
    }
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(all.size(), shown_max); ++i) {
    texts.push_back(fmt::format("{}: {}", all[i].first, all[i].second));
  }
  if (all.size() > shown_max) {
    texts.push_back(fmt::format("and {} more ways to end", all.size() - shown_max));
  }
  return texts;
}

std::string swap_text(const ScriptExplanation& report) {
  const ScriptSwap& swap = *report.swap;
  const auto range = [](std::size_t begin, std::size_t end) {
    return end - begin == 1 ? std::to_string(begin + 1) : fmt::format("{}-{}", begin + 1, end);
  };
  return fmt::format("{} and {}: {}, right", range(swap.first, swap.second),
                     range(swap.second, swap.end),
                     ends_text(*report.order.setup, swap.order.outcome));
}

FixWords fix_words(const ScriptSameReport& fix, const ScriptOrderReport& order) {
  FixWords words;
  if (fix.strategy != order.strategy) {
    words.name = fix.strategy;
  }
  if (fix.setup->rules.isolation != order.setup->rules.isolation) {
    words.name += (words.name.empty() ? "" : ", ") + std::string("isolation=") +
                  std::string(isolation_text(fix.setup->rules.isolation));
  }
  words.effect = fmt::format("{}; {}", effect_of(fix), told_text(*fix.order.outcome.ending));
  if (std::any_of(fix.same.faults.begin(), fix.same.faults.end(),
                  [](const auto& fault) { return fault.dropped(); })) {
    words.effect += "; the fault finds no place";
  }
  return words;
}

}  // namespace racelab
