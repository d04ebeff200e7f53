// The store behind an isolation spec. Time stands still while anything can go on; when nothing can, it moves to the next moment at
// which a session looks for a deadlock, or a timeout ends a wait.
#pragma once

#include <memory>
#include <vector>

#include "sim/explore/spec_server.h"
#include "sim/kernel/branches.h"
#include "sim/store/relational.h"

namespace racelab {

/// A statement of a block, as the store takes it.
struct SpecCommand {
  enum class Kind : std::uint8_t {
    statement,
    level,         // of the transaction that is open, and nothing yet read
    setting,       // one of those that a session keeps
    nothing,       // what changes no answer
    not_modelled,  // why_not
  };
  /// What a session keeps, besides its transaction.
  enum class Setting : std::uint8_t {
    deadlock_timeout,
    lock_timeout,
    statement_timeout,
    default_level,
  };
  Kind kind = Kind::statement;
  sql::Statement statement;  // statement, level
  Setting setting{};         // setting
  std::int64_t value = 0;    // microseconds; 0: never (deadlock_timeout: as soon as it waits)
  bool local = false;        // until the transaction ends
  bool to_standard = false;  // RESET, or TO DEFAULT
  std::string why_not;       // one line, with its place
};

/// A spec as the store takes it.
struct SpecForStore {
  std::shared_ptr<const sql::Schema> schema;
  std::shared_ptr<const sql::Database> start;    // after the setups
  std::vector<std::vector<SpecCommand>> blocks;  // by their number; none of the spec's own

  /// What a permutation needs that is not modelled: the first such command, its place in front; empty: nothing.
  [[nodiscard]] std::string why_not(const IsolationSpec& spec,
                                    const IsolationSpec::Permutation& permutation) const;
};

class SpecStore final : public SpecServer {
 public:
  /// Both must outlive it.
  SpecStore(const IsolationSpec& spec, const SpecForStore& compiled);

  void begin() override;
  SpecAnswer control(const IsolationSpec::Block& block) override;
  void send(std::size_t session, const IsolationSpec::Block& block) override;
  Progress await(std::size_t session, Patience patience) override;
  SpecAnswer take(std::size_t session) override;
  std::vector<SpecNotice> take_notices() override;
  void cancel() override;
  Contents contents() override;
  bool next_ways() override;
  [[nodiscard]] std::string name() const override { return "the store"; }

 private:
  static constexpr std::int64_t never = 0;
  struct Settings {
    std::int64_t deadlock_timeout = 1'000'000;  // microseconds
    std::int64_t lock_timeout = never;
    std::int64_t statement_timeout = never;
    sql::Isolation level = sql::Isolation::read_committed;
  };
  struct Session {
    Settings settings;
    Settings after;                                      // when its transaction is over
    const std::vector<SpecCommand>* commands = nullptr;  // of the block that is under way
    std::size_t at = 0;                                  // in them
    bool in_block = false;  // the block's statements are one transaction that nobody began
    bool waits = false;
    bool has_looked = false;  // for a deadlock, in this wait
    std::int64_t since = 0;   // it began to wait
    std::int64_t sent = 0;
    SpecAnswer answer;
  };

  static sql::SessionId id(std::size_t session) { return static_cast<sql::SessionId>(session); }
  void advance(std::size_t session);
  /// Whether the command is done; otherwise it waits.
  bool run(std::size_t session, const SpecCommand& command);
  static void set(Session& it, const SpecCommand& command);
  bool execute(std::size_t session, const sql::Statement& statement);
  /// Takes what a statement has answered.
  void answered(std::size_t session, const sql::Statement& statement);
  void end_block(std::size_t session, bool failed);
  void let_go_on();
  /// Moves to the next moment at which something ends a wait; false: there is none.
  bool pass_time();
  void end_wait(std::size_t session, const sql::SqlState& error);

  const IsolationSpec& spec_;
  const SpecForStore& compiled_;
  sql::Database database_;
  std::vector<Session> sessions_;
  Branches::Ways ways_;
  Branches branches_;
  std::vector<SpecNotice> notices_;
  std::int64_t now_ = 0;  // microseconds
};

}  // namespace racelab
