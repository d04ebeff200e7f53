// serve() is the whole story of one request at a gateway; it is a client's perform() that answers instead of being told.
#include "sim/client/gateway.h"

#include "sim/client/visit.h"

namespace racelab {

Task<> Gateway::serve(Gateway& gateway, Visit& visit) {
  bool in_doubt = false;
  std::optional<Reply> reply;
  LimitedAttempt limited;
  for (std::uint16_t k = 1;; ++k) {
    visit.retrying = {};
    if (!gateway.may_send(visit, k, limited)) {
      gateway.end(visit, reply, in_doubt);
      co_return;
    }
    reply = co_await Call(gateway, visit, k, limited);
    gateway.note_outcome(visit, limited, reply);
    in_doubt = in_doubt || !reply || reply->leaves_doubt();
    const RetryPolicy::Next next =
        reply == Reply::ok() ? RetryPolicy::Next{} : gateway.after_failure(visit, k, reply);
    if (!next.again || (!next.resend && !gateway.may_retry(visit, k, failure_of(reply)))) {
      gateway.end(visit, reply, in_doubt);
      co_return;
    }
    limited.is_retry = !next.resend;
    visit.retrying = limited;
    if (next.pauses) {
      co_await Pause(gateway, visit, visit.attempt(k), Delay::exactly(next.pause));
    }
  }
}

Gateway::Gateway(Arena& arena, Choice& choice, Trace& trace, Destination& next,
                 const GatewaySettings& settings)
    : arena_(arena),
      choice_(choice),
      trace_(trace),
      next_(next),
      settings_(settings),
      limits_(arena, settings.limits),
      calls_(ArenaAllocator<std::pair<const std::uint64_t, Call*>>(arena)) {
  next.set_caller(*this);
}

Gateway::~Gateway() {
  while (!visits_.empty()) {
    remove(*visits_.front());
  }
  while (Answer* message = answers_.front()) {
    choice_.withdraw(*message);
    answers_.remove(*message);
    arena_.destroy(message);
  }
  while (Cancel* message = cancels_.front()) {
    choice_.withdraw(*message);
    cancels_.remove(*message);
    arena_.destroy(message);
  }
}

void Gateway::send(const Request& request, const Endpoint& endpoint) {
  auto* visit = arena_.create<Visit>(*this, request, endpoint);
  visit->delay = settings_.latency;
  visits_.push_back(*visit);
  choice_.offer(*visit);
}

void Gateway::cancel(OperationName operation, std::uint16_t attempt) {
  auto* message = arena_.create<Cancel>(*this, operation, attempt);
  message->delay = settings_.latency;
  cancels_.push_back(*message);
  choice_.offer(*message);
}

void Gateway::happen(Pending& pending) {
  Step& step = static_cast<Step&>(pending);
  step.gateway.happen(step);
}

void Gateway::happen(Step& step) {
  switch (step.kind) {
    case Step::Kind::request: {
      Visit& visit = static_cast<Visit&>(step);
      trace_.add(event(TraceKind::gateway_called, visit.request.operation, visit.request.attempt));
      begin(visit);
      break;
    }
    case Step::Kind::reply: {
      Answer& message = static_cast<Answer&>(step);
      caller_->receive(message.operation, message.attempt, 0, message.reply);
      answers_.remove(message);
      arena_.destroy(&message);
      break;
    }
    case Step::Kind::pause:
      go_on(static_cast<Pause&>(step).visit);
      break;
    case Step::Kind::timeout: {
      Call& call = static_cast<Call&>(step);
      ++counts_.timeouts;
      trace_.add(event(TraceKind::gateway_timed_out, call.visit.request.operation, call.attempt));
      cancel_next(call);
      finish(call, std::nullopt);
      break;
    }
    case Step::Kind::cancel: {
      Cancel& message = static_cast<Cancel&>(step);
      take(message);
      cancels_.remove(message);
      arena_.destroy(&message);
      break;
    }
  }
}

// A request that is over when it arrives is not begun.
void Gateway::begin(Visit& visit) {
  visit.begin(choice_.now());
  if (visit.is_over(choice_.now())) {
    stay_silent(visit);
    remove(visit);
    return;
  }
  visit.number = limits_.begin();
  visit.state = visit.retry.start();
  spawn(visit.root, arena_,
        visit.retry.hedge_after ? serve_hedged(*this, visit) : serve(*this, visit));
  go_on(visit);
}

// The request that it is about is served no more. One that has not arrived, or is answered, is none of those.
void Gateway::take(const Cancel& cancel) {
  Visit* visit = visits_.front();
  while (visit != nullptr && (visit->offered || visit->request.operation != cancel.operation ||
                              visit->request.attempt != cancel.attempt)) {
    visit = visit->after;
  }
  trace_.add(event(visit == nullptr ? TraceKind::cancel_in_vain : TraceKind::cancelled,
                   cancel.operation, cancel.attempt));
  if (visit == nullptr) {
    return;
  }
  for (std::uint16_t k = 1; k <= visit->sent; ++k) {
    if (const Call* call = call_of(cancel.operation, visit->attempt(k))) {
      let_go(*call);
    }
  }
  limits_.not_sent(visit->retrying);
  remove(*visit);
}

// It is waited for no longer, before it has ended.
void Gateway::let_go(const Call& call) {
  limits_.dropped(call.limited, choice_.now());
  cancel_next(call);
}

void Gateway::cancel_next(const Call& call) {
  const Request& request = call.visit.request;
  if (call.visit.retry.cancels) {
    trace_.add(event(TraceKind::cancel_sent, request.operation, call.attempt));
    next_.cancel(request.operation, call.attempt);
  }
}

void Gateway::finish(Call& call, const std::optional<Reply>& reply) {
  call.reply = reply;
  call.end();
  if (call.hedges != nullptr) {
    call.hedges->has_ended(call);
  }
  go_on(call.visit);
}

// What it knows: nothing, where a call is in doubt; and where none was made, that nothing was done.
void Gateway::end(const Visit& visit, const std::optional<Reply>& reply, bool in_doubt) {
  if (in_doubt && reply != Reply::ok()) {
    stay_silent(visit);
  } else {
    answer(visit, reply.value_or(Reply::unavailable()));
  }
}

bool Gateway::may_send(const Visit& visit, std::uint16_t k, LimitedAttempt& limited) {
  if (limits_.may_send(limited, choice_.now())) {
    return true;
  }
  ++counts_.calls_refused_by_breaker;
  trace_.add(event(TraceKind::not_sent, visit.request.operation, visit.attempt(k)));
  return false;
}

bool Gateway::may_retry(Visit& visit, std::uint16_t k, Failure failure) {
  const RetryLimits::Verdict verdict = limits_.allows_retry(failure);
  if (verdict == RetryLimits::Verdict::allowed) {
    visit.state.tokens_taken = limits_.cost_of(failure);
    return true;
  }
  ++counts_.retries_denied;
  TraceEvent denied = event(TraceKind::no_retry, visit.request.operation, visit.attempt(k));
  denied.by_breaker = verdict == RetryLimits::Verdict::breaker;
  trace_.add(denied);
  return false;
}

void Gateway::note_outcome(const Visit& visit, const LimitedAttempt& limited,
                           const std::optional<Reply>& reply) {
  limits_.ended(limited, visit.number, reply, visit.state.tokens_taken, choice_.now());
  if (reply && reply->leaves_doubt()) {
    caller_->held_up(visit.request.operation, visit.request.attempt);
  }
}

void Gateway::go_on(Visit& visit) {
  visit.root.run();
  if (visit.root.finished()) {
    remove(visit);
  }
}

void Gateway::remove(Visit& visit) {
  if (visit.offered) {
    choice_.withdraw(visit);
  }
  visits_.remove(visit);
  arena_.destroy(&visit);
}

void Gateway::ask_next(const Call& call) {
  Request request = call.visit.request;
  ++counts_.attempts;
  counts_.for_nobody += caller_->waits_for(request.operation, request.attempt) ? 0 : 1;
  trace_.add(event(TraceKind::gateway_asks, request.operation, call.attempt));
  request.attempt = call.attempt;
  request.answer_by = call.ends;
  next_.send(request, call.visit.endpoint);
}

RetryPolicy::Next Gateway::after_failure(Visit& visit, std::uint16_t k,
                                         const std::optional<Reply>& reply) const {
  if (reply == Reply::refused()) {
    return {};
  }
  const DrawName name{
      visit.request.operation.client, visit.request.operation.operation, visit.attempt(k),
      Purpose::gateway,
      (std::uint32_t{settings_.layer} << 2U) | static_cast<unsigned>(Step::Kind::pause)};
  return visit.retry.after(
      {.failure = failure_of(reply),
       .attempt = k,
       .retry_after = reply ? reply->retry_after : Duration{},
       .since_start = choice_.now() - visit.since},
      visit.state, [&](Duration low, Duration high) { return choice_.uniform(name, low, high); });
}

void Gateway::answer(const Visit& visit, Reply reply) {
  TraceEvent answers =
      event(TraceKind::gateway_answers, visit.request.operation, visit.request.attempt);
  answers.reply = reply.kind;
  trace_.add(answers);
  auto* message = arena_.create<Answer>(*this, visit.request, reply);
  message->delay = settings_.latency;
  answers_.push_back(*message);
  choice_.offer(*message);
}

void Gateway::stay_silent(const Visit& visit) {
  trace_.add(event(TraceKind::gateway_silent, visit.request.operation, visit.request.attempt));
}

std::uint64_t Gateway::word_of(OperationName operation, std::uint16_t attempt) {
  return (std::uint64_t{operation.client} << 48U) | (std::uint64_t{operation.operation} << 16U) |
         attempt;
}

Gateway::Call* Gateway::call_of(OperationName operation, std::uint16_t attempt) const {
  const auto place = calls_.find(word_of(operation, attempt));
  return place == calls_.end() ? nullptr : place->second;
}

void Gateway::receive(OperationName operation, std::uint16_t attempt, std::uint8_t copy,
                      Reply reply) {
  Call* call = call_of(operation, attempt);
  TraceEvent hears = event(call != nullptr ? TraceKind::gateway_hears : TraceKind::gateway_ignores,
                           operation, attempt);
  hears.copy = copy;
  hears.reply = reply.kind;
  trace_.add(hears);
  if (call != nullptr) {
    finish(*call, reply);
  }
}

void Gateway::expect_answers(OperationName operation, std::uint16_t attempt, int change) {
  if (Call* call = call_of(operation, attempt)) {
    call->answers_expected += change;
    if (call->answers_expected == 0) {
      times_out_unanswered(*call);
    }
  }
}

void Gateway::will_be_late(OperationName operation, std::uint16_t attempt) {
  if (const Call* call = call_of(operation, attempt)) {
    times_out_unanswered(*call);
  }
}

void Gateway::held_up(OperationName operation, std::uint16_t attempt) {
  if (const Call* call = call_of(operation, attempt)) {
    caller_->held_up(operation, call->visit.request.attempt);
  }
}

// Its task goes on at its end, and not before. Where the caller has given up by then, its attempt is late, whatever comes; it
// began to wait first, and so it is the first to give up at the same time. Where it still waits, an answer may yet come: of
// another call.
void Gateway::times_out_unanswered(const Call& call) const {
  const Request& request = call.visit.request;
  if (call.ends >= request.answer_by && call.hedges == nullptr) {
    caller_->will_be_late(request.operation, request.attempt);
  } else {
    caller_->held_up(request.operation, request.attempt);
  }
}

bool Gateway::waits_for(OperationName operation, std::uint16_t attempt) const {
  const Call* call = call_of(operation, attempt);
  return call != nullptr && caller_->waits_for(operation, call->visit.request.attempt);
}

TraceEvent Gateway::event(TraceKind kind, OperationName operation, std::uint16_t attempt) const {
  TraceEvent event;
  event.at = choice_.now();
  event.kind = kind;
  event.layer = settings_.layer;
  event.operation = operation;
  event.attempt = attempt;
  return event;
}

Gateways::Gateways(Arena& arena, Choice& choice, Trace& trace, Destination& last,
                   const std::vector<GatewaySettings>& settings)
    : arena_(arena), front_(&last), gateways_(ArenaAllocator<Gateway*>(arena)) {
  for (std::size_t left = settings.size(); left > 0; --left) {
    gateways_.push_back(arena.create<Gateway>(arena, choice, trace, *front_, settings[left - 1]));
    front_ = gateways_.back();
  }
}

Gateways::~Gateways() {
  for (Gateway* gateway : gateways_) {
    arena_.destroy(gateway);
  }
}

GatewayCounts Gateways::counts() const {
  GatewayCounts all;
  for (const Gateway* gateway : gateways_) {
    all.attempts += gateway->counts().attempts;
    all.timeouts += gateway->counts().timeouts;
    all.for_nobody += gateway->counts().for_nobody;
    all.retries_denied += gateway->counts().retries_denied;
    all.calls_refused_by_breaker += gateway->counts().calls_refused_by_breaker;
    all.hedges += gateway->counts().hedges;
  }
  return all;
}

}  // namespace racelab
