// The long timeline: each operation leaves one mark where it ended; a slot shows the worst of its marks.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/timeline.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::size_t slots = 64;
constexpr std::size_t clients_shown_max = 24;

// From harmless to harmful: a slot shows the last that applies.
enum class Mark : std::uint8_t { none, kept, retry, failed, unknown, wrong, done_twice, lost };

struct MarkDescription {
  char glyph;
  std::string_view meaning;
  Tone tone;
};
constexpr MarkDescription marks[] = {
    {' ', "", Tone::plain},
    {'.', "kept", Tone::good},
    {'r', "kept, after a retry", Tone::open},
    {'f', "failed", Tone::open},
    {'?', "unknown", Tone::open},
    {'!', "told wrongly", Tone::bad},
    {'2', "done twice", Tone::bad},
    {'x', "lost", Tone::bad},
};

std::vector<Mark> marks_of(const RunResult& result) {
  std::vector<Mark> all;
  for (const HistoryOperation& operation : result.history.operations) {
    all.push_back(!operation.finished               ? Mark::unknown
                  : operation.told == Told::unknown ? Mark::unknown
                  : operation.told == Told::failed  ? Mark::failed
                  : operation.attempts > 1          ? Mark::retry
                                                    : Mark::kept);
  }
  for (const Finding& finding : result.judgement.findings) {
    const Mark mark = finding.anomaly == Anomaly::lost_update ? Mark::lost
                      : finding.anomaly == Anomaly::duplicate ? Mark::done_twice
                                                              : Mark::wrong;
    all[finding.operation] = std::max(all[finding.operation], mark);
  }
  return all;
}

std::size_t slot_of(Instant at, Instant end) {
  if (end.microseconds <= 0) {
    return 0;
  }
  const std::int64_t slot = at.microseconds * std::int64_t{slots} / end.microseconds;
  return std::min(static_cast<std::size_t>(slot), slots - 1);
}

}  // namespace

Marks long_timeline(const ExperimentRun& report) {
  const RunResult& result = report.result;
  const std::vector<Mark> of_operation = marks_of(result);
  std::vector<std::vector<Mark>> rows(report.settings.clients,
                                      std::vector<Mark>(slots, Mark::none));
  std::vector<bool> used(std::size(marks), false);
  bool shared = false;  // some slot holds several operations
  for (std::size_t i = 0; i < of_operation.size(); ++i) {
    const HistoryOperation& operation = result.history.operations[i];
    if (!operation.finished && operation.attempts == 0) {
      continue;  // a run that was given up never issued it
    }
    const Instant at = operation.finished ? operation.ended : result.ended;
    Mark& mark = rows[operation.name.client][slot_of(at, result.ended)];
    shared = shared || mark != Mark::none;
    mark = std::max(mark, of_operation[i]);
    used[static_cast<std::size_t>(of_operation[i])] = true;
  }

  Marks drawn;
  drawn.unit = "ms";
  drawn.end = milliseconds_text(result.ended);
  const std::size_t shown = std::min<std::size_t>(rows.size(), clients_shown_max);
  drawn.lanes_left_out = rows.size() - shown;
  for (std::uint32_t client = 0; client < shown; ++client) {
    Marks::Lane& lane = drawn.lanes.emplace_back(Marks::Lane{client_name(client), {}});
    for (const Mark mark : rows[client]) {
      const MarkDescription& description = marks[static_cast<std::size_t>(mark)];
      lane.marks.push_back({std::string(1, description.glyph), description.tone});
    }
  }
  for (std::size_t i = 1; i < std::size(marks); ++i) {
    if (used[i]) {
      drawn.legend.push_back(fmt::format("{} {}", marks[i].glyph, marks[i].meaning));
    }
  }
  if (shared) {
    drawn.legend.emplace_back("(a mark is the worst of its slot)");
  }
  return drawn;
}

}  // namespace racelab
