// Small and plain; everything that is printed twice alike is written here once.
#include "sim/report/words.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/layers.h"
#include "sim/sql/utf8.h"

namespace racelab {

namespace {

Statement statement_of(const TraceEvent& event, const ExperimentRun& report) {
  Statement statement;
  statement.verb = event.verb;
  statement.isolation = event.isolation;
  statement.locking = event.locking;
  statement.on_conflict_do_nothing = event.on_conflict_do_nothing;
  statement.where = event.where;
  statement.value = event.operand;
  if (event.verb != Verb::scan) {
    for (std::uint32_t i = 0; i < event.row_count; ++i) {
      statement.keys.push_back(report.result.trace_rows[event.first_row + i].key);
    }
  }
  return statement;
}

}  // namespace

std::string milliseconds_text(Instant at) {
  const std::int64_t tenths = (at.microseconds + 50) / 100;
  return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

std::string time_text(Instant at) {
  if (at.microseconds < 10'000'000) {
    return milliseconds_text(at) + " ms";
  }
  const std::int64_t tenths = (at.microseconds + 50'000) / 100'000;
  return fmt::format("{}.{} s", tenths / 10, tenths % 10);
}

std::string microsecond_text(Instant at) {
  return fmt::format("{}.{:03} ms", at.microseconds / 1000, at.microseconds % 1000);
}

namespace {

std::string grouped_digits(std::string text) {
  for (std::size_t i = text.size(); i > 3; i -= 3) {
    text.insert(i - 3, ",");
  }
  return text;
}

}  // namespace

std::string grouped(std::uint64_t number) { return grouped_digits(std::to_string(number)); }

std::string grouped(const OrderCount& number) { return grouped_digits(number.str()); }

std::string every_order(const OrderCount& orders) {
  return orders == 1   ? "the only order"
         : orders == 2 ? "both orders"
                       : "all " + grouped(orders) + " orders";
}

std::string_view told_name(Told told) {
  constexpr std::string_view names[] = {"ok", "failed", "unknown", "refused"};
  return names[static_cast<std::size_t>(told)];
}

std::string_view reply_name(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::ok:
      return "ok";
    case Reply::Kind::conflict:
      return "conflict";
    case Reply::Kind::refused:
      return "refused";
    case Reply::Kind::unavailable:
      return "unavailable";
    case Reply::Kind::error:
      return "an error";
    case Reply::Kind::throttled:
      return "too many requests";
    case Reply::Kind::busy:
      return "busy";
    case Reply::Kind::unreachable:
      return "connection refused";
    case Reply::Kind::reset:
      return "connection reset";
  }
  return "";
}

std::string_view call_ended_words(Fault fault) {
  switch (fault) {
    case Fault::refuse_call:
      return "connection refused";
    case Fault::reset_call:
      return "connection reset, not read";
    case Fault::fail_call:
      return "answered with an error";
    default:
      return "request lost";
  }
}

std::string_view anomaly_noun(Anomaly anomaly) {
  constexpr std::string_view nouns[] = {"lost update", "duplicate", "false success",
                                        "false failure"};
  return nouns[static_cast<std::size_t>(anomaly)];
}

std::string values_text(const ExperimentRun& run, std::int64_t HistoryRow::*value) {
  std::string text;
  for (std::size_t row = 0; row < run.result.history.rows.size(); ++row) {
    add_item(text, fmt::format("{} = {}", run.row_names[row], run.result.history.rows[row].*value));
  }
  return text;
}

void add_item(std::string& list, std::string_view item) {
  list.append(list.empty() || item.empty() ? "" : ", ").append(item);
}

void add_clause(std::string& sentence, std::string_view clause) {
  sentence.append(sentence.empty() || clause.empty() ? "" : "; ").append(clause);
}

std::string experiment_command(const char* verb, const Experiment& experiment,
                               const std::string& strategy, std::optional<std::uint64_t> seed) {
  std::string text = fmt::format("racelab {} {}", verb, shell_word(experiment.scenario));
  text += seed ? fmt::format(" --seed {}", *seed) : "";
  text += strategy == "read-modify-write" ? "" : " --strategy " + strategy;
  for (const auto& [key, value] : experiment.flags) {
    text += flag_text(key, value);
  }
  return text;
}

std::string flag_text(const std::string& key, const std::string& value) {
  const std::uint32_t layer = preset_layer(key);
  return layer == 0 ? fmt::format(" --{} {}", key, shell_word(value))
                    : fmt::format(" --layer {}={}", layer, shell_word(value));
}

std::string orders_text(const Exploration& exploration) {
  const OrderCount& orders = exploration.odds.orders;
  const OrderCount& violating = exploration.odds.orders_violating;
  if (violating == 0) {
    return every_order(orders) + (orders == 1 ? " holds" : " hold");
  }
  bool lost = false;
  bool duplicate = false;
  bool other = false;
  for (const Outcome& outcome : exploration.every_outcome()) {
    const auto count = [&outcome](Anomaly anomaly) {
      return outcome.anomalies[static_cast<std::size_t>(anomaly)];
    };
    lost = lost || count(Anomaly::lost_update) > 0;
    duplicate = duplicate || count(Anomaly::duplicate) > 0;
    other = other || count(Anomaly::false_success) > 0 || count(Anomaly::false_failure) > 0 ||
            outcome.stuck > 0;
  }
  const bool one = violating == 1;
  const std::string how = other || (lost && duplicate) ? (one ? "goes wrong" : "go wrong")
                          : lost      ? (one ? "loses an update" : "lose an update")
                          : duplicate ? (one ? "does one twice" : "do one twice")
                                      : (one ? "breaks the rule" : "break the rule");
  return grouped(violating) + " of " + grouped(orders) + (orders == 1 ? " order " : " orders ") +
         how;
}

std::string size_text(const WalkedOrder& order) {
  return counted(order.clients, "client") + ", " + counted(order.operations, "operation") +
         (order.faults == 0 ? "" : ", " + counted(order.faults, "fault")) + ", " +
         counted(order.moves.size(), "step");
}

std::string_view near_miss_text(NearMiss kind) {
  switch (kind) {
    case NearMiss::wait:
      return "a statement waited for another transaction";
    case NearMiss::stale_write:
      return "a stale write was refused";
    case NearMiss::repeated_operation:
      return "a repeated operation was recognised";
    case NearMiss::deadlock:
      return "a deadlock was resolved";
    case NearMiss::long_wait:
      return "a wait for a lock was given up";
  }
  return "";
}

std::string counted(std::uint64_t count, std::string_view noun) {
  const bool plural_es = noun.ends_with("success");
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : plural_es ? "es" : "s");
}

std::string signed_text(std::int64_t amount) {
  return (amount < 0 ? "" : "+") + std::to_string(amount);
}

std::string percent(double share) {
  if (share == 0 || share == 1) {
    return share == 0 ? "0 %" : "100 %";
  }
  // Never rounded to what it is not.
  if (share < 0.0005 || share > 0.9995) {
    return share < 0.5 ? fmt::format("{:.2g} %", share * 100)
                       : fmt::format("100 % - {:.2g} %", (1 - share) * 100);
  }
  return fmt::format("{:.1f} %", share * 100);
}

std::string scheduler_text(const Odds& odds) {
  return odds.scheduler_known
             ? percent(odds.scheduler_low) + " when every next step is as likely as the others"
             : "how likely by the steps is not given, as parts share a budget of faults";
}

std::string operation_text(OperationName operation, const Settings& settings) {
  return client_name(operation.client) +
         (settings.operations == 1 ? "" : std::to_string(operation.operation + 1));
}

std::uint32_t outer_attempt(std::uint32_t attempt, std::uint32_t level, const Settings& settings) {
  return (attempt - 1U) / attempts_possible(settings, level) + 1;
}

std::string attempt_text(std::uint32_t attempt, std::uint32_t level, const Settings& settings) {
  if (level <= 1) {
    return std::to_string(attempt);
  }
  return fmt::format("{}.{}",
                     attempt_text(outer_attempt(attempt, level, settings), level - 1, settings),
                     (attempt - 1U) % attempts_possible(settings, level) + 1);
}

std::string colored(std::string_view text, int color, const TextStyle& style) {
  return style.color ? fmt::format("\x1b[{}m{}\x1b[0m", color, text) : std::string(text);
}

std::string statement_text(const TraceEvent& event, const ExperimentRun& report) {
  return to_sql(statement_of(event, report), report.row_names);
}

std::string answer_text(const TraceEvent& event, const ExperimentRun& report) {
  if (event.error != StatementError::none) {
    return "  -> " + sqlstate(event.error);
  }
  switch (event.verb) {
    case Verb::select:
    case Verb::scan: {
      std::string values;
      for (std::uint32_t i = 0; i < event.row_count; ++i) {
        const TraceRow& row = report.result.trace_rows[event.first_row + i];
        if (row.found) {
          const bool key = row.key.table() == Table::keys;
          const std::string reply = row.value == 0 ? "ok" : "pending";
          values += (values.empty() ? "" : ", ") + (key ? reply : std::to_string(row.value));
        }
      }
      return "  -> " + (values.empty() ? "nothing" : values);
    }
    case Verb::update_set:
    case Verb::update_add:
    case Verb::insert:
      return event.affected == 0 ? "  -> 0 rows" : "";
    case Verb::commit:
      return event.rolled_back ? "  -> ROLLBACK" : "";
    default:
      return "";
  }
}

std::string utf8_text(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = sql::letter_bytes(text);
    valid += length == 0 ? "\xEF\xBF\xBD" : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

std::string shell_word(std::string_view word) {
  const bool plain = word.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                         "-_./,+=%:@") == std::string_view::npos &&
                     !word.empty();
  if (plain) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (const char c : word) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

std::string ordinal(std::size_t n) {
  constexpr std::string_view ordinals[] = {"first", "second", "third", "fourth", "fifth"};
  if (n >= 1 && n <= std::size(ordinals)) {
    return std::string(ordinals[n - 1]);
  }
  const std::size_t tens = n / 10 % 10;  // eleventh, twelfth and thirteenth are like fourteenth
  const std::string_view ending = tens == 1     ? "th"
                                  : n % 10 == 1 ? "st"
                                  : n % 10 == 2 ? "nd"
                                  : n % 10 == 3 ? "rd"
                                                : "th";
  return std::to_string(n).append(ending);
}

}  // namespace racelab
