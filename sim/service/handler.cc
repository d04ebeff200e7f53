// A handler's life: start_handler -> start_try -> (statement, answer, go_on)* -> end_try -> send_reply -> remove.
#include "sim/service/handler.h"

#include <boost/container/small_vector.hpp>

#include "sim/kernel/plugin_call.h"

namespace racelab {

namespace {

bool is_write(Verb verb) {
  return verb == Verb::update_set || verb == Verb::update_add || verb == Verb::insert;
}

}  // namespace

void Service::start_handler(const Request& request, const Endpoint& endpoint, std::uint8_t copy) {
  ++counts_.handlers;
  workers_.occupy(request.operation);
  auto* handler = arena_.create<Handler>(arena_, request, endpoint, copy);
  handlers_.push_back(*handler);
  handler->store_session = store_.connect();
  if (by_session_.size() <= handler->store_session) {
    by_session_.resize(handler->store_session + 1, nullptr);
  }
  by_session_[handler->store_session] = handler;
  handler->started = choice_.now();
  trace_.add(event(TraceKind::handler_started, *handler));
  const Duration work =
      settings_.service_time + settings_.service_time_per_call * std::int64_t{workers_.occupied()};
  if (work == Duration{}) {
    start_try(*handler);
    return;
  }
  handler->work.delay =
      settings_.service_time_varies ? Delay::exponentially(work) : Delay::exactly(work);
  choice_.offer(handler->work);
}

void Service::start_try(Handler& handler) {
  ++handler.tries;
  handler.ending = false;
  handler.statements = 0;
  handler.request.untouched = !handler.committed;
  handler.execution = static_cast<ExecutionId>(executions_.size());
  executions_.push_back(
      {handler.request.operation, handler.request.attempt, handler.copy, handler.tries});
  store_.set_execution(handler.store_session, handler.execution);
  handler.session.in_transaction_ = false;
  spawn(handler.body, arena_, call_plugin(handler.endpoint->plugin, [&handler] {
          return handler.endpoint->handle(handler.session, handler.request);
        }));
  go_on(handler);
}

void Service::go_on(Handler& handler) {
  handler.session.at_ = handler.session.batch_.size();  // nothing is asked for any more
  {
    const PluginCall call(handler.endpoint->plugin);
    handler.body.run();
    if (!handler.body.finished() && handler.session.at_ == handler.session.batch_.size()) {
      plugin_failed("breaks its contract: it waits for what is no statement");
    }
  }
  if (!handler.body.finished()) {
    offer_statement(handler);
    return;
  }
  handler.reply = result_of<Reply>(handler.body);
  handler.body.kill();
  if (store_.in_transaction(handler.store_session)) {
    handler.ending = true;
    handler.session.ask(handler.reply == Reply::ok() ? Statement::commit() : Statement::rollback());
    offer_statement(handler);
  } else {
    end_try(handler);
  }
}

void Service::offer_statement(Handler& handler) {
  handler.statement.delay = settings_.statement_latency.value_or(settings_.latency);
  choice_.offer(handler.statement);
}

void Service::run_statement(Handler& handler, Fault fault) {
  if (fault == Fault::slow_call) {
    // The client stops waiting now; the statement is still to come.
    trace_.add(event(TraceKind::handler_slow, handler));
    handler.slow = true;
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
  const Statement& statement = handler.session.pending();
  const bool needs_begin = handler.endpoint->isolation != Isolation::autocommit &&
                           !handler.session.in_transaction_ && !handler.ending;
  if (needs_begin) {
    const Statement begin = Statement::begin(handler.endpoint->isolation);
    store_.execute(handler.store_session, begin);
    trace_.add_statement(event(TraceKind::statement, handler), begin,
                         store_.result(handler.store_session));
    handler.session.in_transaction_ = true;
  }
  ++counts_.statements;
  ++handler.statements;
  counts_.writes += is_write(statement.verb) ? 1 : 0;
  if (store_.execute(handler.store_session, statement) == Database::Progress::done) {
    complete_statement(handler);
    return;
  }
  ++counts_.lock_waits;
  handler.waits = true;
  handler.waits_since = choice_.now();
  TraceEvent waits = event(TraceKind::statement_waits, handler);
  waits.other = by_session_[store_.blocker(handler.store_session)]->request.operation;
  trace_.add_statement(waits, statement, store_.result(handler.store_session));
  if (settings_.lock_timeout > Duration{}) {
    handler.lock_timeout.delay = Delay::exactly(settings_.lock_timeout);
    choice_.offer(handler.lock_timeout);
  }
}

std::size_t Service::next(std::span<const SessionId> waiters) {
  boost::container::small_vector<DrawName, 32> names;
  for (const SessionId session : waiters) {
    const Handler& handler = *by_session_[session];
    names.push_back({handler.request.operation.client, handler.request.operation.operation,
                     handler.request.attempt, Purpose::who_goes_on, handler.copy});
  }
  return choice_.who_goes_on({names.data(), names.size()});
}

void Service::complete_woken() {
  // Completing one may wake more (a handler that ends its transaction releases its rows); take them in turn.
  for (std::size_t i = 0; i < store_.woken().size(); ++i) {
    complete_statement(*by_session_[store_.woken()[i]]);
  }
  store_.clear_woken();
}

// The store may end whoever waits in a circle, for as long as it stands.
void Service::offer_deadlocks() {
  for (Handler* handler = handlers_.front(); handler != nullptr; handler = handler->after) {
    const bool may_end = handler->waits && store_.deadlocked(handler->store_session);
    if (may_end && !handler->deadlock.offered) {
      choice_.offer(handler->deadlock);
    } else if (!may_end && handler->deadlock.offered) {
      choice_.withdraw(handler->deadlock);
    }
  }
}

void Service::complete_statement(Handler& handler) {
  for (Step* step : {&handler.lock_timeout, &handler.deadlock}) {
    if (step->offered) {
      choice_.withdraw(*step);
    }
  }
  if (handler.waits) {
    handler.waits = false;
    counts_.lock_wait_time = counts_.lock_wait_time + (choice_.now() - handler.waits_since);
  }
  const StatementResult& result = store_.result(handler.store_session);
  const Statement& statement = handler.session.pending();
  trace_.add_statement(event(TraceKind::statement, handler), statement, result);
  if (statement.verb == Verb::commit || statement.verb == Verb::rollback) {
    handler.session.in_transaction_ = false;
  }
  if ((statement.verb == Verb::commit && !result.rolled_back) ||
      (result.written != no_version && !store_.in_transaction(handler.store_session))) {
    handler.committed = true;
  }
  if (handler.answer_lost) {
    TraceEvent lost = event(TraceKind::session_lost, handler);
    lost.after_statement = true;
    trace_.add(lost);
    die(handler);
  } else if (settings_.answer_latency) {
    handler.answer.delay = *settings_.answer_latency;
    handler.answer.name.index = handler.statement.name.index;
    choice_.offer(handler.answer);
  } else {
    take_answer(handler);
  }
}

// The store has done the statement, and the handler knows.
void Service::take_answer(Handler& handler) {
  const StatementResult& result = store_.result(handler.store_session);
  if (result.error != StatementError::none) {
    fail_try(handler, result.error);
  } else if (handler.ending) {
    end_try(handler);
  } else if (handler.session.answered(result)) {
    go_on(handler);
  } else {
    offer_statement(handler);
  }
}

void Service::fail_try(Handler& handler, StatementError error) {
  // The store has undone the transaction and released its locks already; nothing of the handler may run on.
  handler.body.kill();
  end_statements(handler, true);
  if (store_.in_transaction(handler.store_session)) {
    store_.execute(handler.store_session, Statement::rollback());
  }
  switch (error) {
    case StatementError::serialization_failure:
      ++counts_.conflicts;
      if (!try_again(handler, Error::serialization_failure, error)) {
        send_reply(handler, Reply::conflict());
      }
      break;
    case StatementError::deadlock_detected:
      ++counts_.deadlocks;
      if (!try_again(handler, Error::deadlock, error)) {
        send_reply(handler, Reply::conflict());
      }
      break;
    case StatementError::lock_not_available:
      ++counts_.conflicts;
      if (!try_again(handler, Error::lock_not_available, error)) {
        send_reply(handler, Reply::conflict());
      }
      break;
    default:
      send_reply(handler, Reply::refused());
  }
}

// The handler's reply stands and its transaction has ended.
void Service::end_try(Handler& handler) {
  end_statements(handler, handler.reply != Reply::ok());
  if (handler.reply == Reply::conflict()) {
    ++counts_.conflicts;
    if (try_again(handler, Error::conflict, StatementError::none)) {
      return;
    }
  }
  send_reply(handler, handler.reply);
}

// The try is over. In vain: what it has asked of the store came to nothing.
void Service::end_statements(Handler& handler, bool in_vain) {
  counts_.wasted += in_vain ? handler.statements : 0;
  handler.statements = 0;
}

bool Service::try_again(Handler& handler, Error error, StatementError cause) {
  if (!handler.endpoint->retry_on.contain(error) || handler.tries >= settings_.tries_max) {
    return false;
  }
  TraceEvent again = event(TraceKind::try_again, handler);
  again.error = cause;
  trace_.add(again);
  start_try(handler);
  return true;
}

void Service::send_reply(Handler& handler, Reply reply) {
  TraceEvent sent = event(TraceKind::reply_sent, handler);
  sent.reply = reply.kind;
  trace_.add(sent);
  network_.reply(handler.request.operation, handler.request.attempt, handler.copy, reply);
  remove(handler);
}

void Service::die(Handler& handler) {
  handler.body.kill();
  handler.dead = true;
  choice_.died(handler.statement);
  end_statements(handler, true);
  workers_.release(handler.request.operation, handler.started);
  caller_->expect_answers(handler.request.operation, handler.request.attempt, -1);
  if (!store_.in_transaction(handler.store_session)) {
    remove(handler);
  } else if (settings_.session_timeout > Duration{}) {
    handler.session_end.delay = Delay::exactly(settings_.session_timeout);
    choice_.offer(handler.session_end);
  }
}

// Whatever it waits for or would do next.
void Service::cancel(Handler& handler) {
  for (Step* step : {&handler.statement, &handler.lock_timeout, &handler.deadlock, &handler.answer,
                     &handler.work}) {
    if (step->offered) {
      choice_.withdraw(*step);
    }
  }
  if (handler.waits) {
    counts_.lock_wait_time = counts_.lock_wait_time + (choice_.now() - handler.waits_since);
  }
  ++counts_.cancelled;
  trace_.add(event(TraceKind::cancelled, handler));
  handler.body.kill();
  end_statements(handler, true);
  caller_->expect_answers(handler.request.operation, handler.request.attempt, -1);
  remove(handler);
}

void Service::remove(Handler& handler) {
  store_.disconnect(handler.store_session);
  by_session_[handler.store_session] = nullptr;
  if (!handler.dead) {
    workers_.release(handler.request.operation, handler.started);
  }
  handlers_.remove(handler);
  arena_.destroy(&handler);
}

TraceEvent Service::event(TraceKind kind, const Handler& handler) const {
  TraceEvent told = TraceEvent::of_call(kind, choice_.now(), handler.request.operation,
                                        handler.request.attempt, handler.copy);
  told.tries = handler.tries;
  told.execution = handler.execution;
  return told;
}

}  // namespace racelab
