// Hashing and keeping events. The hash takes in every field of every event, in order.
#include "sim/service/trace.h"

#include <algorithm>

namespace racelab {

namespace {

std::uint64_t word(std::int64_t value) { return static_cast<std::uint64_t>(value); }

}  // namespace

std::uint32_t level_of(const TraceEvent& event, std::uint32_t layers) {
  switch (event.kind) {
    case TraceKind::operation_started:
    case TraceKind::request_sent:
    case TraceKind::reply_received:
    case TraceKind::reply_ignored:
    case TraceKind::timed_out:
    case TraceKind::told:
      return 1;
    case TraceKind::gateway_called:
    case TraceKind::gateway_answers:
    case TraceKind::gateway_silent:
      return event.layer;
    case TraceKind::gateway_asks:
    case TraceKind::gateway_hears:
    case TraceKind::gateway_ignores:
    case TraceKind::gateway_timed_out:
    case TraceKind::not_sent:
    case TraceKind::no_retry:
    case TraceKind::cancel_sent:
      return std::uint32_t{event.layer} + 1;
    case TraceKind::cancelled:
    case TraceKind::cancel_in_vain:
      return event.layer > 0 ? event.layer : layers;
    default:
      return layers;
  }
}

void Trace::mix(const TraceEvent& event) {
  ++count_;
  hash_.add(word(event.at.microseconds));
  hash_.add(static_cast<std::uint64_t>(event.kind) | (std::uint64_t{event.attempt} << 8U) |
            (std::uint64_t{event.copy} << 24U) | (std::uint64_t{event.tries} << 32U) |
            (static_cast<std::uint64_t>(event.reply) << 40U) |
            (static_cast<std::uint64_t>(event.told) << 44U) |
            (static_cast<std::uint64_t>(event.after_statement) << 48U) |
            (static_cast<std::uint64_t>(event.error) << 52U));
  hash_.add((std::uint64_t{event.operation.client} << 32U) | event.operation.operation);
  if (event.kind == TraceKind::statement_waits || event.kind == TraceKind::sent_waits) {
    hash_.add((std::uint64_t{event.other.client} << 32U) | event.other.operation);
  }
  if (event.layer != 0 || event.by_breaker) {
    hash_.add(std::uint64_t{event.layer} | (std::uint64_t{event.by_breaker ? 1U : 0U} << 8U));
  }
}

void Trace::add(const TraceEvent& event) {
  mix(event);
  if (keeping_.keeps(event.operation)) {
    keep(event);
  }
}

void Trace::keep(const TraceEvent& event) {
  constexpr std::size_t piece_events = 1024;
  events_.push_back(event);
  if (keeping_.reader != nullptr && events_.size() == piece_events) {
    pass_on();
  }
}

void Trace::pass_on() {
  keeping_.reader->read({events_, rows_, texts_});
  events_.clear();
  rows_.clear();
  texts_.clear();
}

void Trace::add_statement(TraceEvent event, const Statement& statement,
                          const StatementResult& result) {
  mix(event);
  hash_.add(static_cast<std::uint64_t>(statement.verb) |
            (static_cast<std::uint64_t>(statement.isolation) << 8U) |
            (static_cast<std::uint64_t>(statement.locking) << 16U) |
            (static_cast<std::uint64_t>(statement.where.kind) << 24U) |
            (static_cast<std::uint64_t>(result.error) << 32U) |
            (std::uint64_t{result.affected} << 40U) |
            (static_cast<std::uint64_t>(result.waited) << 48U) |
            (static_cast<std::uint64_t>(result.rolled_back) << 49U) |
            (static_cast<std::uint64_t>(statement.on_conflict_do_nothing) << 50U));
  hash_.add(word(statement.value) ^ (word(statement.note) << 32U));
  hash_.add(word(statement.where.operand) ^ (word(statement.where.divisor) << 48U));
  hash_.add((std::uint64_t{result.written} << 32U) | statement.computed_from);
  for (const RowKey key : statement.keys) {
    hash_.add(key.packed);
  }
  for (const SeenRow& row : result.rows) {
    hash_.add(word(row.value));
    hash_.add((std::uint64_t{row.version} << 32U) | row.number.column());
  }
  if (!keeping_.keeps(event.operation)) {
    return;
  }
  event.verb = statement.verb;
  event.isolation = statement.isolation;
  event.locking = statement.locking;
  event.on_conflict_do_nothing = statement.on_conflict_do_nothing;
  event.where = statement.where;
  event.operand = statement.value;
  event.computed_from = statement.computed_from;
  event.error = result.error;
  event.waited = result.waited;
  event.rolled_back = result.rolled_back;
  event.affected = result.affected;
  event.written = result.written;
  event.first_row = static_cast<std::uint32_t>(rows_.size());
  if (statement.verb == Verb::scan) {
    for (const SeenRow& row : result.rows) {
      rows_.push_back({row.key, true, row.value, row.version});
    }
  }
  for (const RowKey key : statement.keys) {
    const auto seen = std::find_if(result.rows.begin(), result.rows.end(),
                                   [key](const SeenRow& row) { return row.key == key; });
    if (seen != result.rows.end()) {
      rows_.push_back({key, true, seen->value, seen->version});
    } else if (result.written != no_version) {
      rows_.push_back({key, true, result.written_value, no_version});
    } else {
      rows_.push_back({key, false, 0, no_version});
    }
  }
  event.row_count = static_cast<std::uint32_t>(rows_.size()) - event.first_row;
  keep(event);
}

}  // namespace racelab
