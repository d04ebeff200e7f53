// Random little strategies: a handler that runs a random list of statements with random conditions, so that the engines are
// compared on much more than what ships.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/hash.h"
#include "sim/strategy.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab {

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  /// 0 … sides-1.
  std::uint32_t roll(std::uint32_t sides) {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t word = state_;
    word = (word ^ (word >> 30U)) * 0xBF58476D1CE4E5B9U;
    word = (word ^ (word >> 27U)) * 0x94D049BB133111EBU;
    return static_cast<std::uint32_t>((word ^ (word >> 31U)) % sides);
  }
  bool chance(std::uint32_t percent) { return roll(100) < percent; }

 private:
  std::uint64_t state_;
};

struct Instruction {
  enum class Kind : std::uint8_t {
    select,
    select_for_update,
    update,               // every row seen last: what was seen + amount
    update_blindly,       // to amount, computed from nothing
    update_if_unchanged,  // every row seen last
    update_in_place,
    insert_key,
    insert_key_if_absent,
    find_saved_reply,
    save_reply,
    commit,
    stop_if_none,  // reply if the last statement that can fail in an ordinary way did
    stop_if_odd,   // … if the sum of the values seen last is odd
    skip_if_none,  // leave out the next one
  };
  Kind kind = Kind::select;
  std::uint32_t rows = 1;  // a bit each
  std::int64_t amount = 1;
  IfLocked if_locked = IfLocked::wait;
  Where where{};
  Reply reply = Reply::ok();
};

using Program = std::vector<Instruction>;

inline constexpr std::size_t slots = 3;
/// What the strategies below run.
inline std::array<Program, slots>& programs() {
  static std::array<Program, slots> all;
  return all;
}

inline RowKeys keys_of(std::uint32_t rows) {
  RowKeys keys;
  for (std::uint32_t row = 0; row < 32; ++row) {
    if (((rows >> row) & 1U) != 0) {
      keys.push_back(RowKey::row(row));
    }
  }
  return keys;
}

inline Writes writes_of(const Instruction& instruction, const Rows& seen, bool blindly) {
  Writes writes;
  for (const SeenRow& row : seen) {
    writes.push_back({.key = row.key,
                      .value = instruction.amount + (blindly ? 0 : row.value),
                      .computed_from = blindly ? no_version : row.version});
  }
  return writes;
}

template <std::size_t slot>
Task<Reply> run_program(Session& db, const Request& request) {
  Rows seen;
  bool done = true;
  bool skip = false;
  for (std::size_t at = 0; at < programs()[slot].size(); ++at) {
    const Instruction& instruction = programs()[slot][at];
    if (skip) {
      skip = false;
      continue;
    }
    switch (instruction.kind) {
      case Instruction::Kind::select:
        seen = co_await db.select(keys_of(instruction.rows));
        break;
      case Instruction::Kind::select_for_update:
        seen = co_await db.select_for_update(keys_of(instruction.rows), instruction.if_locked);
        break;
      case Instruction::Kind::update:
        co_await db.update(writes_of(instruction, seen, false));
        break;
      case Instruction::Kind::update_blindly:
        co_await db.update(writes_of(instruction, seen, true));
        break;
      case Instruction::Kind::update_if_unchanged:
        done = co_await db.update_if_unchanged(seen, writes_of(instruction, seen, false));
        break;
      case Instruction::Kind::update_in_place:
        done = co_await db.update_in_place({.key = keys_of(instruction.rows).front(),
                                            .amount = instruction.amount,
                                            .where = instruction.where});
        break;
      case Instruction::Kind::insert_key:
        co_await db.insert_key(request, instruction.reply);
        break;
      case Instruction::Kind::insert_key_if_absent:
        done = co_await db.insert_key_if_absent(request, instruction.reply);
        break;
      case Instruction::Kind::find_saved_reply: {
        const std::optional<SavedReply> saved = co_await db.find_saved_reply(request);
        done = !saved || saved->fingerprint != request.fingerprint;
        break;
      }
      case Instruction::Kind::save_reply:
        done = co_await db.save_reply(request, instruction.reply);
        break;
      case Instruction::Kind::commit:
        co_await db.commit();
        break;
      case Instruction::Kind::stop_if_none:
        if (!done) {
          co_return instruction.reply;
        }
        break;
      case Instruction::Kind::stop_if_odd: {
        std::int64_t sum = 0;
        for (const SeenRow& row : seen) {
          sum += row.value;
        }
        if (sum % 2 != 0) {
          co_return instruction.reply;
        }
        break;
      }
      case Instruction::Kind::skip_if_none:
        skip = !done;
        break;
    }
  }
  co_return Reply::ok();
}

inline Reply random_reply(Dice& dice) {
  constexpr std::array<Reply, 3> replies{Reply::ok(), Reply::conflict(), Reply::refused()};
  return replies[dice.roll(3)];
}

inline Instruction random_instruction(Dice& dice, std::uint32_t rows, std::uint32_t kinds) {
  Instruction instruction;
  instruction.kind = static_cast<Instruction::Kind>(dice.roll(kinds));
  instruction.rows = 1 + dice.roll((1U << rows) - 1);
  instruction.amount = static_cast<std::int64_t>(dice.roll(4)) - 1;
  instruction.if_locked = dice.chance(60)   ? IfLocked::wait
                          : dice.chance(50) ? IfLocked::fail
                                            : IfLocked::skip;
  const std::int64_t operand = dice.roll(3);
  switch (dice.roll(6)) {
    case 0:
      instruction.where = Where::value(operand);
      break;
    case 1:
      instruction.where = Where::at_least(operand);
      break;
    case 2:
      instruction.where = Where::remainder(2, operand % 2);
      break;
    default:
      break;
  }
  instruction.reply = random_reply(dice);
  return instruction;
}

/// One that begins with a statement, as every handler does that does anything.
inline Program random_program(Dice& dice, std::uint32_t rows) {
  constexpr auto all = static_cast<std::uint32_t>(Instruction::Kind::skip_if_none) + 1;
  Program program;
  Instruction first = random_instruction(dice, rows, 2);
  if (dice.chance(30)) {
    first.kind = dice.chance(50) ? Instruction::Kind::update_in_place
                                 : Instruction::Kind::insert_key_if_absent;
  }
  program.push_back(first);
  const std::uint32_t more = 1 + dice.roll(4);
  for (std::uint32_t i = 0; i < more; ++i) {
    program.push_back(random_instruction(dice, rows, all));
  }
  return program;
}

inline std::string to_text(const Program& program) {
  constexpr std::array<std::string_view, 14> names{"select",
                                                   "select-for-update",
                                                   "update",
                                                   "update-blindly",
                                                   "update-if-unchanged",
                                                   "update-in-place",
                                                   "insert-key",
                                                   "insert-key-if-absent",
                                                   "find-saved-reply",
                                                   "save-reply",
                                                   "commit",
                                                   "stop-if-none",
                                                   "stop-if-odd",
                                                   "skip-if-none"};
  std::string text;
  for (const Instruction& instruction : program) {
    text += "    " + std::string(names[static_cast<std::size_t>(instruction.kind)]) +
            " rows=" + std::to_string(instruction.rows) +
            " amount=" + std::to_string(instruction.amount) +
            " if-locked=" + std::to_string(static_cast<int>(instruction.if_locked)) +
            " where=" + std::to_string(static_cast<int>(instruction.where.kind)) + "/" +
            std::to_string(instruction.where.operand) +
            " reply=" + std::to_string(static_cast<int>(instruction.reply.kind)) + "\n";
  }
  return text;
}

/// A whole random experiment. The programs are in their slots until the next one is made.
struct RandomExperiment {
  std::array<Strategy, slots> strategies;
  Settings settings;
  Fleet fleet;
  std::string text;

  /// `wide`: over three or four rows, every client with a program of its own, so that some of them do not meet.
  explicit RandomExperiment(std::uint64_t seed, bool wide = false);
  RandomExperiment(const RandomExperiment&) = delete;
  RandomExperiment& operator=(const RandomExperiment&) = delete;
};

inline RandomExperiment::RandomExperiment(std::uint64_t seed, bool wide) {
  Dice dice(seed);
  Lines lines;
  const auto one_of = [&dice](std::initializer_list<const char*> values) {
    return std::string(values.begin()[dice.roll(static_cast<std::uint32_t>(values.size()))]);
  };
  const std::string workload = one_of({"increment", "increment", "transfer", "charge"});
  std::uint32_t rows = workload == "transfer" ? 2 : 1;
  if (wide && workload == "increment") {
    rows = 3 + dice.roll(2);
    lines.emplace_back("rows", std::to_string(rows));
  }
  lines.emplace_back("workload", workload);
  if (!wide && workload == "increment" && dice.chance(40)) {
    rows = 2;
    lines.emplace_back("rows", "2");
  }
  lines.emplace_back("initial", one_of({"0", "1", "3"}));
  lines.emplace_back("amount", one_of({"1", "1", "2"}));
  lines.emplace_back("amount-step", one_of({"0", "0", "0", "1"}));
  lines.emplace_back("clients", one_of({"1", "2", "2", "2", "3"}));
  lines.emplace_back("operations", one_of({"1", "1", "1", "2"}));
  lines.emplace_back("isolation", one_of({"autocommit", "read-committed", "repeatable-read"}));
  lines.emplace_back("attempts-max", one_of({"1", "2", "2", "3"}));
  lines.emplace_back("tries-max", one_of({"1", "2"}));
  lines.emplace_back("timeout", one_of({"50ms", "50ms", "50ms", "none"}));
  lines.emplace_back("lock-timeout", one_of({"none", "none", "10ms"}));
  lines.emplace_back("session-timeout", one_of({"30ms", "30ms", "none"}));
  lines.emplace_back("backoff", one_of({"none", "exponential"}));
  lines.emplace_back("lose-session.side", one_of({"either", "before", "after"}));
  for (const FaultDescription& fault : fault_descriptions()) {
    if (dice.chance(25)) {
      lines.emplace_back(std::string(fault.name) + ".max", one_of({"1", "1", "2"}));
    }
  }
  if (dice.chance(30)) {
    lines.emplace_back("faults-max", one_of({"1", "2"}));
  }
  settings = settings_of(lines);
  for (const auto& [key, value] : lines) {
    text += key + "=" + value + " ";
  }
  text += "\n";

  constexpr std::array<StrategyFunction, slots> functions{run_program<0>, run_program<1>,
                                                          run_program<2>};
  const std::uint32_t kinds = !wide && dice.chance(50) ? 1 : 2 + dice.roll(2);
  for (std::uint32_t slot = 0; slot < kinds; ++slot) {
    programs()[slot] = random_program(dice, rows);
    strategies[slot] = Strategy{.name = "program-" + std::to_string(slot),
                                .sentence = "Random statements.",
                                .needs_transaction = dice.chance(25),
                                .handle = functions[slot]};
    for (const Error error : {Error::conflict, Error::serialization_failure, Error::deadlock,
                              Error::lock_not_available}) {
      if (dice.chance(40)) {
        strategies[slot].retry_on = strategies[slot].retry_on | Errors{error};
      }
    }
    Combination combination;
    combination.strategy = &strategies[slot];
    if (dice.chance(15)) {
      combination = fleet_of("read-modify-write+new-key-per-attempt").front();
      combination.strategy = &strategies[slot];
    }
    fleet.push_back(combination);
    text += "  " + combination.name() +
            (strategies[slot].needs_transaction ? " in a transaction" : "") + "\n" +
            to_text(programs()[slot]);
  }
}

}  // namespace racelab::lab
