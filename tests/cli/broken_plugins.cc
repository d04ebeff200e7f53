// Plug-ins as strangers write them: each breaks its contract in one way. They are in an executable
// of their own, and in no list.
#include <coroutine>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "sim/strategy.h"
#include "sim/workload.h"

namespace racelab {

namespace {

// Not for the optimiser to see through.
volatile int zero = 0;

// ---- strategies

Task<Reply> throws(Session& db, const Request& request) {
  co_await db.select(request.change.rows);
  throw std::runtime_error("no such\nluck");
}

Task<Reply> throws_at_once(Session& /*db*/, const Request& /*request*/) { throw 7; }

Task<Reply> loops(Session& db, const Request& request) {
  co_await db.select(request.change.rows);
  while (zero == 0) {
  }
  co_return Reply::ok();
}

Task<Reply> does_nothing(Session& /*db*/) { co_return Reply::ok(); }

Task<Reply> calls_without_end(Session& db, const Request& /*request*/) {
  while (zero == 0) {
    co_await does_nothing(db);
  }
  co_return Reply::ok();
}

Task<Reply> asks_without_end(Session& db, const Request& request) {
  while (zero == 0) {
    co_await db.select(request.change.rows);
  }
  co_return Reply::ok();
}

Task<Reply> allocates(Session& db, const Request& request) {
  co_await db.select(request.change.rows);
  std::vector<std::vector<char>> all;
  while (zero == 0) {
    all.emplace_back(1'000'000, 'x');
  }
  co_return Reply::ok();
}

Task<Reply> nests(Session& db, const Request& request) {
  co_return zero == 0 ? co_await nests(db, request) : Reply::ok();
}

int deeper(volatile int* above) {  // NOLINT: for ever
  volatile int here = *above + 1;
  return zero == 0 ? deeper(&here) + here : 0;
}
Task<Reply> calls_itself(Session& db, const Request& request) {
  co_await db.select(request.change.rows);
  volatile int start = 0;
  co_return deeper(&start) == 0 ? Reply::ok() : Reply::conflict();
}

[[gnu::noinline]] int ratio(int part, int whole) { return part / whole; }
Task<Reply> divides(Session& db, const Request& request) {
  co_await db.select(request.change.rows);
  co_return ratio(zero + 1, zero) == 0 ? Reply::ok() : Reply::conflict();
}

Task<Reply> aborts(Session& db, const Request& request) {
  co_await db.select(request.change.rows);
  std::abort();
}

Task<Reply> waits(Session& /*db*/, const Request& /*request*/) {
  co_await std::suspend_always{};
  co_return Reply::ok();
}

const RegisteredStrategy strategies_[] = {
    RegisteredStrategy{{.name = "throws", .sentence = "", .handle = throws}},
    RegisteredStrategy{{.name = "throws-at-once", .sentence = "", .handle = throws_at_once}},
    RegisteredStrategy{{.name = "loops", .sentence = "", .handle = loops}},
    RegisteredStrategy{{.name = "calls-without-end", .sentence = "", .handle = calls_without_end}},
    RegisteredStrategy{{.name = "asks-without-end", .sentence = "", .handle = asks_without_end}},
    RegisteredStrategy{{.name = "allocates", .sentence = "", .handle = allocates}},
    RegisteredStrategy{{.name = "nests", .sentence = "", .handle = nests}},
    RegisteredStrategy{{.name = "calls-itself", .sentence = "", .handle = calls_itself}},
    RegisteredStrategy{{.name = "divides", .sentence = "", .handle = divides}},
    RegisteredStrategy{{.name = "aborts", .sentence = "", .handle = aborts}},
    RegisteredStrategy{{.name = "waits", .sentence = "", .handle = waits}},
};

Task<Reply> throws_around(Session& db, const Request& request, const Next& inner) {
  co_await inner.run(db, request);
  throw std::logic_error("around");
}

const RegisteredProtection protection{
    {.name = "throws-around", .sentence = "", .handle = throws_around}};

// ---- workloads

// A change of one row, as it should be; each workload then breaks it.
Change right_change() {
  Change change;
  change.rows.push_back(RowKey::row(0));
  change.amounts[0] = 1;
  change.function = add_amounts;
  return change;
}

template <void (*Break)(Change& change)>
class Broken final : public Workload {
 public:
  [[nodiscard]] Change change(OperationName /*operation*/) const override {
    Change change = right_change();
    Break(change);
    return change;
  }
};

std::vector<std::string> one_row(const Settings& /*settings*/) { return {"n"}; }

template <void (*Break)(Change& change), auto RowNames = one_row>
WorkloadEntry broken(const char* name) {
  return {.name = name,
          .sentence = "",
          .row_names = RowNames,
          .make = [](const Settings& /*settings*/) -> std::unique_ptr<Workload> {
            return std::make_unique<Broken<Break>>();
          },
          .invariant = ""};
}

void no_rows(Change& change) { change.rows.clear(); }
void no_such_row(Change& change) { change.rows[0] = RowKey::row(1); }
void nine_rows(Change& change) {
  for (std::uint32_t row = 1; row < 9; ++row) {
    change.rows.push_back(RowKey::row(row));
  }
}
void row_twice(Change& change) { change.rows.push_back(RowKey::row(0)); }
void too_much(Change& change) { change.amounts[0] = INT64_MIN; }
void too_much_in_all(Change& change) { change.amounts[0] = 3'000'000'000'000'000'000; }
void fickle(Change& change) {
  static std::int64_t asked = 0;
  change.amounts[0] = ++asked;
}
void no_function(Change& change) { change.function = nullptr; }
void throwing(Change& /*change*/) { throw std::out_of_range("change"); }
void never_ending(Change& /*change*/) {
  while (zero == 0) {
  }
}
void right(Change& /*change*/) {}

std::vector<std::string> nameless(const Settings& /*settings*/) { return {}; }
std::vector<std::string> name_twice(const Settings& /*settings*/) { return {"n", "n"}; }
std::vector<std::string> throwing_names(const Settings& /*settings*/) { throw 1; }
std::unique_ptr<Workload> nothing(const Settings& /*settings*/) { return nullptr; }
bool throwing_rule(const std::vector<std::int64_t>& /*initial*/,
                   const std::vector<std::int64_t>& /*final*/) {
  throw std::logic_error("rule");
}

WorkloadEntry made_of_nothing() {
  WorkloadEntry entry = broken<right>("made-of-nothing");
  entry.make = nothing;
  return entry;
}

WorkloadEntry with_a_throwing_rule() {
  WorkloadEntry entry = broken<right>("throwing-rule");
  entry.invariant = "none";
  entry.keeps_invariant = throwing_rule;
  return entry;
}

const RegisteredWorkload workloads_[] = {
    RegisteredWorkload{broken<no_rows>("no-rows")},
    RegisteredWorkload{broken<no_such_row>("no-such-row")},
    RegisteredWorkload{broken<nine_rows>("nine-rows")},
    RegisteredWorkload{broken<row_twice>("row-twice")},
    RegisteredWorkload{broken<too_much>("too-much")},
    RegisteredWorkload{broken<too_much_in_all>("too-much-in-all")},
    RegisteredWorkload{broken<fickle>("fickle")},
    RegisteredWorkload{broken<no_function>("no-function")},
    RegisteredWorkload{broken<throwing>("throwing")},
    RegisteredWorkload{broken<never_ending>("never-ending")},
    RegisteredWorkload{broken<right, nameless>("nameless")},
    RegisteredWorkload{broken<right, name_twice>("name-twice")},
    RegisteredWorkload{broken<right, throwing_names>("throwing-names")},
    RegisteredWorkload{made_of_nothing()},
    RegisteredWorkload{with_a_throwing_rule()},
};

}  // namespace

}  // namespace racelab
