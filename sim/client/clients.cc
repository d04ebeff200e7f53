// The client as a coroutine: perform() is the whole story of one operation.
#include "sim/client/clients.h"

#include "sim/client/call.h"

namespace racelab {

Task<> Clients::perform(Client& client, std::uint32_t number, TaskRoot& root) {
  Clients& all = client.all;
  const OperationName operation{client.index, number};
  all.begin(client, operation);
  bool& in_doubt = all.operations_[all.index_of(operation)].in_doubt;
  LimitedAttempt limited;
  for (std::uint16_t attempt = 1;; ++attempt) {
    if (!all.may_send(client, operation, attempt, limited)) {
      all.tell(operation, all.given_up(operation, in_doubt));
      co_return;
    }
    const std::optional<Reply> reply = co_await Call(client, root, number, attempt);
    all.note_outcome(client, number, limited, reply);
    if (reply == Reply::ok()) {
      all.tell(operation, Told::ok);
      co_return;
    }
    in_doubt = in_doubt || !reply || reply->leaves_doubt();
    if (reply == Reply::refused() && all.settings_.refusals_are_answers) {
      all.tell(operation, Told::refused);
      co_return;
    }
    const RetryPolicy::Next next = all.after_failure(operation, attempt, reply);
    if (!next.again ||
        (!next.resend && !all.may_retry(client, operation, attempt, failure_of(reply)))) {
      all.tell(operation, all.given_up(operation, in_doubt));
      co_return;
    }
    limited.is_retry = !next.resend;
    if (next.pauses) {
      const DrawName name{client.index, number, attempt, Purpose::backoff, 0};
      co_await Sleep(client, root, name, Delay::exactly(next.pause));
    }
  }
}

Task<> Clients::closed_loop(Client& client) {
  const Duration think = client.all.settings_.think_time;
  for (std::uint32_t number = 0; number < client.all.given_to(client.index); ++number) {
    if (think > Duration{}) {
      const Delay delay{think / 2, think + think / 2};
      const DrawName name{client.index, number, 0, Purpose::think_time, 0};
      co_await Sleep(client, client.root, name, delay);
    }
    if (client.all.too_late_to_start()) {
      co_return;
    }
    co_await client.all.performance(client, number, client.root);
  }
}

Task<> Clients::open_loop(Client& client) {
  Clients& all = client.all;
  for (std::uint32_t number = 0; number < all.given_to(client.index); ++number) {
    const Delay delay = Delay::exponentially(all.mean_before_arrival(number));
    const DrawName name{client.index, number, 0, Purpose::arrival, 0};
    co_await Sleep(client, client.root, name, delay);
    if (all.too_late_to_start()) {
      co_return;
    }
    auto* performance = all.arena_.create<Performance>();
    client.performances.push_back(*performance);
    spawn(performance->root, all.arena_, all.performance(client, number, performance->root));
    performance->root.run();
  }
}

Task<> Clients::performance(Client& client, std::uint32_t number, TaskRoot& root) const {
  return settings_.retry.hedge_after ? perform_hedged(client, number, root)
                                     : perform(client, number, root);
}

Clients::Clients(Arena& arena, Choice& choice, Trace& trace, Destination& service,
                 const Workload& workload, const ClientSettings& settings,
                 const ArenaVector<const Endpoint*>& endpoints, ClientObserver* observer)
    : arena_(arena),
      choice_(choice),
      trace_(trace),
      service_(service),
      workload_(workload),
      settings_(settings),
      observer_(observer),
      clients_(ArenaAllocator<Client*>(arena)),
      operations_(ArenaAllocator<OperationRecord>(arena)),
      calls_(ArenaAllocator<Call*>(arena)) {
  const std::size_t total = std::size_t{settings.clients} * settings.operations;
  operations_.resize(total);
  calls_.resize(total, nullptr);
  for (std::uint32_t index = 0; index < settings.clients; ++index) {
    clients_.push_back(arena.create<Client>(*this, index, *endpoints[index % endpoints.size()]));
  }
  service.set_caller(*this);
}

Clients::~Clients() {
  for (Client* client : clients_) {
    client->root.kill();
    while (Performance* performance = client->performances.front()) {
      client->performances.remove(*performance);
      performance->root.kill();
      arena_.destroy(performance);
    }
    arena_.destroy(client);
  }
}

void Clients::start() {
  for (std::uint32_t client = 0; client < clients_.size(); ++client) {
    start(client);
  }
}

void Clients::start(std::uint32_t client) {
  if (given_to(client) == 0) {
    return;
  }
  Client& starting = *clients_[client];
  spawn(starting.root, arena_,
        settings_.arrivals_per_second > 0 ? open_loop(starting) : closed_loop(starting));
  starting.root.run();
}

void Clients::happen(Pending& pending) {
  if (pending.happening == Happening::timer) {
    static_cast<Sleep&>(pending).happen();
    return;
  }
  Call& call = static_cast<Call&>(pending);
  ++counts_.timeouts;
  counts_.late_calls += call.answers_expected > 0 && !call.late ? 1 : 0;
  trace_.add(event(TraceKind::timed_out, {pending.name.client, pending.name.operation},
                   pending.name.attempt));
  if (settings_.retry.cancels) {
    cancel({pending.name.client, pending.name.operation}, pending.name.attempt);
  }
  call.finish(std::nullopt);
}

void Clients::cancel(OperationName operation, std::uint16_t attempt) {
  trace_.add(event(TraceKind::cancel_sent, operation, attempt));
  service_.cancel(operation, attempt);
}

std::uint32_t Clients::issued_by(std::uint32_t client) const {
  return settings_.until > Duration{} ? clients_[client]->started : given_to(client);
}

namespace {

// The mean of the gap before an operation, so that operations come at the rate.
//
// Gaps are whole microseconds, and so are their means. A mean of m makes gaps of m - 1/2 on average, as what is drawn is
// rounded down. Up to a thousand per second neither is seen: the gaps are short by 0.15% at most. Beyond, the means of an
// operation and the next differ where they must, so that they are half a microsecond more than the rate's on average.
Duration mean_at(std::int64_t per_second, std::int64_t number) {
  constexpr std::int64_t rounding_is_seen = 1'000;
  if (per_second <= rounding_is_seen) {
    return seconds(1) / per_second;
  }
  const std::int64_t halves = 2 * seconds(1).microseconds + per_second;  // per 2 x per_second gaps
  const auto before = [=](std::int64_t gap) { return gap * halves / (2 * per_second); };
  return {before(number + 1) - before(number)};
}

}  // namespace

// The rate that holds when the gap begins, as in the simulator that the budget comes from (its SpikeLoadGenerator).
Duration Clients::mean_before_arrival(std::uint32_t number) const {
  const Instant now = choice_.now();
  const Instant from = Instant{} + settings_.spike_at;
  const bool spike =
      settings_.spike_arrivals_per_second > 0 && now >= from && now < from + settings_.spike_for;
  return mean_at(spike ? settings_.spike_arrivals_per_second : settings_.arrivals_per_second,
                 number);
}

bool Clients::may_send(Client& client, OperationName operation, std::uint16_t attempt,
                       LimitedAttempt& limited) {
  if (client.limits.may_send(limited, choice_.now())) {
    return true;
  }
  ++counts_.calls_refused_by_breaker;
  trace_.add(event(TraceKind::not_sent, operation, attempt));
  return false;
}

RetryPolicy::Next Clients::after_failure(OperationName operation, std::uint16_t attempt,
                                         const std::optional<Reply>& reply) {
  if (reply == Reply::refused()) {
    return {};
  }
  OperationRecord& record = operations_[index_of(operation)];
  const DrawName name{operation.client, operation.operation, attempt, Purpose::backoff, 0};
  return settings_.retry.after(
      {.failure = failure_of(reply),
       .attempt = attempt,
       .retry_after = reply ? reply->retry_after : Duration{},
       .since_start = choice_.now() - record.started},
      record.retry, [&](Duration low, Duration high) { return choice_.uniform(name, low, high); });
}

bool Clients::may_retry(Client& client, OperationName operation, std::uint16_t attempt,
                        Failure failure) {
  const RetryLimits::Verdict verdict = client.limits.allows_retry(failure);
  if (verdict == RetryLimits::Verdict::allowed) {
    operations_[index_of(operation)].retry.tokens_taken = client.limits.cost_of(failure);
    return true;
  }
  ++counts_.retries_denied;
  TraceEvent denied = event(TraceKind::no_retry, operation, attempt);
  denied.by_breaker = verdict == RetryLimits::Verdict::breaker;
  trace_.add(denied);
  return false;
}

void Clients::note_outcome(Client& client, std::uint32_t number, const LimitedAttempt& limited,
                           const std::optional<Reply>& reply) {
  const std::uint32_t taken = operations_[index_of({client.index, number})].retry.tokens_taken;
  client.limits.ended(limited, number, reply, taken, choice_.now());
}

void Clients::send(Client& client, std::uint32_t number, const Call& call) {
  const std::uint16_t attempt = call.attempt;
  const OperationName operation{client.index, number};
  ++counts_.attempts;
  operations_[index_of(operation)].attempts = attempt;
  trace_.add(event(TraceKind::request_sent, operation, attempt));
  const bool new_key = client.endpoint.key_per_attempt || settings_.retry.key != KeySent::kept;
  // What is sent again on a new connection is the same request.
  const int resent = operations_[index_of(operation)].retry.resent ? 1 : 0;
  const auto key_attempt = static_cast<std::uint16_t>(new_key ? attempt - resent : 0);
  const Request request{.operation = operation,
                        .attempt = attempt,
                        .key = RowKey::idempotency(client.index, number, key_attempt),
                        .fingerprint = static_cast<std::int64_t>(index_of(operation)),
                        .change = workload_.change(operation),
                        .answer_by = call.ends};
  service_.send(request, client.endpoint);
}

Clients::Call* Clients::call_of(OperationName operation, std::uint16_t attempt) const {
  Call* call = calls_[index_of(operation)];
  while (call != nullptr && call->attempt != attempt) {
    call = call->beside;
  }
  return call;
}

void Clients::receive(OperationName operation, std::uint16_t attempt, std::uint8_t copy,
                      Reply reply) {
  Call* call = call_of(operation, attempt);
  TraceEvent received = event(
      call != nullptr ? TraceKind::reply_received : TraceKind::reply_ignored, operation, attempt);
  received.copy = copy;
  received.reply = reply.kind;
  trace_.add(received);
  if (call == nullptr) {
    return;
  }
  if (observer_ != nullptr && reply.said_by_service()) {
    observer_->heard(operation, attempt, copy);
  }
  call->finish(reply);
}

void Clients::expect_answers(OperationName operation, std::uint16_t attempt, int change) {
  if (Call* call = call_of(operation, attempt)) {
    call->answers_expected += change;
    call->certain = call->certain || call->answers_expected == 0;
  }
}

void Clients::will_be_late(OperationName operation, std::uint16_t attempt) {
  if (Call* call = call_of(operation, attempt)) {
    call->late = call->certain = true;
  }
}

void Clients::held_up(OperationName operation, std::uint16_t attempt) {
  if (Call* call = call_of(operation, attempt)) {
    call->late = true;
  }
}

bool Clients::waits_for(OperationName operation, std::uint16_t attempt) const {
  return call_of(operation, attempt) != nullptr;
}

Clients::WaitingCall Clients::waiting_call(OperationName operation) const {
  const Call* call = calls_[index_of(operation)];
  return call == nullptr ? WaitingCall{}
                         : WaitingCall{call->attempt, call->answers_expected, call->late};
}

std::vector<OperationName> Clients::unanswered() const {
  std::vector<OperationName> all;
  for (std::uint32_t client = 0; client < settings_.clients; ++client) {
    for (std::uint32_t number = 0; number < settings_.operations; ++number) {
      if (calls_[index_of({client, number})] != nullptr) {
        all.push_back({client, number});
      }
    }
  }
  return all;
}

void Clients::begin(Client& client, OperationName operation) {
  ++client.started;
  client.limits.begin();
  operations_[index_of(operation)].started = choice_.now();
  operations_[index_of(operation)].retry = settings_.retry.start();
  trace_.add(event(TraceKind::operation_started, operation, 0));
  if (observer_ != nullptr) {
    observer_->issued(operation);
  }
}

void Clients::tell(OperationName operation, Told told) {
  OperationRecord& record = operations_[index_of(operation)];
  record.ended = choice_.now();
  record.finished = true;
  record.told = told;
  TraceEvent knows = event(TraceKind::told, operation, record.attempts);
  knows.told = told;
  trace_.add(knows);
  if (observer_ != nullptr) {
    observer_->told(operation, told);
  }
}

TraceEvent Clients::event(TraceKind kind, OperationName operation, std::uint16_t attempt) const {
  TraceEvent event;
  event.at = choice_.now();
  event.kind = kind;
  event.operation = operation;
  event.attempt = attempt;
  return event;
}

}  // namespace racelab
