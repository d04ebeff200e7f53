// Three passes: which versions survive; what that means for each operation and row; what does not add up.
#include "sim/check/judge.h"

#include <algorithm>

#include "sim/kernel/expect.h"

namespace racelab {

namespace {

constexpr std::uint32_t nowhere = UINT32_MAX;

// The versions of a history by id, which rows they stand in, and which of them survive.
class Ancestry {
 public:
  explicit Ancestry(const History& history) {
    VersionId most = 0;
    for (const HistoryVersion& version : history.versions) {
      most = std::max(most, version.id);
    }
    place_.assign(history.versions.empty() ? 0 : most + 1, nowhere);
    for (std::uint32_t i = 0; i < history.versions.size(); ++i) {
      place_[history.versions[i].id] = i;
    }
    survives_.assign(history.versions.size(), false);
    for (const HistoryRow& row : history.rows) {
      // A damaged history could hold a circle of links; a version that is marked already ends the walk.
      for (std::uint32_t at = place(row.last); at != nowhere && !survives_[at];
           at = place(history.versions[at].computed_from)) {
        survives_[at] = true;
      }
    }
  }

  /// Index into History::versions; `nowhere` when there is no such version.
  [[nodiscard]] std::uint32_t place(VersionId id) const {
    return id < place_.size() ? place_[id] : nowhere;
  }
  [[nodiscard]] bool survives(std::size_t index) const { return survives_[index]; }

 private:
  std::vector<std::uint32_t> place_;
  std::vector<bool> survives_;
};

// What an operation's applications came to on one row.
struct OnRow {
  std::uint32_t operation = 0;
  std::uint32_t row = 0;
  std::uint32_t applied = 0;
  std::uint32_t surviving = 0;
};

class Judge {
 public:
  explicit Judge(const History& history) : history_(history), ancestry_(history) {
    judgement_.fates.resize(history.operations.size());
    judgement_.survives.assign(history.applications.size(), true);
    judgement_.overwritten_by.assign(history.versions.size(), no_version);
    for (const HistoryRow& row : history.rows) {
      judgement_.ledger_by_row.push_back({.initial = row.initial, .final = row.final});
    }
    judgement_.taken_by_row.resize(history.rows.size());
  }

  Judgement decide() {
    follow_applications();
    judge_operations();
    check_versions();
    check_ledgers();
    return std::move(judgement_);
  }

 private:
  Ledger& ledger(std::uint32_t row) { return judgement_.ledger_by_row[row]; }

  // Adds to a term of the row's ledger.
  void add(std::uint32_t row, std::int64_t Ledger::*term, std::int64_t amount) {
    ledger(row).*term += amount;
    if (amount < 0) {
      judgement_.taken_by_row[row].*term += amount;
    }
  }

  std::int64_t amount(std::uint32_t operation, std::uint32_t row) const {
    return history_.amount_on(operation, row).value_or(0);
  }

  // Per application and row: does it survive? Collects OnRow entries, sorted by operation and row.
  void follow_applications() {
    struct Written {
      std::uint32_t operation;
      std::uint32_t row;
      ApplicationId application;
      std::uint32_t version;
    };
    std::vector<Written> written;
    written.reserve(history_.versions.size());
    std::vector<bool> has_version(history_.applications.size(), false);
    for (std::uint32_t i = 0; i < history_.versions.size(); ++i) {
      const HistoryVersion& version = history_.versions[i];
      if (version.application != no_application) {
        has_version[version.application] = true;
        written.push_back({history_.applications[version.application].operation, version.row,
                           version.application, i});
      }
    }
    for (std::size_t i = 0; i < has_version.size(); ++i) {
      ++judgement_.fates[history_.applications[i].operation].applications;
      if (!has_version[i]) {
        judgement_.defects.push_back({.kind = Defect::Kind::empty_application});
      }
    }
    std::stable_sort(written.begin(), written.end(), [](const Written& a, const Written& b) {
      return std::tie(a.operation, a.row, a.application) <
             std::tie(b.operation, b.row, b.application);
    });
    for (std::size_t i = 0; i < written.size();) {
      const Written& first = written[i];
      bool survives = false;
      std::uint32_t newest = first.version;
      for (; i < written.size() && written[i].operation == first.operation &&
             written[i].row == first.row && written[i].application == first.application;
           ++i) {
        survives = survives || ancestry_.survives(written[i].version);
        newest = written[i].version;
      }
      if (on_rows_.empty() || on_rows_.back().operation != first.operation ||
          on_rows_.back().row != first.row) {
        on_rows_.push_back({.operation = first.operation, .row = first.row});
      }
      ++on_rows_.back().applied;
      if (survives) {
        ++on_rows_.back().surviving;
      } else {
        judgement_.survives[first.application] = false;
        judgement_.overwritten_by[newest] = successor_not_from(newest);
        add(first.row, &Ledger::overwritten, amount(first.operation, first.row));
      }
    }
  }

  // Where the version that this one was computed from stands: an earlier one of the same row, or `nowhere`.
  [[nodiscard]] std::uint32_t parent_of(std::uint32_t version) const {
    const HistoryVersion& child = history_.versions[version];
    const std::uint32_t parent = ancestry_.place(child.computed_from);
    return parent != nowhere && parent < version && history_.versions[parent].row == child.row
               ? parent
               : nowhere;
  }

  // The first later version of the same row that does not descend from the given one.
  VersionId successor_not_from(std::uint32_t version) {
    if (successors_.empty()) {
      find_successors();
    }
    return successors_[version];
  }

  // What stands on a row between a version and the first that does not descend from it descends from it, all of it. So a
  // version succeeds whatever has no successor yet and stands after its parent: those are the top of a stack, row by row.
  void find_successors() {
    successors_.assign(history_.versions.size(), no_version);
    std::vector<std::uint32_t> top(history_.rows.size(), nowhere);
    std::vector<std::uint32_t> below(history_.versions.size(), nowhere);
    for (std::uint32_t i = 0; i < history_.versions.size(); ++i) {
      const std::uint32_t parent = parent_of(i);
      std::uint32_t& open = top[history_.versions[i].row];
      while (open != nowhere && (parent == nowhere || open > parent)) {
        successors_[open] = history_.versions[i].id;
        open = below[open];
      }
      below[i] = open;
      open = i;
    }
  }

  void judge_operations() {
    std::size_t at = 0;
    for (std::uint32_t operation = 0; operation < history_.operations.size(); ++operation) {
      const std::size_t first = at;
      while (at < on_rows_.size() && on_rows_[at].operation == operation) {
        ++at;
      }
      judge_operation(operation, {on_rows_.begin() + static_cast<std::ptrdiff_t>(first),
                                  on_rows_.begin() + static_cast<std::ptrdiff_t>(at)});
    }
  }

  void judge_operation(std::uint32_t operation, const std::vector<OnRow>& rows) {
    const Told told = history_.operations[operation].told;
    Fate& fate = judgement_.fates[operation];
    std::vector<RowFate> all;
    for (const RowAmount& change : history_.change(operation)) {
      const bool applied = std::any_of(rows.begin(), rows.end(), [&change](const OnRow& on_row) {
        return on_row.row == change.row;
      });
      if (!applied) {
        all.push_back({.row = change.row});
      }
    }
    for (const OnRow& on_row : rows) {
      all.push_back({on_row.row, on_row.applied, on_row.surviving});
    }
    const OperationFate found = fate_of(told, all);
    for (const Anomaly anomaly : {Anomaly::false_success, Anomaly::lost_update, Anomaly::duplicate,
                                  Anomaly::false_failure}) {
      if (const auto row = found.anomalies[static_cast<std::size_t>(anomaly)]) {
        judgement_.findings.push_back({anomaly, operation, *row});
      }
    }
    fate.surviving = found.surviving;
    const HistoryOperation& record = history_.operations[operation];
    if (record.finished ||
        record.attempts > 0) {  // a run that was given up never issued the others
      ++judgement_.told[static_cast<std::size_t>(told)][std::min(fate.surviving, 2U)];
    }
    account(operation, told, rows);
  }

  void account(std::uint32_t operation, Told told, const std::vector<OnRow>& rows) {
    for (const RowAmount& change : history_.change(operation)) {
      const std::uint32_t row = change.row;
      const std::int64_t amount = change.amount;
      const auto on_row = std::find_if(rows.begin(), rows.end(),
                                       [row](const OnRow& entry) { return entry.row == row; });
      const std::uint32_t applied = on_row == rows.end() ? 0 : on_row->applied;
      if (told == Told::ok) {
        add(row, &Ledger::acknowledged, amount);
        add(row, &Ledger::acknowledged_never_applied, applied == 0 ? amount : 0);
      } else if (applied > 0) {
        add(row, told == Told::unknown ? &Ledger::unknown_applied : &Ledger::failed_applied,
            amount);
      }
      add(row, &Ledger::extra_applications, applied > 1 ? amount * (applied - 1) : 0);
    }
  }

  void check_versions() {
    std::vector<std::uint32_t> next_number(history_.rows.size(), 0);
    std::vector<VersionId> last(history_.rows.size(), no_version);
    const auto defect = [this](Defect::Kind kind, const HistoryVersion& version) {
      judgement_.defects.push_back({kind, version.row, version.id});
    };
    for (std::uint32_t i = 0; i < history_.versions.size(); ++i) {
      const HistoryVersion& version = history_.versions[i];
      last[version.row] = version.id;
      if (version.number != next_number[version.row]++ || ancestry_.place(version.id) != i) {
        defect(Defect::Kind::version_out_of_sequence, version);
      }
      if (version.application == no_application) {
        continue;
      }
      const std::uint32_t parent = parent_of(i);
      if (parent == nowhere) {
        defect(Defect::Kind::unknown_parent, version);
      } else if (history_.versions[parent].value +
                     amount(history_.applications[version.application].operation, version.row) !=
                 version.value) {
        defect(Defect::Kind::wrong_value, version);
      }
    }
    for (std::uint32_t row = 0; row < history_.rows.size(); ++row) {
      const std::uint32_t place = ancestry_.place(history_.rows[row].last);
      if (history_.rows[row].last != last[row] || place == nowhere ||
          history_.versions[place].value != history_.rows[row].final) {
        judgement_.defects.push_back({Defect::Kind::final_not_last, row, history_.rows[row].last});
      }
    }
  }

  static void add_all(Ledger& total, const Ledger& terms) {
    total.initial += terms.initial;
    total.acknowledged += terms.acknowledged;
    total.unknown_applied += terms.unknown_applied;
    total.failed_applied += terms.failed_applied;
    total.extra_applications += terms.extra_applications;
    total.overwritten += terms.overwritten;
    total.acknowledged_never_applied += terms.acknowledged_never_applied;
    total.final += terms.final;
  }

  void check_ledgers() {
    for (std::uint32_t row = 0; row < history_.rows.size(); ++row) {
      if (!ledger(row).balanced()) {
        judgement_.defects.push_back({Defect::Kind::ledger, row, no_version});
      }
      add_all(judgement_.ledger, ledger(row));
      add_all(judgement_.taken, judgement_.taken_by_row[row]);
    }
  }

  const History& history_;
  Ancestry ancestry_;
  std::vector<OnRow> on_rows_;
  std::vector<VersionId> successors_;  // like History::versions; empty until something is lost
  Judgement judgement_;
};

}  // namespace

Judgement judge(const History& history) { return Judge(history).decide(); }

std::uint64_t Judgement::count(Anomaly anomaly) const {
  return static_cast<std::uint64_t>(
      std::count_if(findings.begin(), findings.end(),
                    [anomaly](const Finding& finding) { return finding.anomaly == anomaly; }));
}

}  // namespace racelab
