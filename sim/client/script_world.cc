// Clients are the same as for strategies; what they ask for and what they hear stands in the records.
#include "sim/client/script_world.h"

#include <algorithm>

#include "sim/client/run_loop.h"

namespace racelab {

namespace {

// Requests of endpoints in SQL carry no change: what they want done stands in the records.
class NoChange final : public Workload {
 public:
  [[nodiscard]] Change change(OperationName /*operation*/) const override { return {}; }
};
const NoChange no_change;

ScriptRecords records_of(const std::vector<std::vector<const Script*>>& plan) {
  ScriptRecords records;
  for (std::uint32_t client = 0; client < plan.size(); ++client) {
    records.first.push_back(records.operations.size());
    for (std::uint32_t number = 0; number < plan[client].size(); ++number) {
      ScriptOperation& operation = records.operations.emplace_back();
      operation.client = client;
      operation.number = number;
      operation.script = plan[client][number];
    }
  }
  return records;
}

ClientSettings client_settings(ClientSettings settings,
                               const std::vector<std::vector<const Script*>>& plan) {
  settings.clients = static_cast<std::uint32_t>(plan.size());
  settings.operations = 0;
  settings.issued.clear();
  for (const auto& scripts : plan) {
    settings.issued.push_back(static_cast<std::uint32_t>(scripts.size()));
    settings.operations = std::max(settings.operations, settings.issued.back());
  }
  settings.refusals_are_answers = true;
  return settings;
}

}  // namespace

ScriptWorld::ScriptWorld(Arena& arena, Choice& choice, const sql::Database& start,
                         const std::vector<std::vector<const Script*>>& plan,
                         std::vector<std::vector<NamedValue>> memory,
                         const ScriptWorldSettings& settings)
    : choice_(choice),
      happenings_max_(settings.happenings_max),
      clock_(settings.service.clock),
      records_(records_of(plan)),
      memory_(std::move(memory)),
      trace_(arena, settings.keep_trace),
      service_(arena, choice, start, records_, trace_, settings.service),
      endpoint_(nullptr, {}),
      fleet_({&endpoint_}, ArenaAllocator<const Endpoint*>(arena)),
      clients_(arena, choice, trace_, service_, no_change, client_settings(settings.clients, plan),
               fleet_, this) {}

bool ScriptWorld::step() {
  const Occurrence occurrence = choice_.next();
  if (occurrence.pending == nullptr) {
    return false;
  }
  ++happenings_;
  const Happening happening = occurrence.pending->happening;
  if (happening == Happening::timer || happening == Happening::timeout) {
    clients_.happen(*occurrence.pending);
  } else {
    service_.happen(*occurrence.pending, occurrence.fault);
  }
  return true;
}

World::End ScriptWorld::run() {
  clients_.start();
  constexpr std::uint64_t between_questions =
      1;  // a statement may look at many rows, and wake many
  const RunEnd end = run_to_end(choice_, happenings_, happenings_max_, between_questions,
                                [this] { return step(); });
  trace_.finish();
  ended_ = end.at;
  if (end.more) {
    return World::End::gave_up;
  }
  return service_.waits().empty() && clients_.unanswered().empty() ? World::End::finished
                                                                   : World::End::stuck;
}

void ScriptWorld::issued(OperationName operation) {
  ScriptOperation& record = records_.of(operation);
  record.issued = true;
  record.issued_at = clock();
  record.issued_after = answered_;
  record.memory = memory_[operation.client];
}

void ScriptWorld::heard(OperationName operation, std::uint16_t attempt, std::uint8_t copy) {
  ScriptOperation& record = records_.of(operation);
  record.reply = service_.reply_of(operation, attempt, copy);
  record.answered_attempt = static_cast<std::uint8_t>(std::min<std::uint16_t>(attempt, 31));
}

void ScriptWorld::told(OperationName operation, Told told) {
  ScriptOperation& record = records_.of(operation);
  switch (told) {
    case Told::ok:
      record.told = ScriptTold::ok;
      break;
    case Told::refused:
      record.told = ScriptTold::refused;
      break;
    case Told::failed:
      record.told = ScriptTold::failed;
      break;
    case Told::unknown:
      record.told = ScriptTold::unknown;
      break;
  }
  if (record.answered()) {
    record.answered_as = ++answered_;
    record.answered_at = clock();
  }
  if (told == Told::ok) {
    remember(record, memory_[operation.client]);
  }
  service_.forget_replies(operation);
}

ScriptEnding ScriptWorld::ending() const {
  ScriptEnding ending;
  const sql::Database& database = service_.database();
  for (std::uint16_t table = 0; table < database.schema().table_count(); ++table) {
    ending.contents.push_back(database.contents(table));
  }
  ending.operations = records_.operations;
  // An operation took effect when it first committed a change; one that changed nothing, with its last commit or answer.
  for (const bool changed : {false, true}) {
    std::vector<bool> known(ending.operations.size());
    for (const ScriptDeed& deed : service_.deeds()) {
      ScriptOperation& operation = ending.operations[deed.operation];
      if (deed.changed == changed && !(changed && known[deed.operation])) {
        operation.moment = deed.moment;
        known[deed.operation] = true;
      }
    }
  }
  for (ScriptOperation& operation : ending.operations) {
    if (operation.issued && !operation.moment) {
      operation.moment = operation.issued_at;
    }
    const std::int64_t end =
        operation.answered() ? operation.answered_at : clock_ + ended_.microseconds;
    ending.clock_tolerance = std::max(ending.clock_tolerance, end - operation.issued_at);
  }
  return ending;
}

}  // namespace racelab
