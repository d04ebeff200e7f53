// A handler of an endpoint in SQL while it lives. Only the service looks at it.
#pragma once

#include "sim/service/script_service.h"

namespace racelab {

// What a handler has pending: one of these for each kind of happening that it can meet.
struct ScriptService::Step : Pending {
  Step(Happening happening_, Handler& handler_, const DrawName& name_)
      : Pending(happening_, name_), handler(&handler_) {}
  Handler* handler;
};

struct ScriptService::Handler {
  Handler(const Request& request_, std::uint8_t copy_, ScriptRun run_)
      : request(request_),
        copy(copy_),
        run(std::move(run_)),
        statement(Happening::statement, *this,
                  {request.operation.client, request.operation.operation, request.attempt,
                   Purpose::statement_latency, std::uint32_t{copy_} << 16U}),
        lock_timeout(Happening::lock_timeout, *this, statement.name),
        deadlock_check(Happening::deadlock_check, *this, statement.name),
        session_end(Happening::session_end, *this, statement.name),
        answer(Happening::answer, *this, statement.name),
        work(Happening::work, *this, statement.name) {
    answer.name.purpose = Purpose::answer_latency;
    work.name.purpose = Purpose::service_time;
  }

  Request request;
  std::uint8_t copy;
  sql::SessionId session = sql::nobody;
  ScriptRun run;
  bool waits = false;        // for a lock
  bool answer_lost = false;  // its session breaks as soon as the running statement is done
  bool dead = false;
  Instant started{};
  Instant waits_since{};
  std::uint32_t statements = 0;  // that this try has sent
  std::uint32_t tries = 1;       // as it was when they were counted
  Step statement;
  Step lock_timeout;
  Step deadlock_check;
  Step session_end;
  Step answer;
  Step work;
  Handler* before = nullptr;
  Handler* after = nullptr;
};

}  // namespace racelab
