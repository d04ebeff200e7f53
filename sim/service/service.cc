// Where a request goes: over the network, perhaps into the queue, to a handler (handler.cc), and its reply back.
#include "sim/service/service.h"

#include "sim/kernel/expect.h"
#include "sim/service/handler.h"

namespace racelab {

Service::Service(Arena& arena, Choice& choice, Database& store, Trace& trace,
                 const ServiceSettings& settings)
    : arena_(arena),
      choice_(choice),
      store_(store),
      trace_(trace),
      settings_(settings),
      network_(arena, choice, trace, settings.latency, settings.slow_extra),
      workers_(arena, choice, counts_,
               {.workers = settings.workers, .queue_max = settings.queue_max}),
      executions_(ArenaAllocator<Execution>(arena)),
      by_session_(ArenaAllocator<Handler*>(arena)) {}

Service::~Service() {
  while (Handler* handler = handlers_.front()) {
    handler->body.kill();
    for (Step* step : {&handler->statement, &handler->lock_timeout, &handler->deadlock,
                       &handler->session_end, &handler->answer, &handler->work}) {
      if (step->offered) {
        choice_.withdraw(*step);
      }
    }
    remove(*handler);
  }
}

void Service::set_caller(Caller& caller) {
  caller_ = &caller;
  network_.set_caller(caller);
}

void Service::happen(Pending& pending, Fault fault) {
  if (fault != Fault::none) {
    ++counts_.faults[static_cast<std::size_t>(kind_of(fault))];
  }
  switch (pending.happening) {
    case Happening::request:
      if (auto& message = static_cast<RequestMessage&>(pending); network_.arrives(message, fault)) {
        receive(message, fault);
      }
      break;
    case Happening::reply:
      network_.arrives(static_cast<ReplyMessage&>(pending), fault);
      break;
    case Happening::statement:
      run_statement(*static_cast<Step&>(pending).handler, fault);
      break;
    case Happening::lock_timeout: {
      Handler& handler = *static_cast<Step&>(pending).handler;
      store_.time_out(handler.store_session);
      complete_statement(handler);
      break;
    }
    case Happening::deadlock_check: {
      Handler& handler = *static_cast<Step&>(pending).handler;
      store_.end_deadlock(handler.store_session);
      complete_statement(handler);
      break;
    }
    case Happening::session_end: {
      Handler& handler = *static_cast<Step&>(pending).handler;
      trace_.add(event(TraceKind::session_ended, handler));
      remove(handler);
      break;
    }
    case Happening::work:
      start_try(*static_cast<Step&>(pending).handler);
      break;
    case Happening::answer:
      take_answer(*static_cast<Step&>(pending).handler);
      break;
    case Happening::cancel: {
      auto& message = static_cast<CancelMessage&>(pending);
      take(message);
      network_.arrives(message);
      break;
    }
    default:
      broken_promise("a happening of the service", __FILE__, __LINE__);
  }
  complete_woken();
  if (choice_.decides_who_goes_on()) {
    offer_deadlocks();
  }
  serve_queue();  // only now: a handler that starts issues nothing yet, so it wakes nobody
}

// A request is here: a handler starts, or it waits for a worker, or it is turned away.
void Service::receive(RequestMessage& message, Fault fault) {
  ++counts_.deliveries;
  if (fault == Fault::fail_call) {
    refuse(message, TraceKind::request_failed, answer_of(settings_.failed_call));
  } else if (workers_.one_is_free()) {
    start_handler(message.request, *message.endpoint, message.copy);
  } else if (workers_.queue(message)) {
    trace_.add(event(TraceKind::request_queued, message));
    return;
  } else {
    refuse(message, TraceKind::request_turned_away, Reply::unavailable());
  }
  network_.destroy(message);
}

// No handler, no session, no work: the reply promises that nothing was done.
void Service::refuse(const RequestMessage& message, TraceKind why, Reply reply) {
  TraceEvent sent = event(why, message);
  sent.reply = reply.kind;
  trace_.add(sent);
  network_.reply(message.request.operation, message.request.attempt, message.copy, reply);
}

void Service::serve_queue() {
  while (RequestMessage* message = workers_.take_next()) {
    const OperationName operation = message->request.operation;
    const std::uint16_t attempt = message->request.attempt;
    if (settings_.drops_expired && !caller_->waits_for(operation, attempt)) {
      ++counts_.expired;
      trace_.add(event(TraceKind::request_dropped, *message));
      caller_->expect_answers(operation, attempt, -1);
    } else {
      start_handler(message->request, *message->endpoint, message->copy);
    }
    network_.destroy(*message);
  }
}

Service::Handler* Service::serving(OperationName operation, std::uint16_t attempt) const {
  Handler* handler = handlers_.front();
  while (handler != nullptr && (handler->dead || handler->request.operation != operation ||
                                handler->request.attempt != attempt)) {
    handler = handler->after;
  }
  return handler;
}

// Whatever serves the attempt, or waits to, is ended. A request that comes later than its cancel runs.
void Service::take(const CancelMessage& cancel_message) {
  const OperationName operation = cancel_message.operation;
  const std::uint16_t attempt = cancel_message.attempt;
  const std::uint64_t before = counts_.cancelled;
  while (RequestMessage* message = workers_.take(operation, attempt)) {
    ++counts_.cancelled;
    trace_.add(event(TraceKind::cancelled, *message));
    caller_->expect_answers(operation, attempt, -1);
    network_.destroy(*message);
  }
  while (Handler* handler = serving(operation, attempt)) {
    cancel(*handler);
    complete_woken();  // another delivery of the attempt may have waited for it
  }
  if (counts_.cancelled == before) {
    trace_.add(
        TraceEvent::of_call(TraceKind::cancel_in_vain, choice_.now(), operation, attempt, 0));
  }
}

std::vector<Service::Wait> Service::waits() const {
  std::vector<Wait> all;
  for (const Handler* handler = handlers_.front(); handler != nullptr; handler = handler->after) {
    if (store_.waiting(handler->store_session)) {
      const Handler* holder = by_session_[store_.blocker(handler->store_session)];
      all.push_back({handler->request.operation, holder->request.operation,
                     store_.contested(handler->store_session), holder->dead});
    }
  }
  return all;
}

std::vector<Service::HandlerView> Service::handlers() const {
  std::vector<HandlerView> all;
  for (const Handler* handler = handlers_.front(); handler != nullptr; handler = handler->after) {
    all.push_back(
        {.operation = handler->request.operation,
         .attempt = handler->request.attempt,
         .copy = handler->copy,
         .tries = handler->tries,
         .statements = handler->statement.name.index & 0xFFFFU,
         .session = handler->store_session,
         .pending = handler->dead || handler->tries == 0 ? nullptr : &handler->session.pending(),
         .ending = handler->ending,
         .answer_lost = handler->answer_lost,
         .slow = handler->slow,
         .dead = handler->dead,
         .committed = handler->committed,
         .reply = handler->ending ? handler->reply : Reply{}});
  }
  return all;
}

TraceEvent Service::event(TraceKind kind, const RequestMessage& message) const {
  return TraceEvent::of_call(kind, choice_.now(), message.request.operation,
                             message.request.attempt, message.copy);
}

}  // namespace racelab
