// A handler while it lives: what it serves, how far it is, and what it has pending. Only the service looks at it.
#pragma once

#include "sim/kernel/task.h"
#include "sim/service/service.h"

namespace racelab {

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
                  {request.operation.client, request.operation.operation, request.attempt,
                   Purpose::statement_latency, std::uint32_t{copy_} << 16U}),
        lock_timeout(Happening::lock_timeout, *this, statement.name),
        deadlock(Happening::deadlock_check, *this, statement.name),
        session_end(Happening::session_end, *this, statement.name),
        answer(Happening::answer, *this, statement.name),
        work(Happening::work, *this, statement.name) {
    answer.name.purpose = Purpose::answer_latency;
    work.name.purpose = Purpose::service_time;
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
  Step deadlock;  // the store ends it, since it waits in a circle
  Step session_end;
  Step answer;
  Step work;
  TaskRoot body;  // last: its frames refer to the rest
  Handler* before = nullptr;
  Handler* after = nullptr;
};

}  // namespace racelab
