// serve() is the whole story of one request at a gateway; it is a client's perform() that answers instead of being told.
#include "sim/client/gateway.h"

#include <algorithm>
#include <optional>

namespace racelab {

namespace {

std::uint64_t word_of(OperationName operation, std::uint16_t attempt) {
  return (std::uint64_t{operation.client} << 48U) | (std::uint64_t{operation.operation} << 16U) |
         attempt;
}

}  // namespace

// Whatever can happen to a gateway.
struct Gateway::Step : Pending {
  enum class Kind : std::uint8_t { request, reply, pause, timeout };
  Step(Gateway& gateway_, Kind kind_, OperationName operation, std::uint16_t attempt)
      : Pending(Happening::gateway,
                {operation.client, operation.operation, attempt, Purpose::gateway,
                 (std::uint32_t{gateway_.settings_.layer} << 2U) | static_cast<unsigned>(kind_)}),
        gateway(gateway_),
        kind(kind_) {}
  Gateway& gateway;
  Kind kind;
};

// A request that is on its way, or being served.
struct Gateway::Visit : Step {
  Visit(Gateway& gateway_, const Request& request_, const Endpoint& endpoint_)
      : Step(gateway_, Kind::request, request_.operation, request_.attempt),
        request(request_),
        endpoint(endpoint_),
        retry(gateway_.settings_.retry) {}

  /// It is being served from now on.
  void begin(Instant now) {
    since = now;
    if (retry.deadline_passed && request.answer_by != end_of_time) {
      const Duration left = request.answer_by - now;
      retry.deadline = retry.deadline == Duration{} ? left : std::min(left, retry.deadline);
    }
  }
  /// Its caller has given up, and has said so beforehand.
  [[nodiscard]] bool is_over(Instant now) const {
    return retry.deadline_passed && request.answer_by <= now;
  }

  Request request;
  const Endpoint& endpoint;
  RetryPolicy retry;  // as it is for this request
  TaskRoot root;
  Instant since{};  // it is being served
  Visit* before = nullptr;
  Visit* after = nullptr;
};

// A reply on its way to the caller.
struct Gateway::Answer : Step {
  Answer(Gateway& gateway_, const Request& request, Reply reply_)
      : Step(gateway_, Kind::reply, request.operation, request.attempt),
        operation(request.operation),
        attempt(request.attempt),
        reply(reply_) {}
  OperationName operation;
  std::uint16_t attempt;
  Reply reply;
  Answer* before = nullptr;
  Answer* after = nullptr;
};

// co_await: the request's task goes on after a while.
class Gateway::Pause : public Step {
 public:
  Pause(Gateway& gateway_, Visit& visit_, std::uint16_t attempt, const Delay& delay_)
      : Step(gateway_, Kind::pause, visit_.request.operation, attempt), visit(visit_) {
    delay = delay_;
  }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  ~Pause() {
    if (offered) {
      gateway.choice_.withdraw(*this);
    }
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) { gateway.choice_.offer(*this); }
  void await_resume() const noexcept {}

  Visit& visit;
};

// co_await: calls the next layer; the task goes on with the reply, or with nothing when it timed out.
class Gateway::Call : public Step {
 public:
  Call(Gateway& gateway_, Visit& visit_, std::uint16_t attempt_)
      : Step(gateway_, Kind::timeout, visit_.request.operation, attempt_),
        visit(visit_),
        attempt(attempt_) {
    const Instant now = gateway_.choice_.now();
    delay = Delay::exactly(visit_.retry.patience(now - visit_.since));
    ends = delay.high > Duration{} ? now + delay.high : end_of_time;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { end(); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) {
    gateway.calls_[word_of(visit.request.operation, attempt)] = this;
    waiting_ = true;
    gateway.ask_next(*this);
    if (delay.high > Duration{}) {
      gateway.choice_.offer(*this);
    }
  }
  [[nodiscard]] std::optional<Reply> await_resume() const noexcept { return reply_; }

  /// No longer waits: it is answered, has timed out, or its task dies.
  void end() {
    if (offered) {
      gateway.choice_.withdraw(*this);
    }
    if (waiting_) {
      gateway.calls_.erase(word_of(visit.request.operation, attempt));
      waiting_ = false;
    }
  }
  void answer(Reply reply) { reply_ = reply; }

  Visit& visit;
  std::uint16_t attempt;
  Instant ends;              // when it times out
  int answers_expected = 1;  // deliveries that may still be answered

 private:
  bool waiting_ = false;
  std::optional<Reply> reply_;
};

Task<> Gateway::serve(Gateway& gateway, Visit& visit) {
  visit.begin(gateway.choice_.now());
  if (visit.is_over(gateway.choice_.now())) {
    gateway.stay_silent(visit);
    co_return;
  }
  const auto first = (visit.request.attempt - 1U) * visit.retry.attempts_possible();
  bool in_doubt = false;
  RetryState state = visit.retry.start();
  for (std::uint16_t k = 1;; ++k) {
    const auto attempt = static_cast<std::uint16_t>(first + k);
    const std::optional<Reply> reply = co_await Call(gateway, visit, attempt);
    if (reply == Reply::ok()) {
      gateway.answer(visit, *reply);
      co_return;
    }
    if (reply && reply->leaves_doubt()) {
      gateway.caller_->held_up(visit.request.operation, visit.request.attempt);
    }
    in_doubt = in_doubt || !reply || reply->leaves_doubt();
    const RetryPolicy::Next next = gateway.after_failure(visit, k, reply, state);
    if (!next.again) {
      if (in_doubt) {
        gateway.stay_silent(visit);
      } else {
        gateway.answer(visit, *reply);
      }
      co_return;
    }
    if (next.pauses) {
      co_await Pause(gateway, visit, attempt, Delay::exactly(next.pause));
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
}

void Gateway::send(const Request& request, const Endpoint& endpoint) {
  auto* visit = arena_.create<Visit>(*this, request, endpoint);
  visit->delay = settings_.latency;
  visits_.push_back(*visit);
  choice_.offer(*visit);
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
      spawn(visit.root, arena_, serve(*this, visit));
      go_on(visit);
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
      call.end();
      go_on(call.visit);
      break;
    }
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

RetryPolicy::Next Gateway::after_failure(const Visit& visit, std::uint16_t k,
                                         const std::optional<Reply>& reply,
                                         RetryState& state) const {
  if (reply == Reply::refused()) {
    return {};
  }
  const auto first = (visit.request.attempt - 1U) * visit.retry.attempts_possible();
  const DrawName name{
      visit.request.operation.client, visit.request.operation.operation,
      static_cast<std::uint16_t>(first + k), Purpose::gateway,
      (std::uint32_t{settings_.layer} << 2U) | static_cast<unsigned>(Step::Kind::pause)};
  return visit.retry.after(
      {.failure = failure_of(reply),
       .attempt = k,
       .retry_after = reply ? reply->retry_after : Duration{},
       .since_start = choice_.now() - visit.since},
      state, [&](Duration low, Duration high) { return choice_.uniform(name, low, high); });
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
    call->answer(reply);
    call->end();
    go_on(call->visit);
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
  if (call.ends >= request.answer_by) {
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
  }
  return all;
}

}  // namespace racelab
