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
              sql::to_text(answer.values[i]);
    }
    for (std::size_t i = 0; i < answer.rows.size(); ++i) {
      text += ' ' + it.run.script().rows[i] + '=' + std::to_string(answer.rows[i].size()) + " rows";
    }
    happened(Happened::Kind::replied, who, text, awaited ? "" : "nobody waits for it");
  }
  if (!awaited) {
    return;
  }
  if (effects_.replies == 8) {
    state_.overflowed = true;
    return;
  }
  const bool lost = ((stepping_.replies_lost >> effects_.replies) & 1U) != 0;
  ++effects_.replies;
  const bool own = stepping_.kind == Step::Kind::request || stepping_.kind == Step::Kind::statement;
  effects_.own_reply = effects_.own_reply || (own && stepping_.client == it.client);
  if (lost) {
    strike(FaultKind::lose_reply);
    unheard_.push_back(who);
    happened(Happened::Kind::lost, who, "the reply is lost");
    return;
  }
  take_reply(it, answer);
}

void ScriptModel::take_reply(const Handler& handler, const ScriptReply& reply) {
  ScriptOperation& record = record_of(handler.client, handler.operation);
  record.reply = reply;
  record.answered_attempt = handler.attempt;
  const auto& refusals = record.script->refusals;
  const bool refusal = std::find(refusals.begin(), refusals.end(), reply.status) != refusals.end();
  if (reply.ok()) {
    tell_client(handler.client, ScriptTold::ok);
  } else if (reply.status >= 400 && reply.status < 500 && !refusal) {
    tell_client(handler.client, ScriptTold::refused);
  } else {
    ask_again(handler.client);
  }
}

// An attempt has ended without having done anything, or without an answer.
void ScriptModel::ask_again(std::uint8_t client) {
  Client& it = state_.clients[client];
  if (it.attempt < setup_.attempts_max) {
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
      state_.clients[client].in_doubt = true;
      ask_again(client);
    }
  }
}

}  // namespace racelab
