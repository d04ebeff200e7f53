// One run of a statement, from its beginning to its end or to a wait.
#pragma once

#include <set>

#include "sim/sql/evaluate.h"
#include "sim/store/relational.h"

namespace racelab::sql {

class Execution final : public Evaluation {
 public:
  Execution(Database& database, SessionId session)
      : Evaluation(database.sessions_[session].parameters),
        database_(database),
        session_(session),
        sight_(database.sight(session)) {}

  /// The answer is the session's result; see stopped().
  void run();

 protected:
  std::vector<Values> rows_of(const Select& select, const Scope& scope) override;
  Value call(const Expression& expression, const Values& arguments) override;

 private:
  using Unit = Database::Unit;
  // What a statement, or one of its WITH, has to say.
  struct Answer {
    std::uint64_t affected = 0;
    std::vector<Values> rows;
  };
  // A row that a statement has found: a version of each source; nothing: a left join found none. What was worked out has versions with
  // values only. Copies, because writing moves versions.
  struct Found {
    std::vector<std::optional<Version>> versions;
    Values order;
  };
  struct Locked {
    Unit::Kind kind = Unit::Kind::nothing;  // locked, skipped, gone (or no longer fitting)
    std::optional<Version> version;
  };

  Database::Session& session() { return database_.sessions_[session_]; }
  const Table& table(std::uint16_t number) const { return database_.schema_->tables[number]; }

  Answer run(const Statement& statement);

  // What is done, and what was done before a wait.
  const Unit* recall();
  void remember(const Unit& unit);

  // Reading (execution_read.cc).
  std::vector<Values> select(const Select& select, const Scope* outer, bool outermost);
  void note_open_order(const Select& select, bool outermost, bool cuts,
                       const std::vector<Found>& found);
  std::vector<Found> find(const std::vector<Source>& from, const std::optional<Expression>& where,
                          const Scope* outer);
  void join(const Source& source, const Scope* outer, std::vector<Found>& found);
  std::vector<Version> rows_in(const Source& source, const Scope* outer,
                               const Expression* condition);
  std::vector<Version> worked_out(const Derived& derived, const Scope* outer);
  bool still_joined(const std::vector<Source>& from, Scope& scope);
  void sort(const Select& select, const Scope* outer, std::vector<Found>& found);
  bool lock_all(const Select& select, const Scope* outer, Found& found);
  std::vector<Values> group(const Select& select, const Scope* outer,
                            const std::vector<Found>& found);
  bool is_among(const std::vector<Values>& rows, const Values& row);
  Value aggregate(const Expression& expression, const Scope* outer,
                  const std::vector<const Found*>& rows);
  std::vector<Version> visible(std::uint16_t table, const Expression* condition);
  static Scope scope_of(const Found& found, const Scope* outer);
  Values project(const std::vector<Target>& targets, const Scope& scope);
  std::int64_t limit_of(const Select& select);
  std::int64_t offset_of(const Select& select);

  // Locking.
  using Fits = std::function<bool(const Values& row)>;
  Locked lock(std::uint16_t table, const Version& seen, LockMode mode, IfLocked if_locked,
              const Fits& fits);
  void wait_for_row(std::uint16_t table, const Version& seen, LockMode mode);
  [[nodiscard]] bool waits_all_the_same(std::uint16_t table, const Version& seen,
                                        LockMode mode) const;
  void wait_for_key(std::uint16_t table, VersionId version);
  bool pretends(const FoundLocked& found) const;

  // Writing (execution_write.cc).
  void insert(const Statement& statement);
  void insert_one(const Statement& statement, const Values& row);
  void on_conflict(const Statement& statement, const Values& row, const Version& other);
  void update(const Statement& statement);
  void remove(const Statement& statement);
  Version write(std::uint16_t table, const Version* before, const Values* row, bool enters);
  void tell_of(std::uint16_t table, const Version* before, const Version* after);
  struct Change {
    std::uint16_t table = 0;
    const std::vector<Assignment>& set;
    Fits fits;
    Scope beside;         // what `set` reads; its first row is the one that is changed
    bool upsert = false;  // of ON CONFLICT DO UPDATE
  };
  std::optional<Version> change(const Change& how, const Version& seen);
  std::vector<Found> find_to_change(const std::vector<Source>& from,
                                    const std::optional<Expression>& where);
  bool is_changed_already(std::uint16_t table, RowId row) const;
  Fits fits_with(const Found& found, const std::optional<Expression>& where);
  bool check_row(std::uint16_t table, const Values& row);
  Value fitted(const Value& value, const Column& column);
  Values assign(std::uint16_t table, const std::vector<Assignment>& set, const Values& old,
                const Scope& scope);
  LockMode mode_for(std::uint16_t table, const Values& old, const Values& row) const;
  void answer(const Statement& statement, const Scope& scope);

  // Unique keys (execution_keys.cc).
  struct Taken {
    std::optional<Version> by;
    const UniqueKey* key = nullptr;
    bool in_doubt = false;
  };
  Taken look_up(std::uint16_t table, std::size_t key, const Values& row,
                std::optional<VersionId> self);
  Taken taken(std::uint16_t table, std::size_t key, const Values& row,
              std::optional<VersionId> self);
  static bool is_arbiter(const Insert& insert, std::size_t key);
  Taken arbiter_taken(const Insert& insert, const Values& row);
  bool would_close_circle(std::uint16_t table, const Values& row);
  bool enter_keys(std::uint16_t table, VersionId id, const Version* before, const Insert* insert);
  void refuse_key(std::uint16_t table, const Version& other, const UniqueKey& key,
                  const Values* inserted);
  void take_back(std::uint16_t table, VersionId id);
  void relies_on(std::uint16_t table, const Version& version);
  bool relies_on_deletion(const Version& version);

  // REFERENCES (execution_references.cc).
  void finish_writes();
  void check_references(std::uint16_t table, const Values& row, const Values* before);
  void check_referring(std::uint16_t table, const Values& before, const Values* after);
  void cascade(std::uint16_t child, const Reference& reference, const Version& row,
               const Values* parent, bool goes);
  bool taken_over(const Reference& reference, const Values& key) const;
  std::optional<Version> referring(std::uint16_t child, const Fits& refers);

  // Functions.
  Value draw(std::uint16_t sequence, Type type);
  Value advisory(const Expression& expression, const Values& arguments);

  Database& database_;
  SessionId session_;
  Sight sight_;
  std::size_t at_ = 0;     // among the units
  bool of_where_ = false;  // what is locked now was found by the WHERE of an UPDATE or DELETE
  bool upserting_ = false;
  const Statement* at_hand_ = nullptr;                         // the statement, or one of its WITH
  Answer* answer_ = nullptr;                                   // its
  std::map<const Derived*, std::vector<Version>> worked_out_;  // looked up only
  std::set<std::pair<std::uint16_t, RowId>> changed_;          // by an UPDATE or DELETE
  std::map<const Select*, std::vector<Values>> cached_;  // uncorrelated sub-selects; looked up only
  struct Written {
    std::uint16_t table = 0;
    Row before;
    Row after;
  };
  std::vector<Written> written_;
  bool finishing_ = false;  // the statement's own rows are written; now what refers to them
};

}  // namespace racelab::sql
