// Rehearsing: a script of cues is played to the real client and its real handlers, from the beginning.
#include "sim/explore/process.h"

#include <algorithm>
#include <tuple>

#include "sim/client/clients.h"
#include "sim/kernel/expect.h"
#include "sim/kernel/hash.h"
#include "sim/service/service.h"

namespace racelab {

namespace {

// What an answer is to the handler that gets it: everything that a strategy can see. An idempotency key's note is told from
// the client's own point of view, so that two clients that do the same see the same.
Hash observation(const StatementResult& answer, bool in_transaction,
                 std::int64_t first_fingerprint) {
  Hash hash;
  hash.add(static_cast<std::uint64_t>(answer.error) |
           (std::uint64_t{answer.rolled_back ? 1U : 0U} << 8U) |
           (std::uint64_t{in_transaction ? 1U : 0U} << 9U) |
           (std::uint64_t{answer.written != no_version ? 1U : 0U} << 10U) |
           (std::uint64_t{answer.affected} << 16U));
  for (const SeenRow& row : answer.rows) {
    const bool is_key = row.key.table() == Table::keys;
    hash.add(is_key ? row.key.operation() | (std::uint64_t{1} << 63U) : row.key.packed);
    hash.add(static_cast<std::uint64_t>(row.value));
    hash.add(static_cast<std::uint64_t>(row.note - (is_key ? first_fingerprint : 0)));
  }
  return hash;
}

// Takes what touches nothing shared at once (replies, timers, work, timeouts that are certain), and else only what it was
// given.
class Cued final : public Choice {
 public:
  void cue(Pending* pending, Fault fault) {
    next_ = pending;
    fault_ = fault;
  }
  void strike_replies(Fault fault) { fault_of_replies_ = fault; }
  [[nodiscard]] bool replied() const { return replied_; }
  void forget_replies() { replied_ = false; }
  [[nodiscard]] const std::vector<Pending*>& offered() const { return offered_; }
  void restart() {
    RACELAB_EXPECT(offered_.empty());
    next_ = nullptr;
  }

 protected:
  void add(Pending& pending) override { offered_.push_back(&pending); }
  void take_back(Pending& pending) override {
    offered_.erase(std::find(offered_.begin(), offered_.end(), &pending));
  }
  Occurrence decide() override {
    if (next_ != nullptr) {
      Pending* chosen = next_;
      next_ = nullptr;
      take_back(*chosen);
      return {chosen, fault_};
    }
    const auto private_step = std::find_if(offered_.begin(), offered_.end(), [](const Pending* p) {
      return p->happening == Happening::reply || only_takes_time(p->happening) ||
             (p->happening == Happening::timeout && p->certain);
    });
    if (private_step == offered_.end()) {
      return {};
    }
    Pending* chosen = *private_step;
    offered_.erase(private_step);
    if (chosen->happening != Happening::reply || chosen->immune) {
      return {chosen, Fault::none};
    }
    replied_ = true;
    return {chosen, fault_of_replies_};
  }

 private:
  std::vector<Pending*> offered_;  // in the order they were offered
  Pending* next_ = nullptr;
  Fault fault_ = Fault::none;
  Fault fault_of_replies_ = Fault::none;
  bool replied_ = false;
};

// Answers nothing by itself: every statement waits until the script says what it is answered.
class ScriptedDatabase final : public Database {
 public:
  struct Asked {
    Action::Kind kind;
    std::uint8_t handler;
    std::uint16_t operation;
    Statement statement;
  };
  struct Line {  // of the handler that has this session
    bool open = false;
    bool in_transaction = false;
    bool failed = false;
    bool waiting = false;
    std::uint32_t rows_seen = 0;
    std::uint64_t observed = 0;  // in this try
    StatementResult result;
  };

  void restart() {
    lines_.clear();
    order_.clear();
    asked_.clear();
    woken_.clear();
  }
  void expect_handler_of(std::uint32_t operation) {
    operation_ = static_cast<std::uint16_t>(operation);
  }
  void answer(SessionId session, const StatementResult& result, bool in_transaction,
              std::uint64_t observed) {
    Line& line = lines_[session];
    RACELAB_EXPECT(line.waiting);
    line.waiting = false;
    line.result = result;
    for (SeenRow& row : line.result.rows) {
      row.version = line.rows_seen++;
      row.number = RowVersion(row.version);
    }
    if (line.result.written != no_version) {
      line.result.written = 0;
    }
    line.in_transaction = in_transaction;
    line.failed = in_transaction && result.error != StatementError::none;
    line.observed = combine(line.observed, observed);
    woken_.push_back(session);
  }
  [[nodiscard]] const Line& line(SessionId session) const { return lines_[session]; }
  [[nodiscard]] const std::vector<SessionId>& in_order() const { return order_; }
  [[nodiscard]] std::vector<Asked>& asked() { return asked_; }

  SessionId connect() override {
    SessionId session = 0;
    while (session < lines_.size() && lines_[session].open) {
      ++session;
    }
    if (session == lines_.size()) {
      lines_.emplace_back();
    }
    lines_[session] = {};
    lines_[session].open = true;
    order_.push_back(session);
    note(Action::Kind::connect, session, Statement::commit());
    return session;
  }
  void disconnect(SessionId session) override {
    note(Action::Kind::disconnect, session, Statement::commit());
    order_.erase(std::find(order_.begin(), order_.end(), session));
    lines_[session].open = false;
  }
  void set_execution(SessionId session, ExecutionId /*execution*/) override {
    lines_[session].observed = 0;
    lines_[session].rows_seen = 0;
    note(Action::Kind::start_try, session, Statement::commit());
  }
  Progress execute(SessionId session, const Statement& statement) override {
    Line& line = lines_[session];
    const bool clears_up = statement.verb == Verb::rollback && line.failed;
    if (statement.verb == Verb::begin || clears_up) {
      line.in_transaction = !clears_up;
      line.failed = false;
      line.result = {};
      note(Action::Kind::execute, session, statement);
      return Progress::done;
    }
    line.waiting = true;
    line.result = {};
    note(Action::Kind::ask, session, statement);
    return Progress::waiting;
  }
  [[nodiscard]] bool deadlocked(SessionId /*session*/) const override { return false; }
  void end_deadlock(SessionId /*session*/) override {
    broken_promise("a deadlock where nobody waits for anybody", __FILE__, __LINE__);
  }
  void time_out(SessionId /*session*/) override {
    broken_promise("that no lock times out in a rehearsal", __FILE__, __LINE__);
  }
  const StatementResult& result(SessionId session) const override { return lines_[session].result; }
  std::span<const SessionId> woken() const override { return woken_; }
  void clear_woken() override { woken_.clear(); }
  bool in_transaction(SessionId session) const override { return lines_[session].in_transaction; }
  bool waiting(SessionId session) const override { return lines_[session].waiting; }
  SessionId blocker(SessionId session) const override { return session; }
  RowKey contested(SessionId /*session*/) const override { return {}; }

 private:
  void note(Action::Kind kind, SessionId session, const Statement& statement) {
    const auto place = std::find(order_.begin(), order_.end(), session) - order_.begin();
    asked_.push_back({kind, static_cast<std::uint8_t>(place), operation_, statement});
  }

  std::vector<Line> lines_;
  std::vector<SessionId> order_;  // the open ones, in the order they connected
  std::vector<Asked> asked_;
  std::vector<SessionId> woken_;
  std::uint16_t operation_ = 0;
};

bool older(const Pending* a, const Pending* b) {
  return std::tie(a->name.operation, a->name.attempt, a->name.index) <
         std::tie(b->name.operation, b->name.attempt, b->name.index);
}

}  // namespace

// The client and its service, from the beginning.
class Process::Rehearsal {
 public:
  Rehearsal(const Setup& setup, std::uint32_t client) : setup_(setup), client_(client) {}

  void restart() {
    clients_.reset();
    service_.reset();
    trace_.reset();
    fleet_.reset();
    choice_.restart();
    database_.restart();
    arena_.reset();
    trace_.emplace(arena_, TraceKeeping{});
    fleet_.emplace(setup_.endpoints.begin(), setup_.endpoints.end(),
                   ArenaAllocator<const Endpoint*>(arena_));
    service_.emplace(arena_, choice_, database_, *trace_, setup_.world.service);
    clients_.emplace(arena_, choice_, *trace_, *service_, *setup_.workload, setup_.world.clients,
                     *fleet_);
  }

  void play(const Cue& cue, const StatementResult& answer, bool in_transaction,
            std::uint64_t observed) {
    database_.asked().clear();
    choice_.forget_replies();
    choice_.strike_replies(cue.reply_fault);
    switch (cue.kind) {
      case Cue::Kind::begin:
        clients_->start(client_);
        break;
      case Cue::Kind::request: {
        Pending* request = requests()[cue.place];
        database_.expect_handler_of(request->name.operation);
        choice_.cue(request, cue.fault);
        break;
      }
      case Cue::Kind::statement:
        choice_.cue(pending_of(cue.place, Happening::statement), cue.fault);
        break;
      case Cue::Kind::session_end:
        choice_.cue(pending_of(cue.place, Happening::session_end), Fault::none);
        break;
      case Cue::Kind::answer:
        database_.answer(database_.in_order()[cue.place], answer, in_transaction, observed);
        service_->complete_woken();
        break;
    }
    while (true) {
      const Occurrence occurrence = choice_.next();
      if (occurrence.pending == nullptr) {
        break;
      }
      if (occurrence.pending->happening == Happening::timer ||
          occurrence.pending->happening == Happening::timeout) {
        clients_->happen(*occurrence.pending);
      } else {
        service_->happen(*occurrence.pending, occurrence.fault);
      }
    }
  }

  [[nodiscard]] bool replied() const { return choice_.replied(); }
  [[nodiscard]] std::vector<ScriptedDatabase::Asked>& asked() { return database_.asked(); }

  [[nodiscard]] LocalState view() const {
    LocalState view;
    Words words;
    for (const Pending* request : requests()) {
      view.requests.push_back({request->name.operation, request->name.attempt,
                               static_cast<std::uint8_t>(request->name.index), request->immune});
      words.add((std::uint64_t{request->name.operation} << 32U) |
                (std::uint64_t{request->name.attempt} << 16U) | (request->name.index << 1U) |
                (request->immune ? 1U : 0U));
    }
    words.add(view.requests.size());
    add_handlers(view, words);
    add_operations(view, words);
    add_options(view);
    view.name = words.fingerprint();
    return view;
  }

 private:
  [[nodiscard]] std::vector<Pending*> requests() const {
    std::vector<Pending*> all;
    for (Pending* pending : choice_.offered()) {
      if (pending->happening == Happening::request) {
        all.push_back(pending);
      }
    }
    std::sort(all.begin(), all.end(), older);
    return all;
  }

  [[nodiscard]] std::vector<Service::HandlerView> handlers() const {
    std::vector<Service::HandlerView> all = service_->handlers();
    const auto& order = database_.in_order();
    std::sort(all.begin(), all.end(), [&order](const auto& a, const auto& b) {
      return std::find(order.begin(), order.end(), a.session) <
             std::find(order.begin(), order.end(), b.session);
    });
    return all;
  }

  [[nodiscard]] Pending* find_pending(const Service::HandlerView& handler,
                                      Happening happening) const {
    const auto found =
        std::find_if(choice_.offered().begin(), choice_.offered().end(), [&](const Pending* p) {
          return p->happening == happening && p->name.operation == handler.operation.operation &&
                 p->name.attempt == handler.attempt && (p->name.index >> 16U) == handler.copy;
        });
    return found == choice_.offered().end() ? nullptr : *found;
  }
  [[nodiscard]] Pending* pending_of(std::uint8_t place, Happening happening) const {
    Pending* pending = find_pending(handlers()[place], happening);
    RACELAB_EXPECT(pending != nullptr);
    return pending;
  }

  void add_handlers(LocalState& view, Words& words) const {
    for (const Service::HandlerView& handler : handlers()) {
      const ScriptedDatabase::Line& line = database_.line(handler.session);
      const Pending* statement = find_pending(handler, Happening::statement);
      view.handlers.push_back({.operation = handler.operation.operation,
                               .attempt = handler.attempt,
                               .copy = handler.copy,
                               .ready = statement != nullptr,
                               .asks = line.waiting && !handler.dead,
                               .dead = handler.dead,
                               .slow = handler.slow,
                               .statements = handler.statements});
      words.add((std::uint64_t{handler.operation.operation} << 32U) |
                (std::uint64_t{handler.attempt} << 16U) | (std::uint64_t{handler.copy} << 8U) |
                handler.tries);
      const auto bit = [](bool flag, unsigned place) { return (flag ? 1U : 0U) << place; };
      words.add(bit(statement != nullptr, 0) | bit(line.waiting, 1) | bit(handler.dead, 2) |
                bit(handler.slow, 3) | bit(handler.ending, 4) | bit(handler.answer_lost, 5) |
                bit(handler.committed, 6) | bit(line.in_transaction, 7) |
                (static_cast<unsigned>(handler.reply.kind) << 8U));
      words.add(handler.dead ? 0 : line.observed);
    }
    words.add(view.handlers.size());
  }

  void add_operations(LocalState& view, Words& words) const {
    view.finished = view.requests.empty() && view.handlers.empty();
    for (std::uint32_t number = 0; number < clients_->issued_by(client_); ++number) {
      const OperationName operation{client_, number};
      const std::size_t index = (std::size_t{client_} * setup_.world.clients.operations) + number;
      const OperationRecord& record = clients_->operations()[index];
      const Clients::WaitingCall call = clients_->waiting_call(operation);
      view.told.push_back(
          static_cast<std::uint8_t>(record.finished ? 1 + static_cast<int>(record.told) : 0));
      view.issued += record.attempts > 0 ? 1 : 0;
      const auto is_its = [number](const auto& message) { return message.operation == number; };
      if (record.finished && std::none_of(view.requests.begin(), view.requests.end(), is_its) &&
          std::none_of(view.handlers.begin(), view.handlers.end(), is_its)) {
        view.settled[static_cast<std::size_t>(record.told)] |= std::uint64_t{1} << number;
        view.any_settled = true;
      }
      view.finished = view.finished && record.finished;
      words.add(record.finished
                    ? view.told.back()
                    : (std::uint64_t{record.attempts} << 32U) |
                          (std::uint64_t{call.attempt} << 16U) |
                          (static_cast<std::uint64_t>(call.answers_expected + 1) << 8U) |
                          (record.in_doubt ? 64U : 0U) | (call.late ? 32U : 0U));
      words.add(record.finished ? 0 : record.retry.word());
    }
  }

  static void add_options(LocalState& view) {
    struct Aged {
      std::tuple<std::uint32_t, std::uint16_t, std::uint8_t> age;
      LocalState::Option option;
    };
    std::vector<Aged> all;
    std::uint8_t place = 0;
    for (const LocalState::HandlerView& handler : view.handlers) {
      const Cue::Kind kind = handler.ready  ? Cue::Kind::statement
                             : handler.dead ? Cue::Kind::session_end
                                            : Cue::Kind::answer;
      all.push_back({{handler.operation, handler.attempt, handler.copy}, {kind, place++, false}});
    }
    place = 0;
    for (const LocalState::RequestView& request : view.requests) {
      all.push_back({{request.operation, request.attempt, request.copy},
                     {Cue::Kind::request, place++, request.immune}});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Aged& a, const Aged& b) { return a.age < b.age; });
    for (const Aged& entry : all) {
      view.options.push_back(entry.option);
    }
  }

  const Setup& setup_;
  std::uint32_t client_;
  Arena arena_;
  Cued choice_;
  ScriptedDatabase database_;
  std::optional<Trace> trace_;
  std::optional<ArenaVector<const Endpoint*>> fleet_;
  std::optional<Service> service_;
  std::optional<Clients> clients_;  // ends before the service
};

Process::Process(const Setup& setup, std::uint32_t client)
    : client_(client),
      first_fingerprint_(std::int64_t{client} * setup.world.clients.operations),
      rehearsal_(std::make_unique<Rehearsal>(setup, client)),
      touched_(setup.world.clients.operations) {
  rehearsal_->restart();
  states_.push_back(rehearsal_->view());
}

Process::~Process() = default;

const Transition& Process::transition(const LocalState& from, const Cue& cue,
                                      const StatementResult& answer, bool in_transaction) {
  Hash key = observation(answer, in_transaction, first_fingerprint_);
  key.add(key_of(cue));
  return follow(from, key.value(), cue, &answer, in_transaction);
}

const Transition& Process::learn(const LocalState& from, std::uint64_t key, const Cue& cue,
                                 const StatementResult* answer, bool in_transaction) {
  std::vector<const LocalState*> path;
  for (const LocalState* at = &from; at->before != nullptr; at = at->before) {
    path.push_back(at);
  }
  const auto observed = [this](const StatementResult& result, bool now_in_transaction) {
    return observation(result, now_in_transaction, first_fingerprint_).value();
  };
  rehearsal_->restart();
  std::reverse(path.begin(), path.end());
  for (const LocalState* state : path) {
    rehearsal_->play(state->cue, state->answer, state->in_transaction,
                     observed(state->answer, state->in_transaction));
  }
  const StatementResult nothing;
  const StatementResult& given = answer == nullptr ? nothing : *answer;
  rehearsal_->play(cue, given, in_transaction, observed(given, in_transaction));

  Transition& made = transitions_.emplace_back();
  made.replied = rehearsal_->replied();
  for (const ScriptedDatabase::Asked& asked : rehearsal_->asked()) {
    Action action{asked.kind, asked.handler, asked.operation, nullptr};
    if (asked.kind == Action::Kind::execute || asked.kind == Action::Kind::ask) {
      action.statement = &statements_.emplace_back(asked.statement);
    }
    made.actions.push_back(action);
  }
  LocalState view = rehearsal_->view();
  const auto known = std::find_if(states_.begin(), states_.end(), [&view](const LocalState& state) {
    return state.name == view.name;
  });
  if (known != states_.end()) {
    made.to = &*known;
  } else {
    view.before = &from;
    view.cue = cue;
    view.answer = given;
    view.in_transaction = in_transaction;
    view.number = static_cast<std::uint32_t>(states_.size());
    made.to = &states_.emplace_back(std::move(view));
  }
  note_touches(from, made);
  const_cast<LocalState&>(from).edges.push_back({key, &made});  // NOLINT: a state of this process
  return made;
}

// Whose statement it is does not matter much: it counts for every operation that something is under way of.
void Process::note_touches(const LocalState& from, Transition& made) {
  for (const Action& action : made.actions) {
    if (action.statement != nullptr) {
      made.touches |= touches_of(*action.statement, client_);
    }
  }
  const auto note = [&](const auto& under_way) {
    for (const auto& it : under_way) {
      Touches& all = touched_[it.operation];
      const Touches before = all;
      all |= made.touches;
      touches_learned_ += all == before ? 0 : 1;
    }
  };
  note(from.requests);
  note(from.handlers);
  note(made.to->handlers);
}

}  // namespace racelab
