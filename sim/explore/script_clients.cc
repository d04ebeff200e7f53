// What clients of endpoints in SQL do: issue, wait, ask again, remember.
#include <algorithm>

#include "sim/explore/script_model.h"

namespace racelab {

void ScriptModel::issue(std::uint8_t client) {
  Client& it = state_.clients[client];
  if (first_[client] + it.operation == first_[client + std::size_t{1}]) {
    return;
  }
  it.attempt = 1;
  it.in_doubt = false;
  it.waits = true;
  it.retry = setup_.retry.start();
  record_of(client, it.operation).memory = it.memory;
  send_request(client, 0);
}

void ScriptModel::send_request(std::uint8_t client, std::uint8_t copy) {
  const Client& it = state_.clients[client];
  state_.requests.push_back({client, it.operation, it.attempt, copy});
  std::sort(state_.requests.begin(), state_.requests.end(),
            [](const Request& a, const Request& b) { return a.who() < b.who(); });
}

void ScriptModel::reply(const Who& who) {
  const Handler it = state_.handlers[index_of(who)];
  ScriptOperation& record = record_of(it.client, it.operation);
  record.found_locked[it.attempt] = it.run.found_locked();
  record.left_open = record.left_open || it.run.left_open();
  remove(index_of(who));
  const Client& client = state_.clients[it.client];
  const bool awaited =
      client.waits && !it.slow && client.operation == it.operation && client.attempt == it.attempt;
  const ScriptReply& answer = it.run.reply();
  if (tells_) {
    std::string text = std::to_string(answer.status);
    for (std::size_t i = 0; i < answer.values.size(); ++i) {
      text += ' ' + it.run.script().variables[it.run.script().reply[i]] + '=' +
              sql::to_line(answer.values[i]);
    }
    for (std::size_t i = 0; i < answer.rows.size(); ++i) {
      text += ' ' + it.run.script().rows[i] + '=' + std::to_string(answer.rows[i].size()) + " rows";
    }
    happened(Happened::Kind::replied, who, text, awaited ? "" : "nobody waits for it");
  }
  if (!awaited) {
    return;
  }
  const bool own = stepping_.kind == Step::Kind::request || stepping_.kind == Step::Kind::statement;
  effects_.own_reply =
      effects_.own_reply || (own && stepping_.client == it.client && effects_.replies < 8);
  send_reply(who, answer, answer_of(answer, it.run.script()));
}

ReplyBudget ScriptModel::reply_budget() const {
  const auto left = [this](FaultKind kind) {
    const auto place = static_cast<std::size_t>(kind);
    return budget_[place] - std::min<std::uint32_t>(budget_[place], state_.struck[place]);
  };
  return {.lose = left(FaultKind::lose_reply),
          .reset = left(FaultKind::reset_reply),
          .in_all = budget_in_all_ - std::min(budget_in_all_, state_.struck_in_all)};
}

// A reply that somebody waits for goes out; a fault may befall it.
void ScriptModel::send_reply(const Who& who, const ScriptReply& reply, Reply as) {
  if (effects_.replies == 8) {
    state_.overflowed = true;
    return;
  }
  const Fault fault = fault_of_reply(stepping_, effects_.replies);
  ++effects_.replies;
  if (fault == Fault::none) {
    take_reply(who, reply, as);
    return;
  }
  strike(kind_of(fault));
  unheard_.push_back(who);
  if (fault == Fault::lose_reply) {
    happened(Happened::Kind::lost, who, "the reply is lost");
    return;
  }
  happened(Happened::Kind::lost, who, "the connection is reset instead of the reply");
  fail_attempt(who.client, Reply::reset());
}

// A request meets a fault that ends its call before there is a handler.
void ScriptModel::end_call(const Who& who, Fault fault) {
  switch (fault) {
    case Fault::refuse_call:
      happened(Happened::Kind::lost, who, "the connection is refused");
      fail_attempt(who.client, Reply::unreachable());
      break;
    case Fault::reset_call:
      happened(Happened::Kind::lost, who, "the connection is reset before the request is read");
      fail_attempt(who.client, Reply::reset());
      break;
    case Fault::fail_call: {
      const Reply answer = answer_of(setup_.settings.failed_call);
      ScriptReply reply;
      reply.status = status_of(answer);
      happened(Happened::Kind::lost, who,
               "the service answers " + std::to_string(reply.status) + " at once");
      send_reply(who, reply, answer);
      break;
    }
    default:
      happened(Happened::Kind::lost, who, "the request is lost");
  }
}

void ScriptModel::take_reply(const Who& who, const ScriptReply& reply, Reply as) {
  ScriptOperation& record = record_of(who.client, who.operation);
  record.reply = reply;
  record.answered_attempt = who.attempt;
  if (as == Reply::ok()) {
    tell_client(who.client, ScriptTold::ok);
  } else if (as == Reply::refused()) {
    tell_client(who.client, ScriptTold::refused);
  } else {
    fail_attempt(who.client, as);
  }
}

// An attempt has ended without having done anything, or without an answer; the client asks again, or gives up. (Pauses take no time
// here, and nothing is drawn.)
void ScriptModel::fail_attempt(std::uint8_t client, const std::optional<Reply>& heard) {
  Client& it = state_.clients[client];
  it.in_doubt = it.in_doubt || !heard || heard->leaves_doubt();
  const RetryPolicy::Next next =
      setup_.retry.after({.failure = failure_of(heard), .attempt = it.attempt}, it.retry,
                         [](Duration low, Duration /*high*/) { return low; });
  if (next.again) {
    ++it.attempt;
    send_request(client, 0);
    return;
  }
  const auto of_this = [&](const auto& other) {
    return other.client == client && other.operation == it.operation;
  };
  const bool alive = std::any_of(state_.handlers.begin(), state_.handlers.end(), of_this) ||
                     std::any_of(state_.requests.begin(), state_.requests.end(), of_this);
  tell_client(client, it.in_doubt || alive ? ScriptTold::unknown : ScriptTold::failed);
}

void ScriptModel::tell_client(std::uint8_t client, ScriptTold told) {
  Client& it = state_.clients[client];
  ScriptOperation& record = record_of(client, it.operation);
  record.told = told;
  if (record.answered()) {
    record.answered_at = server().clock();
    record.answered_as = ++state_.answered;
  }
  if (told == ScriptTold::ok) {
    remember(record, it.memory);
  }
  if (told == ScriptTold::failed || told == ScriptTold::unknown) {
    happened(Happened::Kind::told, {client, it.operation, it.attempt, 0},
             told == ScriptTold::failed ? "gives up: not done" : "gives up, and does not know");
  }
  it.waits = false;
  ++it.operation;
  issue(client);
}

// Whoever waits for an answer that can no longer come asks again.
// As the store once did everywhere: whoever closes a circle fails at once. That is the handler whose step it was, or one that went on
// in it and waits again.
void ScriptModel::end_circles(const Step& step) {
  while (true) {
    const Handler* closer = nullptr;
    for (const Handler& it : state_.handlers) {
      const bool is_one = server().waiting(it.session) && server().deadlocked(it.session);
      closer = is_one && (closer == nullptr || it.client == step.client) ? &it : closer;
    }
    if (closer == nullptr) {
      return;
    }
    const Who who = closer->who();
    effects_.near_misses.add(NearMiss::deadlock);
    server().end_wait(closer->session, sql::state::deadlock_detected);
    completed(who);
    settle();
  }
}

void ScriptModel::check_waiting() {
  for (std::uint8_t client = 0; client < setup_.clients(); ++client) {
    while (state_.clients[client].waits) {
      const Client& it = state_.clients[client];
      const auto answers = [&](const auto& other) {
        return other.client == client && other.operation == it.operation &&
               other.attempt == it.attempt;
      };
      const bool may =
          std::any_of(state_.requests.begin(), state_.requests.end(), answers) ||
          std::any_of(state_.handlers.begin(), state_.handlers.end(),
                      [&](const Handler& h) { return answers(h) && !h.dead && !h.slow; });
      if (may) {
        break;
      }
      fail_attempt(client, std::nullopt);
    }
  }
}

}  // namespace racelab
