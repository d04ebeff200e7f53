// racelab compare and racelab merge: what each strategy costs, over many seeds.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/cli/axes.h"
#include "sim/cli/client_flag.h"
#include "sim/cli/commands.h"
#include "sim/cli/input_file.h"
#include "sim/cli/ranks.h"
#include "sim/cli/result_page.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_compare.h"
#include "sim/cli/script_scenario.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/explore/explore.h"
#include "sim/report/compare.h"
#include "sim/report/words.h"
#include "sim/scenario/conflicts.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

constexpr std::uint64_t usual_seeds = 1'000;
constexpr std::uint64_t shard_bytes_max = 2'000'000'000;

const CommandSyntax syntax{
    .name = "compare",
    .sentence = "strategies side by side: how often each goes wrong, and what it costs",
    .usage =
        "usage: racelab compare SCENARIO... [--strategy S]... [--seeds N]\n"
        "                       [--vary KEY=A,B,C]... [option...]\n"
        "\n"
        "Many runs of each strategy under the same seeds: what goes wrong and how often,\n"
        "what it costs, and how sure that is. Without --strategy: those that the scenario\n"
        "suggests.\n"
        "\n"
        "  racelab compare hot-counter\n"
        "  racelab compare contention --vary clients=1,2,4,8,16,32,64\n"
        "  racelab compare overload\n"
        "  racelab compare overload --format html --output overload.html\n"
        "  racelab compare hot-counter --seeds 1000000 --shard 1/2 --output part-1.json\n"
        "  racelab merge part-1.json part-2.json\n"
        "  racelab compare oversold-stock --vary clients=2,4,8\n"
        "\n"
        "right/s    operations told ok and done exactly once, per second of virtual time\n"
        "lost       share of operations told ok whose update is gone\n"
        "twice      share of all operations that were done more than once\n"
        "calls      a client's calls per operation; load: those that reach the service\n"
        "wasted     statements of tries that came to nothing; aborts: such tries\n"
        "wait ms    waiting for row locks; queue ms: for a worker\n"
        "shed       calls turned away by a full queue; dropped: their client had gone\n"
        "protect    (statements with the protection - without) / with\n",
    .exits = "0 measured, 2 bad usage, 3 ended before its time, or every run was given up",
    .flags = {"client", "strategy", "setup", "endpoint", "check", "param", "deadlock-timeout",
              "seeds", "seed", "vary", "jobs", "shard", "seconds-max", "watch", "format", "output",
              "color"},
    .takes_settings = true,
    .several_strategies = true,
    .names_max = 100,
    .formats = {"text", "json", "csv", "html"},
    .words = {{"strategy",
               "how the service writes; may be given again (default: what the scenario suggests)"},
              {"seed", "the first of the seeds, from 0 to 2^64-1 (default 1)"}},
};

const CommandSyntax syntax_of_merge{
    .name = "merge",
    .sentence = "the parts of a comparison, added up",
    .usage =
        "usage: racelab merge FILE... [option...]\n"
        "\n"
        "The parts that `racelab compare ... --shard I/N --output FILE` wrote, added up:\n"
        "the same bytes as one run of all seeds.\n",
    .exits = "0 measured, 2 bad usage, 3 every run was given up",
    .flags = {"format", "output", "color"},
    .names_max = 100'000,
    .name_word = "file",
    .formats = {"text", "json", "csv", "html"},
};

// What a newcomer should see side by side: every strategy that applies; and where calls may be repeated, each with an idempotency
// key, too.
std::vector<std::string> suggested_strategies(const Settings& settings) {
  std::vector<std::string> names;
  for (const Strategy& strategy : strategies()) {
    if (problem_with(Combination{&strategy, {}}, settings).empty()) {
      names.push_back(strategy.name);
    }
  }
  const Hazards hazards = settings.hazards;
  if (hazards.contain(Hazard::repeat) || hazards.contain(Hazard::overlap) ||
      hazards.contain(Hazard::crash)) {
    const std::size_t bare = names.size();
    for (std::size_t i = 0; i < bare; ++i) {
      names.push_back(names[i] + "+idempotency-key");
    }
  }
  return names;
}

// A variant's settings, then the flags, then the place: the later one wins. But settings stand over presets, of whichever of the
// two. The problem as of apply_over.
std::string vary(Settings& settings, const Comparison::Variant& variant, const Arguments& arguments,
                 const Place& place) {
  apply_over(settings, variant.settings);
  Place lines = flags_over(settings, arguments);
  lines.insert(lines.end(), place.begin(), place.end());
  std::stable_partition(lines.begin(), lines.end(),
                        [](const auto& line) { return preset_layer(line.first) > 0; });
  return apply_over(settings, lines);
}

Settings settings_of(const Scenario& scenario, const Comparison::Variant& variant,
                     const Arguments& arguments, const Place& place) {
  Settings settings = scenario.settings;
  std::string problem = vary(settings, variant, arguments, place);
  problem = problem.empty() ? problem_with(settings) : problem;
  if (!problem.empty()) {
    throw UsageError(problem);
  }
  return settings;
}

// Whether `racelab explore` takes the scenario, and what a point has besides.
bool can_be_explored(const Scenario& scenario, const Comparison::Variant& variant,
                     const Arguments& arguments, const Place& place) {
  static const Fleet any_fleet = parse_fleet("read-modify-write").fleet;
  Settings settings = twin_settings(scenario);
  if (!problem_with_exploring(settings, any_fleet).empty()) {
    return false;
  }
  vary(settings, variant, arguments, place);
  return problem_with(settings).empty() && problem_with_exploring(settings, any_fleet).empty();
}

// A flag must not make variants say what they are not.
void refuse_flags_of_variants(const Scenario& scenario, const Arguments& arguments,
                              const std::vector<std::string>& varied) {
  for (const Comparison::Variant& variant : scenario.comparison.variants) {
    for (const auto& [key, value] : variant.settings) {
      const auto is_key = [&key = key](const auto& setting) { return setting.first == key; };
      if (std::any_of(arguments.settings.begin(), arguments.settings.end(), is_key) ||
          std::find(varied.begin(), varied.end(), key) != varied.end()) {
        throw UsageError(
            fmt::format("'{}' is what {} compares: '{}' sets it to {}; a scenario of your "
                        "own can compare other values",
                        key, scenario.name, variant.name, value));
      }
    }
  }
}

// A client, or a stack, of one's own stands instead of variants that say whose the clients are, or who calls whom.
bool is_replaced_by_stack(const Scenario& scenario, const Arguments& arguments,
                          const std::vector<std::string>& varied) {
  const bool layers_vary = std::any_of(
      varied.begin(), varied.end(), [](const std::string& key) { return layer_of_key(key) > 0; });
  const bool stack = gives_layers(arguments) || layers_vary;
  const auto replaces = [&](const std::string& key) {
    return key == "client" ? stack || !arguments.client.empty()
                           : stack && (key == "layers" || layer_of_key(key) > 0);
  };
  const auto& variants = scenario.comparison.variants;
  return std::any_of(variants.begin(), variants.end(), [&](const Comparison::Variant& variant) {
    return std::any_of(variant.settings.begin(), variant.settings.end(),
                       [&](const auto& setting) { return replaces(setting.first); });
  });
}

// Values, given as flags or with --vary, that mean nothing in any cell that has them.
class IdleValues {
 public:
  void add(const Settings& settings, const Arguments& arguments, const Place& place) {
    const std::vector<Conflict> idle = idle_in(settings);
    for (const auto* pairs : {&arguments.settings, &place}) {
      for (const auto& pair : *pairs) {
        const auto found = std::find_if(
            idle.begin(), idle.end(),
            [&pair](const Conflict& conflict) { return conflict.keys.front() == pair.first; });
        const std::string problem = found == idle.end() ? "" : found->problem;
        if (const auto [value, is_new] = problems_.emplace(pair, problem);
            !is_new && problem.empty()) {
          value->second.clear();
        }
      }
    }
  }
  void refuse() const {
    for (const auto& [pair, problem] : problems_) {
      if (!problem.empty()) {
        throw UsageError(problem);
      }
    }
  }

 private:
  std::map<std::pair<std::string, std::string>, std::string>
      problems_;  // empty: it means something
};

SweepPlan plan_of_scripts(const Arguments& arguments, const std::vector<Axis>& axes) {
  SweepPlan plan;
  plan.first_seed = arguments.seed;
  plan.seeds = arguments.seeds == 0 ? usual_seeds : arguments.seeds;
  if (arguments.names.empty()) {
    add_scripts(plan, arguments, "", grid_of(axes));
  }
  for (const std::string& name : arguments.names) {
    if (!names_script_scenario(name)) {
      throw UsageError("'" + name +
                       "' has no endpoints in SQL, as the other scenario has: they are measured "
                       "alike, but not compared on one page; compare it by itself");
    }
    add_scripts(plan, arguments, name, grid_of(axes));
  }
  if (plan.cells.size() > cells_max) {
    throw UsageError(
        fmt::format("the comparison is too large: at most {} cells, not more", cells_max));
  }
  return plan;
}

SweepPlan plan_of(const Arguments& arguments, const std::vector<Axis>& axes) {
  if (asks_for_scripts(arguments)) {
    return plan_of_scripts(arguments, axes);
  }
  refuse_flags_of_scripts(arguments);
  if (arguments.names.empty()) {
    throw UsageError(
        "which scenario? for example `racelab compare hot-counter`; `racelab list scenarios` shows "
        "them");
  }
  const auto grid = grid_of(axes);
  std::vector<std::string> varied;
  varied.reserve(axes.size());
  for (const Axis& axis : axes) {
    varied.push_back(axis.key);
  }
  SweepPlan plan;
  plan.first_seed = arguments.seed;
  plan.seeds = arguments.seeds;
  IdleValues idle;
  std::uint64_t suggested_seeds = usual_seeds;
  for (std::size_t i = 0; i < arguments.names.size(); ++i) {
    const std::string& name = arguments.names[i];
    if (std::find(arguments.names.begin(), arguments.names.begin() + static_cast<std::ptrdiff_t>(i),
                  name) != arguments.names.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw UsageError("the scenario '" + name + "' is given twice");
    }
    const Scenario scenario = load_scenario(name);
    const bool own_stack = is_replaced_by_stack(scenario, arguments, varied);
    if (!own_stack) {
      refuse_flags_of_variants(scenario, arguments, varied);
    }
    suggested_seeds = std::min(suggested_seeds, scenario.comparison.seeds.value_or(usual_seeds));
    std::vector<Comparison::Variant> variants = scenario.comparison.variants;
    if (variants.empty() || own_stack) {
      variants.assign(1, {});
    }
    for (const Comparison::Variant& variant : variants) {
      for (const auto& place : grid) {
        SweepPoint point{name,
                         variant.name,
                         variant.settings,
                         place,
                         settings_of(scenario, variant, arguments, place),
                         can_be_explored(scenario, variant, arguments, place)};
        idle.add(point.settings, arguments, place);
        std::vector<std::string> strategy_names = arguments.strategies;
        if (strategy_names.empty()) {
          strategy_names = scenario.comparison.strategies.empty()
                               ? suggested_strategies(point.settings)
                               : scenario.comparison.strategies;
        }
        std::vector<Fleet> fleets;
        for (const std::string& strategy : strategy_names) {
          fleets.push_back(load_fleet(strategy, point.settings));
          const std::string loaded = name_of(fleets.back());
          if (std::count_if(fleets.begin(), fleets.end(), [&loaded](const Fleet& fleet) {
                return name_of(fleet) == loaded;
              }) > 1) {
            throw UsageError("the strategy '" + loaded + "' is given twice");
          }
        }
        plan.add(std::move(point), fleets);
        if (plan.cells.size() > cells_max) {
          throw UsageError(
              fmt::format("the comparison is too large: at most {} cells, not more", cells_max));
        }
      }
    }
  }
  idle.refuse();
  plan.seeds = arguments.seeds == 0 ? suggested_seeds : arguments.seeds;
  if (plan.first_seed > UINT64_MAX - (plan.seeds - 1)) {
    throw UsageError(fmt::format("seed {} leaves no {} seeds up to 18446744073709551615",
                                 plan.first_seed, plan.seeds));
  }
  return plan;
}

std::string text_of(const CompareReport& report, const Arguments& arguments,
                    const ResultFile& result, const Environment& environment) {
  return arguments.format == "json"  ? compare_json(report)
         : arguments.format == "csv" ? compare_csv(report)
         : arguments.format == "html"
             ? result_page(result.built, arguments,
                           {.result = compare_json(report), .text = compare_text(report, {})})
             : compare_text(report, style_for(arguments, environment));
}

// Whether some run of some strategy came to its end.
bool is_anything_known(const CompareReport& report) {
  return std::any_of(report.result.tallies.begin(), report.result.tallies.end(),
                     [](const Tally& tally) { return tally.gave_up < tally.runs; });
}

CompareReport planned(const Arguments& arguments) {
  CompareReport report;
  const std::vector<Axis> axes = read_axes(arguments);
  report.plan = plan_of(arguments, axes);
  report.flags = asks_for_scripts(arguments)
                     ? arguments.settings
                     : flags_over(load_scenario(arguments.names.front()).settings, arguments);
  for (const Axis& axis : axes) {
    report.varied.push_back(axis.key);
  }
  return report;
}

// Runs a part of the plan, or all of it.
void run_part(CompareReport& report, const SweepPlan& part, const Arguments& arguments,
              const Environment& environment) {
  Watch watch(arguments, environment);
  SweepOptions options;
  options.jobs = static_cast<unsigned>(arguments.jobs);
  options.go_on = [&watch](std::uint64_t done, std::uint64_t total) {
    return watch.go_on("run", done, total);
  };
  report.result = sweep(part, options);
  report.stopped_by = report.result.seeds < part.seeds ? watch.stopped_by() : "";
}

void refuse_scripts_in_parts(const Arguments& arguments, std::string_view what) {
  if (asks_for_scripts(arguments)) {
    throw UsageError(std::string(what) +
                     " is for scenarios of strategies: a part cannot carry the SQL files that "
                     "`racelab merge` would need");
  }
}

// Of the processes that mpirun started each runs its part; the first adds them up, as `racelab merge` does.
CommandResult compare_together(Arguments arguments, const Rank& rank,
                               const Environment& environment) {
  refuse_scripts_in_parts(arguments, "mpirun");
  if (arguments.shards > 0) {
    throw UsageError("--shard is not for mpirun, whose processes share the seeds by themselves");
  }
  if (!rank.speaks_for_all()) {
    arguments.output.clear();
  }
  CompareReport report = planned(arguments);
  ResultFile result(arguments);
  run_part(report, report.plan.shard(rank.index + 1, rank.of), arguments, environment);
  std::vector<ShardFile> files;
  for (const std::string& text : gather(shard_json(report, {rank.index + 1, rank.of}))) {
    files.push_back({fmt::format("process {} of {}", files.size() + 1, rank.of), text});
  }
  if (!rank.speaks_for_all()) {
    return {};
  }
  const MergedShards merged = merge_shards(files);
  if (!merged.problem.empty()) {
    return {Exit::gave_up, "", "racelab: " + merged.problem + "\n"};
  }
  return deliver(is_anything_known(merged.report) ? Exit::as_expected : Exit::gave_up,
                 text_of(merged.report, arguments, result, environment), result.file, arguments);
}

}  // namespace

const CommandSyntax& compare_syntax() { return syntax; }

CommandResult compare_command(const std::vector<std::string>& rest,
                              const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  const Rank rank = rank_of_this_process();
  if (rank.by_mpirun) {
    return compare_together(arguments, rank, environment);
  }
  const bool is_shard = arguments.shards > 0;
  if (is_shard) {
    refuse_scripts_in_parts(arguments, "--shard");
  }
  if (is_shard && arguments.format_given) {
    throw UsageError(fmt::format(
        "a shard is written for `racelab merge` and has one form; leave --format {0} out here, and "
        "give it to the merge: `racelab merge FILE... --format {0}`",
        arguments.format));
  }
  CompareReport report = planned(arguments);
  ResultFile result(arguments);
  const SweepPlan part =
      is_shard ? report.plan.shard(arguments.shard, arguments.shards) : report.plan;
  run_part(report, part, arguments, environment);
  const Exit exit =
      report.stopped_by.empty() && is_anything_known(report) ? Exit::as_expected : Exit::gave_up;
  return deliver(exit,
                 is_shard ? shard_json(report, {arguments.shard, arguments.shards})
                          : text_of(report, arguments, result, environment),
                 result.file, arguments);
}

const CommandSyntax& merge_syntax() { return syntax_of_merge; }

CommandResult merge_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax_of_merge, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax_of_merge), ""};
  }
  if (arguments.names.empty()) {
    throw UsageError(
        "which files? those that `racelab compare ... --shard I/N --output FILE` wrote");
  }
  std::vector<ShardFile> files;
  for (const std::string& name : arguments.names) {
    files.push_back({name, read_file(name, "a part of a comparison", shard_bytes_max)});
  }
  ResultFile result(arguments);
  const MergedShards merged = merge_shards(files);
  if (!merged.problem.empty()) {
    throw UsageError(merged.problem);
  }
  return deliver(is_anything_known(merged.report) ? Exit::as_expected : Exit::gave_up,
                 text_of(merged.report, arguments, result, environment), result.file, arguments);
}

}  // namespace racelab
