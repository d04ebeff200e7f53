// A handler's life: arrive -> (queue) -> start_handler -> start_try -> (statement, answer, go_on)* -> end_try -> send_reply
// -> remove.
#include "sim/service/service.h"

#include <algorithm>

#include "sim/kernel/expect.h"
#include "sim/kernel/list.h"
#include "sim/kernel/plugin_call.h"

namespace racelab {

namespace {

std::uint64_t word_of(OperationName operation) {
  return (std::uint64_t{operation.client} << 32U) | operation.operation;
}

bool is_write(Verb verb) {
  return verb == Verb::update_set || verb == Verb::update_add || verb == Verb::insert;
}

// The strategy first, its protections outwards.
PluginFunctions functions_of(const Endpoint& endpoint) {
  PluginFunctions all{{reinterpret_cast<const void*>(endpoint.strategy)}};
  std::size_t place = 0;
  for (std::size_t i = endpoint.protections.size(); i > 0; --i) {
    all.functions[++place] = reinterpret_cast<const void*>(endpoint.protections[i - 1]);
  }
  return all;
}

DrawName name_of(OperationName operation, std::uint16_t attempt, Purpose purpose,
                 std::uint32_t index) {
  return {operation.client, operation.operation, attempt, purpose, index};
}

}  // namespace

struct Service::RequestMessage : Pending {
  RequestMessage(const Request& request_, const Endpoint& endpoint_, std::uint8_t copy_)
      : Pending(Happening::request,
                name_of(request_.operation, request_.attempt, Purpose::request_latency, copy_)),
        request(request_),
        endpoint(&endpoint_),
        copy(copy_) {}
  Request request;
  const Endpoint* endpoint;
  std::uint8_t copy;
  Instant queued{};
  RequestMessage* before = nullptr;
  RequestMessage* after = nullptr;
};

struct Service::ReplyMessage : Pending {
  ReplyMessage(OperationName operation_, std::uint16_t attempt_, std::uint8_t copy_, Reply reply_)
      : Pending(Happening::reply, name_of(operation_, attempt_, Purpose::reply_latency, copy_)),
        operation(operation_),
        attempt(attempt_),
        copy(copy_),
        reply(reply_) {}
  OperationName operation;
  std::uint16_t attempt;
  std::uint8_t copy;
  Reply reply;
  ReplyMessage* before = nullptr;
  ReplyMessage* after = nullptr;
};

// What a handler has pending: one of these for each kind of happening it can meet.
struct Service::Step : Pending {
  Step(Happening happening_, Handler& handler_, const DrawName& name_)
      : Pending(happening_, name_), handler(&handler_) {}
  Handler* handler;
};

struct Service::Handler {
  Handler(Arena& arena, const Request& request_, const Endpoint& endpoint_, std::uint8_t copy_)
      : request(request_),
        endpoint(&endpoint_),
        copy(copy_),
        session(arena),
        statement(Happening::statement, *this,
                  name_of(request.operation, request.attempt, Purpose::statement_latency,
                          std::uint32_t{copy_} << 16U)),
        lock_timeout(Happening::lock_timeout, *this, statement.name),
        session_end(Happening::session_end, *this, statement.name),
        answer(Happening::answer, *this, statement.name),
        work(Happening::work, *this,
             name_of(request.operation, request.attempt, Purpose::service_time,
                     statement.name.index)) {
    answer.name.purpose = Purpose::answer_latency;
  }

  Request request;
  const Endpoint* endpoint;
  std::uint8_t copy;
  std::uint16_t tries = 0;
  bool ending = false;       // its reply is known; the transaction's COMMIT or ROLLBACK is pending
  bool answer_lost = false;  // its session breaks as soon as the running statement is done
  bool slow = false;         // a fault has made it later than its client waits
  bool dead = false;
  bool committed = false;  // something of this delivery stands already
  Reply reply{};
  ExecutionId execution = no_execution;
  SessionId store_session = no_session;
  Session session;
  Instant started{};
  Instant waits_since{};  // for a lock, when it waits
  bool waits = false;
  std::uint32_t statements = 0;  // that this try has issued
  Step statement;
  Step lock_timeout;
  Step session_end;
  Step answer;
  Step work;
  TaskRoot body;  // last: its frames refer to the rest
  Handler* before = nullptr;
  Handler* after = nullptr;
};

Service::Service(Arena& arena, Choice& choice, Database& store, Trace& trace,
                 const ServiceSettings& settings)
    : arena_(arena),
      choice_(choice),
      store_(store),
      trace_(trace),
      settings_(settings),
      executions_(ArenaAllocator<Execution>(arena)),
      running_by_operation_(ArenaAllocator<std::pair<const std::uint64_t, std::uint32_t>>(arena)),
      by_session_(ArenaAllocator<Handler*>(arena)) {}

Service::~Service() {
  while (first_ != nullptr) {
    first_->body.kill();
    for (Step* step : {&first_->statement, &first_->lock_timeout, &first_->session_end,
                       &first_->answer, &first_->work}) {
      if (step->offered) {
        choice_.withdraw(*step);
      }
    }
    remove(*first_);
  }
  while (requests_ != nullptr) {
    RequestMessage* message = requests_;
    choice_.withdraw(*message);
    unlink(requests_, *message);
    arena_.destroy(message);
  }
  while (replies_ != nullptr) {
    ReplyMessage* message = replies_;
    choice_.withdraw(*message);
    unlink(replies_, *message);
    arena_.destroy(message);
  }
  while (queue_first_ != nullptr) {
    RequestMessage* message = queue_first_;
    queue_first_ = message->after;
    arena_.destroy(message);
  }
}

// ---- the network

void Service::send(const Request& request, const Endpoint& endpoint) {
  auto* message = arena_.create<RequestMessage>(request, endpoint, std::uint8_t{0});
  message->delay = settings_.latency;
  link(requests_, *message);
  choice_.offer(*message);
}

void Service::happen(Pending& pending, Fault fault) {
  count(fault);
  switch (pending.happening) {
    case Happening::request:
      arrive(static_cast<RequestMessage&>(pending), fault);
      break;
    case Happening::reply:
      reply_arrives(static_cast<ReplyMessage&>(pending), fault);
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
    default:
      broken_promise("a happening of the service", __FILE__, __LINE__);
  }
  complete_woken();
  serve_queue();  // only now: a handler that starts issues nothing yet, so it wakes nobody
}

void Service::arrive(RequestMessage& message, Fault fault) {
  const OperationName operation = message.request.operation;
  const std::uint16_t attempt = message.request.attempt;
  switch (fault) {
    case Fault::lose_request:
      trace_.add(event(TraceKind::request_lost, operation, attempt, message.copy));
      caller_->expect_answers(operation, attempt, -1);
      break;
    case Fault::slow_call:
      trace_.add(event(TraceKind::request_slow, operation, attempt, message.copy));
      caller_->will_be_late(operation, attempt);
      message.immune = true;
      message.delay = Delay::exactly(settings_.slow_extra);
      choice_.offer(message);
      return;
    case Fault::duplicate_delivery: {
      trace_.add(event(TraceKind::request_duplicated, operation, attempt, message.copy));
      caller_->expect_answers(operation, attempt, +1);
      auto* second =
          arena_.create<RequestMessage>(message.request, *message.endpoint, std::uint8_t{1});
      second->delay = settings_.latency;
      second->immune = true;
      link(requests_, *second);
      choice_.offer(*second);
      if (admit(message)) {
        return;
      }
      break;
    }
    case Fault::fail_call:
      ++counts_.deliveries;
      answer_at_the_door(TraceKind::request_failed, message);
      break;
    default:
      if (admit(message)) {
        return;
      }
  }
  unlink(requests_, message);
  arena_.destroy(&message);
}

void Service::post(OperationName operation, std::uint16_t attempt, std::uint8_t copy, Reply reply) {
  auto* message = arena_.create<ReplyMessage>(operation, attempt, copy, reply);
  message->delay = settings_.latency;
  link(replies_, *message);
  choice_.offer(*message);
}

// No handler, no session, no work.
void Service::answer_at_the_door(TraceKind kind, const RequestMessage& message) {
  TraceEvent sent = event(kind, message.request.operation, message.request.attempt, message.copy);
  sent.reply = Reply::Kind::unavailable;
  trace_.add(sent);
  post(message.request.operation, message.request.attempt, message.copy, Reply::unavailable());
}

void Service::send_reply(Handler& handler, Reply reply) {
  TraceEvent sent = event(TraceKind::reply_sent, handler);
  sent.reply = reply.kind;
  trace_.add(sent);
  post(handler.request.operation, handler.request.attempt, handler.copy, reply);
  remove(handler);
}

void Service::reply_arrives(ReplyMessage& message, Fault fault) {
  if (fault == Fault::lose_reply) {
    TraceEvent lost =
        event(TraceKind::reply_lost, message.operation, message.attempt, message.copy);
    lost.reply = message.reply.kind;
    trace_.add(lost);
    caller_->expect_answers(message.operation, message.attempt, -1);
  } else {
    caller_->receive(message.operation, message.attempt, message.copy, message.reply);
  }
  unlink(replies_, message);
  arena_.destroy(&message);
}

// ---- workers and their queue

bool Service::worker_is_free() const {
  return settings_.workers == 0 || running_ < settings_.workers;
}

// A request has arrived. True: it stays, in the queue.
bool Service::admit(RequestMessage& message) {
  ++counts_.deliveries;
  // Whoever finds a free worker finds no queue, too: the one was served as soon as the other was free.
  if (worker_is_free()) {
    start_handler(message.request, *message.endpoint, message.copy);
    return false;
  }
  if (settings_.queue_max && queue_length_ >= *settings_.queue_max) {
    ++counts_.shed;
    answer_at_the_door(TraceKind::request_turned_away, message);
    return false;
  }
  ++counts_.queued;
  ++queue_length_;
  counts_.queue_length_max = std::max(counts_.queue_length_max, queue_length_);
  trace_.add(event(TraceKind::request_queued, message.request.operation, message.request.attempt,
                   message.copy));
  unlink(requests_, message);
  message.queued = choice_.now();
  message.before = queue_last_;
  message.after = nullptr;
  (queue_last_ == nullptr ? queue_first_ : queue_last_->after) = &message;
  queue_last_ = &message;
  return true;
}

void Service::serve_queue() {
  while (queue_first_ != nullptr && worker_is_free()) {
    RequestMessage* message = queue_first_;
    unlink(queue_first_, *message);
    queue_last_ = queue_first_ == nullptr ? nullptr : queue_last_;
    --queue_length_;
    counts_.queue_wait_time = counts_.queue_wait_time + (choice_.now() - message->queued);
    const OperationName operation = message->request.operation;
    const std::uint16_t attempt = message->request.attempt;
    if (settings_.drops_expired && !caller_->waits_for(operation, attempt)) {
      ++counts_.expired;
      trace_.add(event(TraceKind::request_dropped, operation, attempt, message->copy));
      caller_->expect_answers(operation, attempt, -1);
    } else {
      start_handler(message->request, *message->endpoint, message->copy);
    }
    arena_.destroy(message);
  }
}

// ---- handlers

void Service::start_handler(const Request& request, const Endpoint& endpoint, std::uint8_t copy) {
  ++counts_.handlers;
  counts_.overlaps += running_ > 0 ? 1 : 0;
  ++running_;
  counts_.in_service_max = std::max<std::uint64_t>(counts_.in_service_max, running_);
  counts_.self_overlaps += running_by_operation_[word_of(request.operation)]++ > 0 ? 1 : 0;

  auto* handler = arena_.create<Handler>(arena_, request, endpoint, copy);
  handler->before = last_;
  (last_ == nullptr ? first_ : last_->after) = handler;
  last_ = handler;
  handler->store_session = store_.connect();
  if (by_session_.size() <= handler->store_session) {
    by_session_.resize(handler->store_session + 1, nullptr);
  }
  by_session_[handler->store_session] = handler;
  handler->started = choice_.now();
  trace_.add(event(TraceKind::handler_started, *handler));
  const Duration work =
      settings_.service_time + settings_.service_time_per_call * std::int64_t{running_};
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
  spawn(handler.body, arena_, call_plugin(functions_of(*handler.endpoint), [&handler] {
          return handler.endpoint->handle(handler.session, handler.request);
        }));
  go_on(handler);
}

void Service::go_on(Handler& handler) {
  handler.session.at_ = handler.session.batch_.size();  // nothing is asked for any more
  {
    const PluginFunctions plugin = functions_of(*handler.endpoint);
    const PluginCall call(plugin);
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

void Service::complete_woken() {
  // Completing one may wake more (a handler that ends its transaction releases its rows); take them in turn.
  for (std::size_t i = 0; i < store_.woken().size(); ++i) {
    complete_statement(*by_session_[store_.woken()[i]]);
  }
  store_.clear_woken();
}

void Service::complete_statement(Handler& handler) {
  if (handler.lock_timeout.offered) {
    choice_.withdraw(handler.lock_timeout);
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

void Service::die(Handler& handler) {
  handler.body.kill();
  handler.dead = true;
  choice_.died(handler.statement);
  end_statements(handler, true);
  stop_running(handler);
  caller_->expect_answers(handler.request.operation, handler.request.attempt, -1);
  if (!store_.in_transaction(handler.store_session)) {
    remove(handler);
  } else if (settings_.session_timeout > Duration{}) {
    handler.session_end.delay = Delay::exactly(settings_.session_timeout);
    choice_.offer(handler.session_end);
  }
}

void Service::stop_running(const Handler& handler) {
  --running_;
  counts_.work_time = counts_.work_time + (choice_.now() - handler.started);
  const auto place = running_by_operation_.find(word_of(handler.request.operation));
  if (--place->second == 0) {
    running_by_operation_.erase(place);
  }
}

void Service::remove(Handler& handler) {
  store_.disconnect(handler.store_session);
  by_session_[handler.store_session] = nullptr;
  if (!handler.dead) {
    stop_running(handler);
  }
  (handler.before == nullptr ? first_ : handler.before->after) = handler.after;
  (handler.after == nullptr ? last_ : handler.after->before) = handler.before;
  arena_.destroy(&handler);
}

std::vector<Service::Wait> Service::waits() const {
  std::vector<Wait> all;
  for (const Handler* handler = first_; handler != nullptr; handler = handler->after) {
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
  for (const Handler* handler = first_; handler != nullptr; handler = handler->after) {
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

// ---- telling

TraceEvent Service::event(TraceKind kind, OperationName operation, std::uint16_t attempt,
                          std::uint8_t copy) const {
  TraceEvent event;
  event.at = choice_.now();
  event.kind = kind;
  event.operation = operation;
  event.attempt = attempt;
  event.copy = copy;
  return event;
}

TraceEvent Service::event(TraceKind kind, const Handler& handler) const {
  TraceEvent told = event(kind, handler.request.operation, handler.request.attempt, handler.copy);
  told.tries = handler.tries;
  told.execution = handler.execution;
  return told;
}

void Service::count(Fault fault) {
  if (fault != Fault::none) {
    ++counts_.faults[static_cast<std::size_t>(kind_of(fault))];
  }
}

}  // namespace racelab
