// Line by line: a transaction, its thread, what it has locked.
#include "sim/drivers/innodb_locks.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <tuple>

namespace racelab::drivers {

namespace {

constexpr std::string_view transactions_begin = "LIST OF TRANSACTIONS FOR EACH SESSION:";
constexpr std::string_view transactions_end = "FILE I/O";

struct Lock {
  std::tuple<std::string, std::string> record;  // its page, its place there
  bool waits = false;
  bool shared = false;
  bool gap_only = false;     // "locks gap before rec"
  bool record_only = false;  // "locks rec but not gap"
  bool inserts = false;      // "insert intention"
};

struct Transaction {
  unsigned long thread = 0;
  bool waits = false;
  std::vector<Lock> locks;
};

bool has(std::string_view line, std::string_view words) {
  return line.find(words) != std::string_view::npos;
}

unsigned long number_after(std::string_view line, std::string_view words) {
  unsigned long number = 0;
  const std::size_t at = line.find(words);
  if (at != std::string_view::npos) {
    const std::string_view rest = line.substr(at + words.size());
    std::from_chars(rest.data(), rest.data() + rest.size(), number);
  }
  return number;
}

// "RECORD LOCKS space id 5 page no 3 n bits 320 index PRIMARY of table `r`.`t` trx id 25 lock_mode X locks rec but not gap waiting"
Lock lock_of(std::string_view line) {
  Lock lock;
  const std::string_view mode = line.substr(std::min(line.rfind(" trx id "), line.size()));
  std::get<0>(lock.record) = line.substr(0, line.find(" n bits "));
  lock.waits = mode.ends_with(" waiting");
  lock.shared = has(mode, "lock mode S");
  lock.gap_only = has(mode, "locks gap before rec");
  lock.record_only = has(mode, "locks rec but not gap");
  lock.inserts = has(mode, "insert intention");
  return lock;
}

std::vector<Transaction> transactions_of(std::string_view status) {
  std::vector<Transaction> all;
  status.remove_prefix(std::min(status.find(transactions_begin), status.size()));
  status = status.substr(0, status.find(transactions_end));
  Lock present;
  while (!status.empty()) {
    const std::size_t end = std::min(status.find('\n'), status.size());
    const std::string_view line = status.substr(0, end);
    status.remove_prefix(std::min(end + 1, status.size()));
    if (line.starts_with("---TRANSACTION")) {
      all.emplace_back();
    } else if (all.empty()) {
      continue;
    } else if (line.starts_with("LOCK WAIT")) {
      all.back().waits = true;
    } else if (line.starts_with("MariaDB thread id ")) {
      all.back().thread = number_after(line, "MariaDB thread id ");
    } else if (line.starts_with("RECORD LOCKS ")) {
      present = lock_of(line);
    } else if (line.starts_with("Record lock, heap no ")) {
      std::get<1>(present.record) = line.substr(0, line.find(" PHYSICAL"));
      all.back().locks.push_back(present);
    }
  }
  return all;
}

bool in_the_way(const Lock& held, const Lock& wanted) {
  if (held.record != wanted.record || held.inserts || (held.shared && wanted.shared)) {
    return false;
  }
  return wanted.inserts ? !held.record_only : !held.gap_only;
}

}  // namespace

std::map<unsigned long, std::vector<unsigned long>> innodb_waits(std::string_view status) {
  const std::vector<Transaction> all = transactions_of(status);
  std::map<unsigned long, std::vector<unsigned long>> found;
  for (const Transaction& it : all) {
    if (!it.waits) {
      continue;
    }
    std::vector<unsigned long>& others = found[it.thread];
    for (const bool also_waiting : {false, true}) {
      for (const Transaction& other : all) {
        const bool blocks =
            other.thread != it.thread &&
            std::any_of(it.locks.begin(), it.locks.end(), [&](const Lock& wanted) {
              return wanted.waits &&
                     std::any_of(other.locks.begin(), other.locks.end(), [&](const Lock& held) {
                       return (also_waiting || !held.waits) && in_the_way(held, wanted);
                     });
            });
        if (blocks) {
          others.push_back(other.thread);
        }
      }
      if (!others.empty()) {
        break;
      }
    }
    std::sort(others.begin(), others.end());
  }
  return found;
}

}  // namespace racelab::drivers
