// A trace as lines that read like the story: "A1 SELECT n=0", "B1 waits for A", "A1 replies ok". Tests compare whole
// stories, so nothing can happen in between unseen. A1 is client A's first attempt, A1' its second delivery.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "sim/service/trace.h"
#include "sim/store/sql.h"

namespace racelab::lab {

class StoryLines {
 public:
  StoryLines(std::span<const TraceEvent> events, std::span<const TraceRow> rows)
      : events_(events), rows_(rows) {}

  /// The events as lines; those of the client's own (asking, hearing, backing off) only if asked for.
  [[nodiscard]] std::vector<std::string> lines(bool with_clients) const {
    std::vector<std::string> lines;
    for (const TraceEvent& event : events_) {
      const bool of_client =
          event.kind == TraceKind::operation_started || event.kind == TraceKind::request_sent ||
          (event.kind >= TraceKind::reply_received && event.kind <= TraceKind::handler_slow);
      if (!of_client || with_clients) {
        lines.push_back(name(event) + " " + text(event));
      }
    }
    return lines;
  }

 private:
  static std::string name(const TraceEvent& event) {
    return client_name(event.operation.client) +
           (event.attempt == 0 ? "" : std::to_string(event.attempt)) + (event.copy == 0 ? "" : "'");
  }

  static std::string reply(Reply::Kind kind) {
    return kind == Reply::Kind::ok         ? "ok"
           : kind == Reply::Kind::conflict ? "conflict"
           : kind == Reply::Kind::refused  ? "refused"
                                           : "unavailable";
  }

  static std::string told(Told told) {
    return told == Told::ok ? "ok" : told == Told::failed ? "failed" : "unknown";
  }

  [[nodiscard]] std::string values(const TraceEvent& event) const {
    std::string text;
    for (std::uint32_t i = event.first_row; i < event.first_row + event.row_count; ++i) {
      const TraceRow& row = rows_[i];
      const bool is_key = row.key.table() == Table::keys;
      text += (text.empty() ? "" : ",") + (is_key ? "key" : "n" + std::to_string(row.key.number()));
      const std::string value =
          is_key ? reply(static_cast<Reply::Kind>(row.value)) : std::to_string(row.value);
      text += row.found ? "=" + value : " none";
    }
    return text;
  }

  [[nodiscard]] std::string statement(const TraceEvent& event) const {
    std::string text;
    switch (event.verb) {
      case Verb::begin:
        text = "BEGIN";
        break;
      case Verb::commit:
        text = event.rolled_back ? "COMMIT rolls back" : "COMMIT";
        break;
      case Verb::rollback:
        text = "ROLLBACK";
        break;
      case Verb::select:
      case Verb::scan:
        text = (event.locking == Locking::none ? "SELECT " : "LOCK ") + values(event);
        break;
      case Verb::insert:
        text = "INSERT " + values(event);
        break;
      case Verb::update_set:
      case Verb::update_add:
        text = "UPDATE " + values(event);
        break;
    }
    return text + (event.error == StatementError::none ? "" : " fails " + sqlstate(event.error));
  }

  static std::string by_service(const TraceEvent& event) {
    return event.layer == 0 ? "" : " by service " + std::to_string(event.layer);
  }

  [[nodiscard]] std::string text(const TraceEvent& event) const {
    switch (event.kind) {
      case TraceKind::operation_started:
        return "starts operation " + std::to_string(event.operation.operation);
      case TraceKind::request_sent:
        return "is sent";
      case TraceKind::request_lost:
        return "is lost";
      case TraceKind::call_refused:
        return "is refused";
      case TraceKind::call_reset:
        return "is reset";
      case TraceKind::request_slow:
        return "is slow";
      case TraceKind::handler_slow:
        return "is slow, and goes on";
      case TraceKind::request_duplicated:
        return "is doubled";
      case TraceKind::handler_started:
        return "arrives";
      case TraceKind::try_again:
        return "starts again after " +
               (event.error == StatementError::none ? "a conflict" : sqlstate(event.error));
      case TraceKind::statement:
        return statement(event);
      case TraceKind::statement_waits:
        return "waits for " + client_name(event.other.client);
      case TraceKind::crashed:
        return "crashes";
      case TraceKind::session_lost:
        return event.after_statement ? "loses its session after" : "loses its session before";
      case TraceKind::session_ended:
        return "is noticed dead";
      case TraceKind::reply_sent:
        return "replies " + reply(event.reply);
      case TraceKind::reply_lost:
        return "reply " + reply(event.reply) + " is lost";
      case TraceKind::reply_reset:
        return "reply " + reply(event.reply) + " is reset";
      case TraceKind::reply_received:
        return "hears " + reply(event.reply);
      case TraceKind::reply_ignored:
        return "ignores " + reply(event.reply);
      case TraceKind::timed_out:
        return "times out";
      case TraceKind::told:
        return "is told " + told(event.told);
      case TraceKind::not_sent:
        return "is not sent" + by_service(event);
      case TraceKind::no_retry:
        return (event.by_breaker ? "is the last: breaker" : "is the last: budget") +
               by_service(event);
      case TraceKind::cancel_sent:
        return "cancel is sent" + by_service(event);
      case TraceKind::cancelled:
        return event.layer == 0 ? "is cancelled"
                                : "is cancelled at service " + std::to_string(event.layer);
      case TraceKind::cancel_in_vain:
        return "cancel comes in vain";
      case TraceKind::gateway_called:
        return "reaches service " + std::to_string(event.layer);
      case TraceKind::gateway_asks:
        return "is asked by service " + std::to_string(event.layer);
      case TraceKind::gateway_hears:
        return reply(event.reply) + " heard by service " + std::to_string(event.layer);
      case TraceKind::gateway_ignores:
        return reply(event.reply) + " ignored by service " + std::to_string(event.layer);
      case TraceKind::gateway_timed_out:
        return "timed out at service " + std::to_string(event.layer);
      case TraceKind::gateway_answers:
        return reply(event.reply) + " by service " + std::to_string(event.layer);
      case TraceKind::gateway_silent:
        return "unanswered by service " + std::to_string(event.layer);
      case TraceKind::request_queued:
        return "waits for a worker";
      case TraceKind::request_turned_away:
        return "is turned away";
      case TraceKind::request_dropped:
        return "is dropped";
      case TraceKind::sent:
      case TraceKind::sent_waits:
        return "";
      case TraceKind::request_failed:
        return "is answered with an error";
    }
    return "";
  }

  std::span<const TraceEvent> events_;
  std::span<const TraceRow> rows_;
};

}  // namespace racelab::lab
