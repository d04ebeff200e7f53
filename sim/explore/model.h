// The world that exploration walks: the real store, and a process for each client. Time is abstracted: at each point there are
// alternatives (Step), and taking one leads to the next point.
//
// A step is one statement: issue it; if it must wait, it joins the queue of its row, and the holder's release grants a
// waiter and runs its statement within the same step. Where the store is free (which of several waiters has a row that has
// changed), the ways are variants of the step. What touches nothing shared (requests, replies, client timers,
// BEGIN) happens within the step that it leads to or follows from. A fault is a variant of the step that it strikes. Everything lies in one arena, so
// that a point can be saved and come back to.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/check/fate.h"
#include "sim/explore/fingerprint.h"
#include "sim/explore/near_miss.h"
#include "sim/explore/process.h"
#include "sim/explore/reply_faults.h"
#include "sim/explore/ways.h"
#include "sim/scenario/setup.h"
#include "sim/store/store.h"

namespace racelab {

/// One alternative.
struct Step {
  enum class Kind : std::uint8_t {
    request,       // a request arrives and its handler issues its first statement
    statement,     // a handler issues its next statement
    lock_timeout,  // a handler's wait for a lock ends
    deadlock,      // the store ends a handler that waits in a circle
    session_end,   // the store notices that a session is dead
  };
  std::uint8_t client = 0;
  Kind kind = Kind::statement;
  std::uint8_t place = 0;             // which request under way, or which handler, of that client
  Fault request_fault = Fault::none;  // one of those that end the call, or duplicate_delivery
  Fault statement_fault = Fault::
      none;  // crash, lose_session_*; slow_call: the client waits no longer, the statement is still to come
  std::uint8_t replies_lost = 0;   // a bit for each reply that the step sends, in their order
  std::uint8_t replies_reset = 0;  // among these: its client knows at once
  Ways ways;                       // where the store is free; of what is not given: the first

  [[nodiscard]] unsigned faults() const;
  friend constexpr bool operator==(const Step&, const Step&) = default;
};

/// Whose step it is: stays the same for as long as the handler lives.
struct HandlerName {
  std::uint8_t client = 0;
  std::uint32_t operation = 0;
  std::uint16_t attempt = 1;
  std::uint8_t copy = 0;
  friend constexpr auto operator<=>(const HandlerName&, const HandlerName&) = default;
};

/// How an execution ended, as far as two of them can be told apart.
struct Outcome {
  std::vector<std::int64_t> final;                     // by row
  std::array<std::array<std::uint32_t, 3>, 3> told{};  // [ok, failed, unknown][0, 1, 2+ surviving]
  std::array<std::uint32_t, anomaly_kinds> anomalies{};
  std::uint32_t stuck = 0;
  bool invariant_broken = false;
  bool ledger_adds_up = true;  // false: the history has a Defect, as a wrong strategy's has

  [[nodiscard]] bool violated() const;
  friend auto operator<=>(const Outcome&, const Outcome&) = default;
};

class Model final : private Grants {
 public:
  using Step = racelab::Step;
  using Who = HandlerName;
  using Outcome = racelab::Outcome;
  using Saved = Arena::Snapshot;

  /// At most so many operations in all; more executions in one order end it as `overflowed`.
  static constexpr std::size_t operations_max = 64;
  static constexpr std::size_t executions_max = 128;
  static constexpr std::size_t rows_max = 64;

  /// The setup must outlive this, and be within the limits.
  explicit Model(const Setup& setup);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  /// The steps that are possible here, without those that depend on what a step leads to (see variants()): clients in their
  /// order, of each its handlers by age, the plain step before its faults. None: the execution has ended.
  void alternatives(std::vector<Step>& steps) const;

  /// Leaves, of all the alternatives at this point, those of clients that may go first by themselves (independence.h).
  void keep_enough(std::vector<Step>& steps);
  /// True when some statement has had to do with what its client was not known to. From now on that is known: where
  /// keep_enough() was asked before, it may have left out too much.
  [[nodiscard]] bool refine_touches();

  /// What a step led to.
  struct Effects {
    std::uint8_t replies = 0;  // sent in it
    bool own_reply = false;    // one by the handler whose step it was, if it was not slow already
    NearMisses near_misses;    // that its answers tell of
    Ways ways;                 // that were taken wherever the store was free …
    Ways others;               // … and how many others there were
  };
  /// Takes a step that is possible here; the effects stand until the next one.
  const Effects& take(const Step& step);

  /// Whose replies the last step lost.
  [[nodiscard]] const std::vector<HandlerName>& unheard() const { return unheard_; }

  /// Of every question of the last step which of several waiters has a row next: who has it.
  [[nodiscard]] const std::vector<HandlerName>& went_on() const { return went_on_; }

  /// The further variants of a step that was just taken: the other ways; without losing a reply: with some of its replies lost;
  /// slow.
  void variants(const Step& step, const Effects& effects, std::vector<Step>& steps) const;

  /// Clients of one class are interchangeable: same strategy, same operations.
  [[nodiscard]] std::uint32_t class_of(std::uint32_t client) const { return class_of_[client]; }

  /// A client with its handlers, as far as it was learned.
  [[nodiscard]] const Process& process(std::uint32_t client) const { return *processes_[client]; }
  /// What a client and its handlers stand at.
  [[nodiscard]] const LocalState& local(std::size_t client) const;

  [[nodiscard]] HandlerName who(const Step& step) const;

  /// A live handler, or a request under way that will start one, as it stands between two steps.
  struct View {
    HandlerName who;
    SessionId session = no_session;           // no_session: the request is still under way
    bool waits = false;                       // for a lock
    bool dead = false;                        // its session is still open
    bool slow = false;                        // its client waits no longer
    std::optional<Statement> statement = {};  // that it will issue next, or that waits
  };
  /// Of one client, oldest first. Not const: what a process asks next is learned by asking it.
  [[nodiscard]] std::vector<View> views(std::size_t client);
  [[nodiscard]] const Store& store() const;

  /// Names the state, among those of this model. Same name: the same may follow, and ends up in the same outcomes. With symmetry, states that differ only by
  /// who is who among interchangeable clients have the same name.
  [[nodiscard]] Fingerprint name(bool symmetry);

  /// True when some statement has asked whether a row is still at the version that was seen, and
  /// names have not told that apart so far. From now on they do: states that were named before must
  /// be named again.
  [[nodiscard]] bool refine_names();

  /// Expects that the execution has ended.
  [[nodiscard]] Outcome outcome() const;
  [[nodiscard]] bool overflowed() const;

  [[nodiscard]] std::size_t bytes() const { return arena_.used_bytes(); }
  void save(Arena::Snapshot& into) const { arena_.save(into); }
  void restore(const Arena::Snapshot& from) { arena_.restore(from); }

 private:
  struct State;
  struct Live;
  struct Contents;

  void find_alike();
  [[nodiscard]] bool budget_left(FaultKind kind) const;
  void strike(FaultKind kind);
  [[nodiscard]] ReplyBudget reply_budget() const;
  [[nodiscard]] std::size_t first_live(std::size_t client) const;
  [[nodiscard]] Live& live_at(std::size_t client, std::size_t place);
  [[nodiscard]] std::size_t place_of(std::size_t live) const;
  [[nodiscard]] std::size_t live_with(SessionId session) const;
  const Transition& play(std::size_t client, const Cue& cue);
  void follow(std::size_t client, const Transition& transition);
  void answer(std::size_t live);
  // What a process asked, its names of versions replaced by the store's numbers of them.
  struct Resolved {
    const Statement* asked;
    Statement statement;
  };
  const Statement& resolve(const Statement& asked, const Live& live);
  void account(std::size_t live, const StatementResult& result, bool in_transaction);
  void answer_woken();
  std::size_t next(std::span<const SessionId> waiters) override;
  void add_alternatives(std::uint32_t client, const LocalState::Option& option,
                        std::vector<Step>& steps) const;
  void add_statement_faults(Step step, std::vector<Step>& steps) const;
  void add_request_faults(Step step, bool immune, std::vector<Step>& steps) const;
  void find_settled();
  template <class Mark>
  void for_each_share(VersionId version, Mark mark) const;
  void add_contents(VersionId version);
  void add_counted(std::size_t row);
  void add_version(VersionId version);
  [[nodiscard]] std::uint64_t by_rank(std::uint64_t operations) const;
  void add_local_states(bool ranks);
  void add_holder(const Store::RowView& row);
  void add_row(const Store::RowView& row);
  void add_keys();
  void add_live(const Live& live);
  [[nodiscard]] std::uint64_t key_name(RowKey key) const;
  void add_keys_of_snapshot(SessionId session);
  void add_current(const Live& live);
  void add_execution(std::uint8_t execution);
  void rank_clients();
  void color_by_marks();
  void color_by_what_was_seen();
  // What one client has to do with from one of its local states on.
  struct Reach {
    bool known = false;
    Touches next;    // in its next steps
    Touches future;  // until it is finished
  };
  const Reach& reach_of(std::uint32_t client);

  const Setup& setup_;
  std::uint32_t clients_;
  std::uint32_t operations_;  // per client
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::uint32_t> class_of_;  // clients of one class are interchangeable
  // A class of several clients: where they stand, and who they are by colour.
  struct Alike {
    std::vector<std::uint32_t> places;
    std::vector<std::uint32_t> by_color;
  };
  std::vector<Alike> alike_;
  std::vector<std::uint8_t> has_twin_;  // by client: another one is of its class
  std::array<std::uint32_t, fault_kinds> budget_{};
  std::uint32_t budget_in_all_ = 0;
  bool any_budget_ = false;
  std::vector<std::uint64_t>
      changes_only_;                   // by row: a bit for each operation that changes it alone
  std::vector<std::int64_t> amounts_;  // by operation and row
  Arena arena_;
  Arena answers_;
  State* state_ = nullptr;         // in arena_
  std::deque<Resolved> resolved_;  // stay in place
  bool asked_and_done_ = false;    // the statement that was asked last has its answer already
  Step stepping_{};
  std::vector<HandlerName> unheard_;
  std::vector<HandlerName> went_on_;
  Effects effects_{};
  bool version_checked_ = false;  // by some statement so far
  // For naming.
  bool tells_current_ = false;  // whether a seen version is still its row's
  Words words_;
  bool renamed_ = false;               // somebody's rank is not their place
  std::vector<std::uint32_t> order_;   // clients by rank
  std::vector<std::uint32_t> rank_;    // the other way round
  std::vector<std::uint64_t> colors_;  // by client
  std::vector<std::uint64_t> refined_;
  std::vector<std::uint8_t> owner_;        // by operation: its client
  std::vector<std::uint32_t> first_live_;  // by client: its first live handler
  std::vector<std::uint64_t>
      only_counted_;                  // by row: the settled ones that no other row has to do with
  std::vector<std::uint64_t> seat_;   // by live session: whose it is, by rank
  std::vector<Store::RowView> rows_;  // those there from the start
  // For leaving alternatives out.
  std::uint64_t touches_learned_ = 0;
  std::vector<Touches> touched_;           // by class of clients and operation
  std::vector<std::vector<Reach>> reach_;  // by client and local state
  std::vector<Meetings> meetings_;         // by client, like the next one
  std::vector<Touches> next_;
  std::vector<std::uint64_t> may_read_;  // by row: a bit for each client
  std::vector<std::uint64_t> may_write_;
};

}  // namespace racelab
