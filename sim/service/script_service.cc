// A request's way to a handler (script_handler.cc), and what is known of all of them.
#include "sim/service/script_service.h"

#include <algorithm>

#include "sim/kernel/expect.h"
#include "sim/service/script_handler.h"

namespace racelab {

namespace {

struct Status {
  std::int64_t number;
  Reply::Kind kind;
};
constexpr Status failures[] = {{409, Reply::Kind::busy},
                               {429, Reply::Kind::throttled},
                               {500, Reply::Kind::error},
                               {503, Reply::Kind::unavailable}};

}  // namespace

Reply answer_of(const ScriptReply& reply, const Script& script) {
  if (reply.ok()) {
    return Reply::ok();
  }
  const bool later = std::find(script.refusals.begin(), script.refusals.end(), reply.status) !=
                     script.refusals.end();
  if (!later && reply.status >= 400 && reply.status < 500) {
    return Reply::refused();
  }
  const auto* const known =
      std::find_if(std::begin(failures), std::end(failures),
                   [&](const Status& it) { return it.number == reply.status; });
  return {known == std::end(failures) ? Reply::Kind::conflict : known->kind};
}

std::int64_t status_of(Reply reply) {
  const auto* const known = std::find_if(std::begin(failures), std::end(failures),
                                         [&](const Status& it) { return it.kind == reply.kind; });
  return known == std::end(failures) ? 503 : known->number;
}

ScriptService::ScriptService(Arena& arena, Choice& choice, const sql::Database& start,
                             ScriptRecords& records, Trace& trace,
                             const ScriptServiceSettings& settings)
    : arena_(arena),
      choice_(choice),
      database_(start),
      records_(records),
      trace_(trace),
      settings_(settings),
      random_(settings.seed),
      network_(arena, choice, trace, settings.latency, settings.slow_extra),
      workers_(arena, choice, counts_,
               {.workers = settings.workers, .queue_max = settings.queue_max}),
      under_way_(records.operations.size()),
      replies_(records.operations.size()),
      commits_(*this) {
  database_.record(&commits_);
}

ScriptService::~ScriptService() {
  while (Handler* handler = handlers_.front()) {
    for (Step* step : {&handler->statement, &handler->lock_timeout, &handler->deadlock_check,
                       &handler->session_end, &handler->answer, &handler->work}) {
      if (step->offered) {
        choice_.withdraw(*step);
      }
    }
    remove(*handler);
  }
}

void ScriptService::set_caller(Caller& caller) {
  caller_ = &caller;
  network_.set_caller(caller);
}

void ScriptService::send(const Request& request, const Endpoint& endpoint) {
  ++under_way_[records_.place_of(request.operation)];
  network_.send(request, endpoint);
}

bool ScriptService::may_still_do(OperationName operation) const {
  return under_way_[records_.place_of(operation)] > 0;
}

void ScriptService::happen(Pending& pending, Fault fault) {
  if (fault != Fault::none) {
    ++counts_.faults[static_cast<std::size_t>(kind_of(fault))];
  }
  tell_time();
  switch (pending.happening) {
    case Happening::request: {
      auto& message = static_cast<RequestMessage&>(pending);
      const std::size_t operation = records_.place_of(message.request.operation);
      under_way_[operation] += fault == Fault::duplicate_delivery ? 1 : 0;
      under_way_[operation] -= fault == Fault::lose_request ? 1 : 0;
      if (network_.arrives(message, fault)) {
        receive(message, fault);
      }
      break;
    }
    case Happening::reply:
      --under_way_[records_.place_of(static_cast<ReplyMessage&>(pending).operation)];
      network_.arrives(static_cast<ReplyMessage&>(pending), fault);
      break;
    case Happening::statement:
      run_statement(*static_cast<Step&>(pending).handler, fault);
      break;
    case Happening::lock_timeout:
      end_wait(*static_cast<Step&>(pending).handler, sql::state::lock_not_available);
      break;
    case Happening::deadlock_check:
      check_deadlock(*static_cast<Step&>(pending).handler);
      break;
    case Happening::session_end: {
      Handler& handler = *static_cast<Step&>(pending).handler;
      trace_.add(event(TraceKind::session_ended, handler));
      remove(handler);
      break;
    }
    case Happening::work:
      begin(*static_cast<Step&>(pending).handler);
      break;
    case Happening::answer:
      go_on(*static_cast<Step&>(pending).handler);
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
  settle();
  serve_queue();
}

void ScriptService::tell_time() {
  database_.set_clock(settings_.clock + choice_.now().microseconds);
}

// A request is here: a handler starts, or it waits for a worker, or it is turned away.
void ScriptService::receive(RequestMessage& message, Fault fault) {
  ++counts_.deliveries;
  if (fault == Fault::fail_call) {
    refuse(message, TraceKind::request_failed, answer_of(settings_.failed_call));
  } else if (workers_.one_is_free()) {
    start_handler(message.request, message.copy);
  } else if (workers_.queue(message)) {
    trace_.add(event(TraceKind::request_queued, message));
    return;
  } else {
    refuse(message, TraceKind::request_turned_away, Reply::unavailable());
  }
  network_.destroy(message);
}

void ScriptService::refuse(const RequestMessage& message, TraceKind why, Reply reply) {
  TraceEvent sent = event(why, message);
  sent.reply = reply.kind;
  trace_.add(sent);
  ScriptReply said;
  said.status = status_of(reply);
  replies_[records_.place_of(message.request.operation)].push_back(
      {message.request.attempt, message.copy, std::move(said)});
  network_.reply(message.request.operation, message.request.attempt, message.copy, reply);
}

void ScriptService::serve_queue() {
  while (RequestMessage* message = workers_.take_next()) {
    const OperationName operation = message->request.operation;
    const std::uint16_t attempt = message->request.attempt;
    if (settings_.drops_expired && !caller_->waits_for(operation, attempt)) {
      ++counts_.expired;
      trace_.add(event(TraceKind::request_dropped, *message));
      --under_way_[records_.place_of(operation)];
      caller_->expect_answers(operation, attempt, -1);
    } else {
      start_handler(message->request, message->copy);
    }
    network_.destroy(*message);
  }
}

ScriptService::Handler* ScriptService::serving(OperationName operation,
                                               std::uint16_t attempt) const {
  Handler* handler = handlers_.front();
  while (handler != nullptr && (handler->dead || handler->request.operation != operation ||
                                handler->request.attempt != attempt)) {
    handler = handler->after;
  }
  return handler;
}

// As Service does.
void ScriptService::take(const CancelMessage& cancel_message) {
  const OperationName operation = cancel_message.operation;
  const std::uint16_t attempt = cancel_message.attempt;
  const std::uint64_t before = counts_.cancelled;
  while (RequestMessage* message = workers_.take(operation, attempt)) {
    ++counts_.cancelled;
    trace_.add(event(TraceKind::cancelled, *message));
    --under_way_[records_.place_of(operation)];
    caller_->expect_answers(operation, attempt, -1);
    network_.destroy(*message);
  }
  while (Handler* handler = serving(operation, attempt)) {
    cancel(*handler);
    settle();  // another delivery of the attempt may have waited for it
  }
  if (counts_.cancelled == before) {
    trace_.add(
        TraceEvent::of_call(TraceKind::cancel_in_vain, choice_.now(), operation, attempt, 0));
  }
}

const ScriptReply& ScriptService::reply_of(OperationName operation, std::uint16_t attempt,
                                           std::uint8_t copy) const {
  const std::vector<SentReply>& all = replies_[records_.place_of(operation)];
  const auto found = std::find_if(all.begin(), all.end(), [&](const SentReply& it) {
    return it.attempt == attempt && it.copy == copy;
  });
  RACELAB_EXPECT(found != all.end());
  return found->reply;
}

void ScriptService::forget_replies(OperationName operation) {
  replies_[records_.place_of(operation)].clear();
}

ScriptService::Worker ScriptService::worker_of(sql::SessionId session) const {
  const Handler& handler = *by_session_[session / 2];
  return {records_.place_of(handler.request.operation), handler.request.attempt, handler.copy};
}

std::vector<Service::Wait> ScriptService::waits() const {
  std::vector<Service::Wait> all;
  for (const Handler* handler = handlers_.front(); handler != nullptr; handler = handler->after) {
    if (!database_.waiting(handler->session)) {
      continue;
    }
    const std::vector<sql::SessionId> holders = database_.blockers(handler->session);
    const Handler* holder = holders.empty() ? handler : by_session_[holders.front() / 2];
    all.push_back({handler->request.operation, holder->request.operation, {}, holder->dead});
  }
  return all;
}

TraceText ScriptService::text_of(const Handler& handler) const {
  if (!trace_.keeps(handler.request.operation)) {
    return {};
  }
  return {handler.run.before_text(), handler.run.pending_text(), ""};
}

TraceEvent ScriptService::event(TraceKind kind, const Handler& handler) const {
  TraceEvent told = TraceEvent::of_call(kind, choice_.now(), handler.request.operation,
                                        handler.request.attempt, handler.copy);
  told.tries = static_cast<std::uint16_t>(handler.run.tries());
  return told;
}

TraceEvent ScriptService::event(TraceKind kind, const RequestMessage& message) const {
  return TraceEvent::of_call(kind, choice_.now(), message.request.operation,
                             message.request.attempt, message.copy);
}

// ---- commits

void ScriptService::Commits::read(sql::SessionId session, std::uint16_t table,
                                  const sql::Version& version) {
  if (others != nullptr) {
    others->read(session, table, version);
  }
}

void ScriptService::Commits::looked_for(sql::SessionId session, std::uint16_t table,
                                        const sql::Sight& sight, const sql::Predicate& predicate) {
  if (others != nullptr) {
    others->looked_for(session, table, sight, predicate);
  }
}

void ScriptService::Commits::wrote(sql::SessionId session, std::uint16_t table,
                                   const sql::Version* before, const sql::Version* after) {
  changed.resize(std::max<std::size_t>(changed.size(), session + std::size_t{1}));
  changed[session] = true;
  if (others != nullptr) {
    others->wrote(session, table, before, after);
  }
}

void ScriptService::Commits::ended(sql::SessionId session, std::uint64_t commit) {
  changed.resize(std::max<std::size_t>(changed.size(), session + std::size_t{1}));
  if (commit != 0) {
    service.deeds_.push_back({service.worker_of(session).operation, changed[session],
                              service.database_.started(session)});
  }
  changed[session] = false;
  if (others != nullptr) {
    others->ended(session, commit);
  }
}

}  // namespace racelab
