// The life of a handler of an endpoint in SQL: start_handler -> begin -> (run_statement, complete_statement, go_on)* -> send_reply
// -> remove.
#include "sim/service/script_handler.h"

#include <algorithm>

#include "sim/kernel/hash.h"

namespace racelab {

namespace {

// What was answered, for the trace hash.
std::uint64_t hash_of(const sql::Result& result) {
  Hash hash;
  std::vector<std::uint64_t> words{result.affected, result.rows.size(),
                                   (result.waited ? 1U : 0U) | (result.rolled_back ? 2U : 0U)};
  for (const char letter : result.error.code()) {
    words.push_back(static_cast<unsigned char>(letter));
  }
  for (const sql::Values& row : result.rows) {
    sql::describe(row, words);
  }
  for (const std::uint64_t word : words) {
    hash.add(word);
  }
  return hash.value();
}

}  // namespace

void ScriptService::start_handler(const Request& request, std::uint8_t copy) {
  ++counts_.handlers;
  workers_.occupy(request.operation);
  ScriptOperation& record = records_.of(request.operation);
  record.delivered |= std::uint32_t{1} << std::min<std::uint16_t>(request.attempt, 31);
  auto* handler =
      arena_.create<Handler>(request, copy,
                             ScriptRun(*record.script, settings_.rules,
                                       given_variables(*record.script, record.client, record.number,
                                                       request.attempt, record.memory)));
  handlers_.push_back(*handler);
  const auto free = std::find(by_session_.begin(), by_session_.end(), nullptr);
  const auto slot = static_cast<std::size_t>(free - by_session_.begin());
  if (free == by_session_.end()) {
    by_session_.push_back(handler);
  } else {
    *free = handler;
  }
  handler->session = static_cast<sql::SessionId>(2 * slot);
  database_.connect(handler->session, settings_.rules.standard());
  handler->started = choice_.now();
  trace_.add(event(TraceKind::handler_started, *handler));
  const Duration work =
      settings_.service_time + settings_.service_time_per_call * std::int64_t{workers_.occupied()};
  if (work == Duration{}) {
    begin(*handler);
    return;
  }
  handler->work.delay =
      settings_.service_time_varies ? Delay::exponentially(work) : Delay::exactly(work);
  choice_.offer(handler->work);
}

void ScriptService::begin(Handler& handler) {
  handler.run.start(database_, handler.session);
  offer_statement(handler);
}

// One that needs no statement answers at once; a fault can strike that, too.
void ScriptService::offer_statement(Handler& handler) {
  handler.statement.delay =
      handler.run.finished() ? Delay{} : settings_.statement_latency.value_or(settings_.latency);
  choice_.offer(handler.statement);
}

void ScriptService::go_on(Handler& handler) {
  if (handler.run.tries() > handler.tries) {
    counts_.wasted += handler.statements;
    handler.statements = 0;
    handler.tries = handler.run.tries();
    trace_.add(event(TraceKind::try_again, handler));
  }
  if (handler.run.finished()) {
    send_reply(handler);
  } else {
    offer_statement(handler);
  }
}

void ScriptService::run_statement(Handler& handler, Fault fault) {
  if (fault == Fault::slow_call) {
    // The client stops waiting now; the statement is still to come.
    trace_.add(event(TraceKind::handler_slow, handler));
    caller_->will_be_late(handler.request.operation, handler.request.attempt);
    offer_statement(handler);
    return;
  }
  ++handler.statement.name.index;
  if (fault == Fault::crash || fault == Fault::lose_session_before) {
    trace_.add(
        event(fault == Fault::crash ? TraceKind::crashed : TraceKind::session_lost, handler));
    die(handler);
    return;
  }
  handler.answer_lost = fault == Fault::lose_session_after;
  if (handler.run.finished()) {
    if (handler.answer_lost) {
      die(handler);
    } else {
      send_reply(handler);
    }
    return;
  }
  constexpr std::uint64_t between_vacuums = 32;
  ++counts_.statements;
  ++handler.statements;
  if (counts_.statements % between_vacuums == 0) {
    database_.vacuum();
  }
  counts_.writes += handler.run.pending_changes() ? 1 : 0;
  const TraceText text = text_of(handler);
  if (handler.run.send(database_, !handler.answer_lost) == sql::Server::Progress::waiting) {
    wait(handler, text);
  } else {
    complete_statement(handler, text);
  }
}

void ScriptService::wait(Handler& handler, const TraceText& text) {
  ++counts_.lock_waits;
  handler.waits = true;
  handler.waits_since = choice_.now();
  TraceEvent waits = event(TraceKind::sent_waits, handler);
  const std::vector<sql::SessionId> holders = database_.blockers(handler.session);
  if (!holders.empty()) {
    waits.other = by_session_[holders.front() / 2]->request.operation;
  }
  trace_.add_sent(waits, 0, [&text] { return text; });
  if (settings_.lock_timeout > Duration{}) {
    handler.lock_timeout.delay = Delay::exactly(settings_.lock_timeout);
    choice_.offer(handler.lock_timeout);
  }
  handler.deadlock_check.delay = Delay::exactly(settings_.deadlock_timeout);
  choice_.offer(handler.deadlock_check);
}

void ScriptService::check_deadlock(Handler& handler) {
  if (database_.deadlocked(handler.session)) {
    end_wait(handler, sql::state::deadlock_detected);
  }
}

void ScriptService::end_wait(Handler& handler, const sql::SqlState& error) {
  const TraceText text = text_of(handler);
  database_.end_wait(handler.session, error);
  if (!handler.dead && !handler.answer_lost) {
    handler.run.completed(database_);
  }
  complete_statement(handler, text);
}

// Everybody who can go on does, until nobody can.
void ScriptService::settle() {
  Branches branches([this](std::size_t ways) {
    const std::uint64_t bits = random_.bits({0, 0, 0, Purpose::who_goes_on, choices_++});
    return static_cast<std::uint8_t>(bits % ways);
  });
  while (true) {
    database_.settle(branches);
    if (database_.woken().empty()) {
      return;
    }
    const std::vector<sql::SessionId> woken = database_.woken();
    database_.clear_woken();
    for (const sql::SessionId session : woken) {
      Handler& handler = *by_session_[session / 2];
      TraceText text = text_of(handler);
      if (!handler.dead && !handler.answer_lost) {
        handler.run.completed(database_);
      }
      complete_statement(handler, text);
    }
  }
}

void ScriptService::complete_statement(Handler& handler, const TraceText& text) {
  for (Step* step : {&handler.lock_timeout, &handler.deadlock_check}) {
    if (step->offered) {
      choice_.withdraw(*step);
    }
  }
  if (handler.waits) {
    handler.waits = false;
    counts_.lock_wait_time = counts_.lock_wait_time + (choice_.now() - handler.waits_since);
  }
  count_error(handler);
  const sql::Result& result = handler.run.last();
  trace_.add_sent(event(TraceKind::sent, handler), hash_of(result), [&] {
    TraceText made = text;
    made.answer = answer_text(result, handler.run.last_counts());
    return made;
  });
  if (handler.dead) {  // nobody listens; what it did at autocommit stands
    if (!database_.in_transaction(handler.session)) {
      remove(handler);
    }
  } else if (handler.answer_lost) {
    TraceEvent lost = event(TraceKind::session_lost, handler);
    lost.after_statement = true;
    trace_.add(lost);
    die(handler);
  } else if (settings_.answer_latency) {
    handler.answer.delay = *settings_.answer_latency;
    handler.answer.name.index = handler.statement.name.index;
    choice_.offer(handler.answer);
  } else {
    go_on(handler);
  }
}

void ScriptService::count_error(Handler& handler) {
  const sql::SqlState error = handler.run.last().error;
  counts_.conflicts +=
      error == sql::state::serialization_failure || error == sql::state::lock_not_available ? 1 : 0;
  counts_.deadlocks += error == sql::state::deadlock_detected ? 1 : 0;
}

void ScriptService::send_reply(Handler& handler) {
  ScriptOperation& record = records_.of(handler.request.operation);
  const ScriptReply& reply = handler.run.reply();
  const Reply kind = answer_of(reply, *record.script);
  counts_.wasted += reply.ok() ? 0 : handler.statements;
  record.found_locked[static_cast<std::uint8_t>(
      std::min<std::uint16_t>(handler.request.attempt, 31))] = handler.run.found_locked();
  record.left_open = record.left_open || handler.run.left_open();
  const std::size_t operation = records_.place_of(handler.request.operation);
  deeds_.push_back({operation, false, database_.clock()});
  replies_[operation].push_back({handler.request.attempt, handler.copy, reply});
  TraceEvent sent = event(TraceKind::reply_sent, handler);
  sent.reply = kind.kind;
  trace_.add(sent);
  ++under_way_[operation];  // the reply
  network_.reply(handler.request.operation, handler.request.attempt, handler.copy, kind);
  remove(handler);
}

// What it has sent came to nothing.
void ScriptService::end_in_vain(Handler& handler) {
  counts_.wasted += handler.statements;
  handler.statements = 0;
  records_.of(handler.request.operation)
      .found_locked[static_cast<std::uint8_t>(
          std::min<std::uint16_t>(handler.request.attempt, 31))] = handler.run.found_locked();
}

void ScriptService::die(Handler& handler) {
  handler.dead = true;
  choice_.died(handler.statement);
  end_in_vain(handler);
  workers_.release(handler.request.operation, handler.started);
  caller_->expect_answers(handler.request.operation, handler.request.attempt, -1);
  if (!database_.in_transaction(handler.session) && !database_.waiting(handler.session)) {
    remove(handler);
  } else if (settings_.session_timeout > Duration{}) {
    handler.session_end.delay = Delay::exactly(settings_.session_timeout);
    choice_.offer(handler.session_end);
  }
}

// Whatever it waits for or would do next.
void ScriptService::cancel(Handler& handler) {
  for (Step* step : {&handler.statement, &handler.lock_timeout, &handler.deadlock_check,
                     &handler.answer, &handler.work}) {
    if (step->offered) {
      choice_.withdraw(*step);
    }
  }
  if (handler.waits) {
    counts_.lock_wait_time = counts_.lock_wait_time + (choice_.now() - handler.waits_since);
  }
  ++counts_.cancelled;
  trace_.add(event(TraceKind::cancelled, handler));
  end_in_vain(handler);
  caller_->expect_answers(handler.request.operation, handler.request.attempt, -1);
  remove(handler);
}

void ScriptService::remove(Handler& handler) {
  database_.disconnect(handler.session);
  by_session_[handler.session / 2] = nullptr;
  --under_way_[records_.place_of(handler.request.operation)];
  if (!handler.dead) {
    workers_.release(handler.request.operation, handler.started);
  }
  if (handler.session_end.offered) {
    choice_.withdraw(handler.session_end);
  }
  handlers_.remove(handler);
  arena_.destroy(&handler);
}

}  // namespace racelab
