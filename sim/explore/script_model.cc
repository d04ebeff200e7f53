// What happens in a step: requests, handlers, replies, clients that ask again. Names and outcomes stand in script_name.cc.
#include "sim/explore/script_model.h"

#include <algorithm>
#include <bit>

#include "sim/explore/one_at_a_time.h"
#include "sim/kernel/expect.h"
#include "sim/kernel/fault_rules.h"

namespace racelab {

namespace {

constexpr std::uint8_t nobody = UINT8_MAX;

// A client's sessions stand side by side; beside each, the line of its handler to other systems.
sql::SessionId session_of(std::uint8_t client, std::size_t slot) {
  return static_cast<sql::SessionId>(2 *
                                     ((std::size_t{client} * ScriptModel::handlers_max) + slot));
}

}  // namespace

unsigned ScriptStep::faults() const {
  return (request_fault != Fault::none ? 1U : 0U) + (statement_fault != Fault::none ? 1U : 0U) +
         (kind == Kind::time_passes ? 1U : 0U) + static_cast<unsigned>(std::popcount(replies_lost));
}

ScriptModel::ScriptModel(const ScriptSetup& setup, OneAtATime& rule,
                         std::vector<std::uint32_t> issued)
    : ScriptModel(setup, rule, nullptr, std::move(issued)) {}

ScriptModel::ScriptModel(const ScriptSetup& setup, OneAtATime& rule, sql::Server& on,
                         std::vector<std::uint32_t> issued)
    : ScriptModel(setup, rule, &on, std::move(issued)) {}

ScriptModel::ScriptModel(const ScriptSetup& setup, OneAtATime& rule, sql::Server* on,
                         std::vector<std::uint32_t> issued)
    : setup_(setup), rule_(rule), on_(on), issued_(std::move(issued)), state_(*setup.start) {
  budget_in_all_ = setup.faults.total_max.value_or(UINT32_MAX);
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    budget_[kind] = setup.faults.settings[kind].max.value_or(
        setup.faults.settings[kind].rate_parts_per_billion > 0 ? UINT32_MAX : 0);
  }
  server().set_clock(script_clock);
  for (std::uint8_t client = 0; client < setup.clients(); ++client) {
    first_.push_back(state_.operations.size());
    const std::size_t planned = setup.plan[client].size();
    const std::size_t there =
        issued_.empty() ? planned : std::min<std::size_t>(planned, issued_[client]);
    for (std::size_t number = 0; number < there; ++number) {
      ScriptOperation& record = state_.operations.emplace_back();
      record.client = client;
      record.number = static_cast<std::uint32_t>(number);
      record.script = setup.scripts[setup.plan[client][number]].get();
    }
    Client& it = state_.clients.emplace_back();
    it.memory = setup.parameters[client];
  }
  first_.push_back(state_.operations.size());
  for (std::uint8_t client = 0; client < setup.clients(); ++client) {
    issue(client);
  }
}

void ScriptModel::save(Saved& into) const {
  RACELAB_EXPECT(on_ == nullptr);
  if (into) {
    *into = state_;
  } else {
    into = std::make_unique<State>(state_);
  }
}

// ---- alternatives

std::vector<std::size_t> ScriptModel::handlers_of(std::uint8_t client) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < state_.handlers.size(); ++i) {
    if (state_.handlers[i].client == client) {
      found.push_back(i);
    }
  }
  return found;
}

std::vector<std::size_t> ScriptModel::requests_of(std::uint8_t client) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < state_.requests.size(); ++i) {
    if (state_.requests[i].client == client) {
      found.push_back(i);
    }
  }
  return found;
}

std::size_t ScriptModel::index_of(const Who& who) const {
  std::size_t index = 0;
  while (index < state_.handlers.size() && state_.handlers[index].who() != who) {
    ++index;
  }
  return index;
}

const ScriptModel::Handler* ScriptModel::handler(const Who& who) const {
  const std::size_t index = index_of(who);
  return index < state_.handlers.size() ? &state_.handlers[index] : nullptr;
}

bool ScriptModel::budget_left(FaultKind kind) const {
  return state_.struck[static_cast<std::size_t>(kind)] < budget_[static_cast<std::size_t>(kind)] &&
         state_.struck_in_all < budget_in_all_;
}

void ScriptModel::strike(FaultKind kind) {
  ++state_.struck[static_cast<std::size_t>(kind)];
  ++state_.struck_in_all;
}

void ScriptModel::add_statement_faults(const Step& step, std::vector<Step>& steps) const {
  const std::uint32_t already = step.request_fault != Fault::none ? 1 : 0;
  if (state_.struck_in_all + already >= budget_in_all_) {
    return;
  }
  for (const FaultRule& rule : fault_rules) {
    if (rule.target == FaultTarget::statement && budget_left(rule.kind) &&
        allows(setup_.faults.session_loss, rule.fault)) {
      Step struck = step;
      struck.statement_fault = rule.fault;
      steps.push_back(struck);
    }
  }
}

void ScriptModel::alternatives(std::vector<Step>& steps) const {
  for (std::uint8_t client = 0; client < setup_.clients(); ++client) {
    const std::vector<std::size_t> requests = requests_of(client);
    for (std::size_t place = 0; place < requests.size(); ++place) {
      Step step;
      step.client = client;
      step.kind = Step::Kind::request;
      step.place = static_cast<std::uint8_t>(place);
      steps.push_back(step);
      add_statement_faults(step, steps);
      if (state_.requests[requests[place]].copy == 0) {
        for (const Fault fault : ending_faults) {
          if (budget_left(kind_of(fault))) {
            step.request_fault = fault;
            steps.push_back(step);
          }
        }
        if (budget_left(FaultKind::duplicate_delivery)) {
          step.request_fault = Fault::duplicate_delivery;
          steps.push_back(step);
          add_statement_faults(step, steps);
        }
      }
    }
    const std::vector<std::size_t> handlers = handlers_of(client);
    for (std::size_t place = 0; place < handlers.size(); ++place) {
      const Handler& it = state_.handlers[handlers[place]];
      Step step;
      step.client = client;
      step.place = static_cast<std::uint8_t>(place);
      if (it.dead && !it.waits) {
        step.kind = Step::Kind::session_end;
        if (setup_.session_timeout) {
          steps.push_back(step);
        }
      } else if (it.waits) {
        if (setup_.lock_timeout) {
          step.kind = Step::Kind::lock_timeout;
          steps.push_back(step);
        }
        if (server().deadlocked(it.session)) {
          step.kind = Step::Kind::deadlock;
          steps.push_back(step);
        }
      } else {
        step.kind = Step::Kind::statement;
        steps.push_back(step);
        add_statement_faults(step, steps);
      }
    }
  }
  if (!steps.empty() && state_.time_passed < setup_.time_passes_max &&
      state_.struck_in_all < budget_in_all_) {
    Step step;
    step.client = nobody;
    step.kind = Step::Kind::time_passes;
    steps.push_back(step);
  }
}

ScriptWho ScriptModel::who(const Step& step) const {
  if (step.kind == Step::Kind::time_passes) {
    return {nobody, 0, 0, 0};
  }
  return step.kind == Step::Kind::request
             ? state_.requests[requests_of(step.client)[step.place]].who()
             : state_.handlers[handlers_of(step.client)[step.place]].who();
}

void ScriptModel::variants(const Step& step, const Effects& effects,
                           std::vector<Step>& steps) const {
  effects.branches.each_other(effects.given, [&](const Branches::Ways& ways) {
    Step other = step;
    other.ways = ways;
    steps.push_back(other);
  });
  if (step.replies_lost != 0) {
    return;
  }
  each_reply_fault(effects.replies, reply_budget(), [&](std::uint8_t lost, std::uint8_t reset) {
    Step other = step;
    other.ways = effects.branches.taken();
    other.replies_lost = lost;
    other.replies_reset = reset;
    steps.push_back(other);
  });
  const bool issues = step.kind == Step::Kind::request || step.kind == Step::Kind::statement;
  if (issues && effects.own_reply && step.statement_fault == Fault::none && effects.given == 0 &&
      budget_left(FaultKind::slow_call)) {
    Step other = step;
    other.statement_fault = Fault::slow_call;
    steps.push_back(other);
  }
}

// ---- taking a step

const ScriptModel::Effects& ScriptModel::take(const Step& step) {
  stepping_ = step;
  effects_ = {};
  effects_.branches = Branches(step.ways);
  effects_.given = step.ways.size();
  unheard_.clear();
  happened_.clear();
  switch (step.kind) {
    case Step::Kind::time_passes:
      ++state_.time_passed;
      ++state_.struck_in_all;
      server().set_clock(server().clock() + setup_.time_passes_by);
      happened(Happened::Kind::time, {nobody, 0, 0, 0},
               sql::to_text(sql::Value::of(sql::Type::interval, setup_.time_passes_by)) + " pass");
      break;
    case Step::Kind::request: {
      const std::size_t index = requests_of(step.client)[step.place];
      const Request request = state_.requests[index];
      state_.requests.erase(state_.requests.begin() + static_cast<std::ptrdiff_t>(index));
      note_issue(request.who());
      if (step.request_fault != Fault::none) {
        strike(kind_of(step.request_fault));
      }
      if (ends_call(step.request_fault)) {
        end_call(request.who(), step.request_fault);
        break;
      }
      if (step.request_fault == Fault::duplicate_delivery) {
        happened(Happened::Kind::lost, request.who(), "the request is delivered twice");
        Request copy = request;
        copy.copy = 1;
        state_.requests.push_back(copy);
        std::sort(state_.requests.begin(), state_.requests.end(),
                  [](const Request& a, const Request& b) { return a.who() < b.who(); });
      }
      send(start_handler(request), step.statement_fault);
      break;
    }
    case Step::Kind::statement:
      send(who(step), step.statement_fault);
      break;
    case Step::Kind::lock_timeout:
    case Step::Kind::deadlock: {
      const Who it = who(step);
      const sql::SessionId session = state_.handlers[index_of(it)].session;
      if (step.kind == Step::Kind::deadlock) {
        effects_.near_misses.add(NearMiss::deadlock);
        server().end_wait(session, sql::state::deadlock_detected);
      } else {
        effects_.near_misses.add(NearMiss::long_wait);
        server().end_wait(session, sql::state::lock_not_available);
      }
      completed(it);
      settle();
      break;
    }
    case Step::Kind::session_end: {
      const std::size_t index = index_of(who(step));
      happened(Happened::Kind::died, state_.handlers[index].who(),
               "the server notices that the session is dead, and rolls back");
      remove(index);
      settle();
      break;
    }
  }
  if (setup_.settings.grants_first) {
    end_circles(step);
  }
  check_waiting();
  if (on_ == nullptr) {
    state_.database.vacuum();
  }
  return effects_;
}

void ScriptModel::note_issue(const Who& who) {
  ScriptOperation& record = record_of(who.client, who.operation);
  if (record.issued) {
    return;
  }
  record.issued = true;
  record.issued_at = server().clock();
  record.issued_after = state_.answered;
}

ScriptWho ScriptModel::start_handler(const Request& request) {
  ScriptOperation& record = record_of(request.client, request.operation);
  std::size_t slot = 0;
  for (bool taken = true; taken;) {
    taken = std::any_of(state_.handlers.begin(), state_.handlers.end(), [&](const Handler& it) {
      return it.session == session_of(request.client, slot);
    });
    slot += taken ? 1 : 0;
  }
  if (slot >= handlers_max) {
    state_.overflowed = true;
    slot = handlers_max - 1;
    const auto oldest = std::find_if(
        state_.handlers.begin(), state_.handlers.end(),
        [&](const Handler& it) { return it.session == session_of(request.client, slot); });
    remove(static_cast<std::size_t>(oldest - state_.handlers.begin()));
  }
  Handler made{.client = request.client,
               .operation = request.operation,
               .attempt = request.attempt,
               .copy = request.copy,
               .session = session_of(request.client, slot),
               .run = ScriptRun(*record.script, setup_.rules,
                                given_variables(*record.script, request.client, request.operation,
                                                request.attempt, record.memory))};
  record.delivered |= std::uint32_t{1} << std::min<std::uint8_t>(request.attempt, 31);
  server().connect(made.session, setup_.rules.standard());
  made.run.start(server(), made.session);
  state_.handlers.push_back(std::move(made));
  std::sort(state_.handlers.begin(), state_.handlers.end(),
            [](const Handler& a, const Handler& b) { return a.who() < b.who(); });
  return request.who();
}

void ScriptModel::send(const Who& who, Fault fault) {
  const std::size_t index = index_of(who);
  Handler& it = state_.handlers[index];
  if (fault != Fault::none) {
    strike(kind_of(fault));
  }
  if (fault == Fault::slow_call) {
    happened(Happened::Kind::lost, who, "the client waits no longer; the handler goes on");
    it.slow = true;
    return;
  }
  if (fault == Fault::crash || fault == Fault::lose_session_before) {
    happened(Happened::Kind::died, who,
             fault == Fault::crash ? "the handler dies" : "the session is lost");
    die(index);
    settle();
    return;
  }
  it.answer_lost = fault == Fault::lose_session_after;
  if (it.run.finished()) {  // it needs no statement
    if (it.answer_lost) {
      die(index);
    } else {
      reply(who);
    }
    return;
  }
  std::vector<std::string> before;
  std::string text;
  if (tells_) {
    before = it.run.before_text();
    text = it.run.pending_text();
  }
  const std::uint32_t line = it.run.pending_line();
  const bool waits = it.run.send(server(), !it.answer_lost) == sql::Server::Progress::waiting;
  if (tells_) {
    std::string answer;
    if (waits) {
      for (const sql::SessionId other : server().blockers(it.session)) {
        for (const Handler& handler : state_.handlers) {
          if (handler.session == other) {
            answer +=
                (answer.empty() ? "" : ", ") + std::string(1, letter_of_client(handler.client));
          }
        }
      }
    } else {
      answer = answer_text(it.run.last(), it.run.last_counts());
    }
    happened(waits ? Happened::Kind::waits : Happened::Kind::sent, who, text, answer);
    happened_.back().before = before;
    happened_.back().line = line;
  }
  if (waits) {
    it.waits = true;
    effects_.near_misses.add(NearMiss::wait);
  } else {
    after_answer(who);
  }
  settle();
}

// Everybody who can go on does, until nobody can.
void ScriptModel::settle() {
  while (true) {
    server().settle(effects_.branches);
    if (server().woken().empty()) {
      return;
    }
    std::vector<Who> woken;
    for (const sql::SessionId session : server().woken()) {
      for (const Handler& it : state_.handlers) {
        if (it.session == session) {
          woken.push_back(it.who());
        }
      }
    }
    server().clear_woken();
    for (const Who& who : woken) {
      completed(who);
    }
  }
}

void ScriptModel::completed(const Who& who) {
  Handler& it = state_.handlers[index_of(who)];
  it.waits = false;
  if (tells_) {
    happened(Happened::Kind::answered, who, it.run.pending_text(),
             answer_text(server().result(it.session), true));
    happened_.back().line = it.run.pending_line();
  }
  if (!it.dead && !it.answer_lost) {
    it.run.completed(server());
  }
  after_answer(who);
}

void ScriptModel::after_answer(const Who& who) {
  const std::size_t index = index_of(who);
  Handler& it = state_.handlers[index];
  if (!it.run.open_order().empty()) {
    open_orders_.emplace(std::pair(it.run.script().file, it.run.last_line()), it.run.open_order());
  }
  const sql::SqlState error = it.run.last().error;
  if (error == sql::state::serialization_failure) {
    effects_.near_misses.add(NearMiss::stale_write);
  } else if (error == sql::state::unique_violation) {
    effects_.near_misses.add(NearMiss::repeated_operation);
  }
  if (it.dead) {  // nobody listens; what it did at autocommit stands
    if (!server().in_transaction(it.session)) {
      remove(index);
    }
    return;
  }
  if (it.answer_lost) {
    happened(Happened::Kind::died, who, "the session is lost before the answer");
    die(index);
    return;
  }
  if (it.run.finished()) {
    reply(who);
  }
}

void ScriptModel::die(std::size_t index) {
  Handler& it = state_.handlers[index];
  it.dead = true;
  record_of(it.client, it.operation).found_locked[it.attempt] = it.run.found_locked();
  if (!server().in_transaction(it.session) && !server().waiting(it.session)) {
    remove(index);
  }
}

void ScriptModel::remove(std::size_t index) {
  server().disconnect(state_.handlers[index].session);
  state_.handlers.erase(state_.handlers.begin() + static_cast<std::ptrdiff_t>(index));
}

void ScriptModel::happened(Happened::Kind kind, const Who& who, std::string text,
                           std::string answer) {
  if (tells_) {
    happened_.push_back({kind, who, std::move(text), std::move(answer), {}, 0});
  }
}

}  // namespace racelab
