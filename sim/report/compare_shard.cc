// A part of a comparison, written and read again. The plan is written out in full, so that merging needs no scenario file, and
// parts of different plans are told apart by comparing their texts.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <stdexcept>

#include "sim/kernel/hash.h"
#include "sim/report/compare.h"
#include "sim/report/json.h"
#include "sim/report/words.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

namespace json = boost::json;

constexpr std::string_view schema = "racelab.compare-shard/1";
constexpr std::uint64_t shards_max = 100'000;

// ---- the plan

json::array pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
  json::array all;
  for (const auto& [key, value] : pairs) {
    all.push_back(json::array{key, value});
  }
  return all;
}

json::value place_json(std::size_t place) {
  return place == SweepCell::none ? json::value(nullptr) : json::value(place);
}

json::object plan_json(const CompareReport& report) {
  json::array points;
  for (const SweepPoint& point : report.plan.points) {
    json::array settings;
    for (const Option& option : options()) {
      settings.push_back(json::array{option.name, value_of(option, point.settings)});
    }
    for (const auto& [key, value] : layer_settings_shaping(point.settings)) {
      settings.push_back(json::array{key, value});
    }
    points.push_back(json::object{{"scenario", json::string(utf8_text(point.scenario))},
                                  {"variant", point.variant},
                                  {"variant_settings", pairs_json(point.variant_settings)},
                                  {"varied", pairs_json(point.varied)},
                                  {"settings", std::move(settings)},
                                  {"explorable", point.explorable}});
  }
  json::array cells;
  for (const SweepCell& cell : report.plan.cells) {
    cells.push_back(json::object{{"point", cell.point},
                                 {"strategy", cell.name},
                                 {"shown", cell.shown},
                                 {"reference", place_json(cell.reference)},
                                 {"unprotected", place_json(cell.unprotected)}});
  }
  json::array varied;
  for (const std::string& key : report.varied) {
    varied.push_back(json::string(key));
  }
  return {{"first_seed", std::to_string(report.plan.first_seed)},
          {"seeds", report.plan.seeds},
          {"flags", pairs_json(report.flags)},
          {"varied", std::move(varied)},
          {"points", std::move(points)},
          {"cells", std::move(cells)}};
}

// ---- tallies: every number there is, by name

std::string decimal(WideInteger value) { return fmt::format("{}", value); }

json::object sums_json(const RatioSums& sums) {
  json::object all{{"runs", sums.runs()}};
  RatioSums::each(sums,
                  [&all](std::string_view name, WideInteger value) { all[name] = decimal(value); });
  return all;
}

json::object pairs_sums_json(const PairedSums& sums) {
  json::object all;
  PairedSums::each(
      sums, [&all](std::string_view name, WideInteger value) { all[name] = decimal(value); });
  return all;
}

json::value seed_json(const std::optional<std::uint64_t>& seed) {
  return seed ? json::value(std::to_string(*seed)) : json::value(nullptr);
}

template <class Numbers>
json::array numbers_json(const Numbers& numbers) {
  json::array all;
  for (const std::uint64_t number : numbers) {
    all.push_back(number);
  }
  return all;
}

json::object recovery_json(const RecoveryTally& recovery) {
  return {{"runs", recovery.runs},
          {"recovered", recovery.recovered},
          {"down_before", recovery.down_before},
          {"stuck_seed", seed_json(recovery.stuck_seed)},
          {"right_before", recovery.right_before},
          {"right_after", recovery.right_after},
          {"right", numbers_json(recovery.right)},
          {"issued", numbers_json(recovery.issued)}};
}

json::object tally_json(const Tally& tally) {
  json::array told;
  for (const auto& row : tally.told) {
    told.push_back(numbers_json(row));
  }
  json::array measures;
  json::array against_reference;
  for (std::size_t i = 0; i < measure_kinds; ++i) {
    measures.push_back(sums_json(tally.measures[i]));
    against_reference.push_back(pairs_sums_json(tally.against_reference[i]));
  }
  json::array without_protection;
  for (const RatioSums& sums : tally.without_protection) {
    without_protection.push_back(sums_json(sums));
  }
  return {{"runs", tally.runs},
          {"violated", tally.violated},
          {"gave_up", tally.gave_up},
          {"runs_with", numbers_json(tally.runs_with)},
          {"violating_seed", seed_json(tally.violating_seed)},
          {"operations", tally.operations},
          {"events", tally.events},
          {"told", std::move(told)},
          {"measures", std::move(measures)},
          {"against_reference", std::move(against_reference)},
          {"without_protection", std::move(without_protection)},
          {"latency_buckets", numbers_json(tally.latency.buckets())},
          {"latency_max", tally.latency.max().microseconds},
          {"recovery", recovery_json(tally.recovery)}};
}

std::string checksum(std::string_view text) {
  Hash hash;
  for (const char c : text) {
    hash.add(static_cast<unsigned char>(c));
  }
  return fmt::format("{:016x}", hash.value());
}

// ---- reading: whatever is not as it was written throws, and becomes the one sentence "is damaged"

std::uint64_t whole(const json::value& value) { return value.to_number<std::uint64_t>(); }

std::string text(const json::value& value) { return std::string(value.as_string()); }

WideInteger wide(const json::value& value) {
  const std::string digits = text(value);
  constexpr std::size_t digits_max = 38;  // 10^38 < 2^127
  std::size_t at = digits.starts_with('-') ? 1 : 0;
  if (at == digits.size() || digits.size() - at > digits_max) {
    throw std::invalid_argument("a number");
  }
  const bool negative = at == 1;
  WideInteger number = 0;
  for (; at < digits.size(); ++at) {
    if (digits[at] < '0' || digits[at] > '9') {
      throw std::invalid_argument("a number");
    }
    number = (number * 10) + (digits[at] - '0');
  }
  return negative ? -number : number;
}

std::uint64_t seed(const json::value& value) {
  const std::string digits = text(value);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    throw std::invalid_argument("a seed");
  }
  return number;
}

std::optional<std::uint64_t> seed_or_none(const json::value& value) {
  return value.is_null() ? std::nullopt : std::optional(seed(value));
}

std::size_t place(const json::value& value, std::size_t end) {
  if (value.is_null()) {
    return SweepCell::none;
  }
  const std::uint64_t number = whole(value);
  if (number >= end) {
    throw std::invalid_argument("a place");
  }
  return number;
}

std::vector<std::pair<std::string, std::string>> read_pairs(const json::value& value) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const json::value& pair : value.as_array()) {
    pairs.emplace_back(text(pair.as_array().at(0)), text(pair.as_array().at(1)));
  }
  return pairs;
}

Settings read_settings(const json::value& value) {
  Settings settings;
  for (const auto& [key, written] : read_pairs(value)) {
    const Option* option = find_option(key);
    const ParsedValue parsed = option == nullptr ? ParsedValue{} : parse_value(*option, written);
    if (!parsed.value) {
      throw std::invalid_argument("a setting");
    }
    option->set(settings, *parsed.value);
  }
  return settings;
}

void read_plan(const json::object& written, CompareReport& report) {
  report.plan.first_seed = seed(written.at("first_seed"));
  report.plan.seeds = whole(written.at("seeds"));
  report.flags = read_pairs(written.at("flags"));
  for (const json::value& key : written.at("varied").as_array()) {
    report.varied.push_back(text(key));
  }
  for (const json::value& value : written.at("points").as_array()) {
    const json::object& point = value.as_object();
    report.plan.points.push_back(
        {text(point.at("scenario")), text(point.at("variant")),
         read_pairs(point.at("variant_settings")), read_pairs(point.at("varied")),
         read_settings(point.at("settings")), point.at("explorable").as_bool()});
  }
  const json::array& cells = written.at("cells").as_array();
  for (const json::value& value : cells) {
    const json::object& cell = value.as_object();
    ParsedFleet fleet = parse_fleet(text(cell.at("strategy")));
    const std::size_t point = place(cell.at("point"), report.plan.points.size());
    if (!fleet.problem.empty() || point == SweepCell::none) {
      throw std::invalid_argument("a cell");
    }
    report.plan.cells.push_back({.point = point,
                                 .name = name_of(fleet.fleet),
                                 .fleet = std::move(fleet.fleet),
                                 .shown = cell.at("shown").as_bool(),
                                 .reference = place(cell.at("reference"), cells.size()),
                                 .unprotected = place(cell.at("unprotected"), cells.size())});
  }
}

RatioSums read_sums(const json::value& value) {
  const json::object& written = value.as_object();
  RatioSums sums;
  sums.set_runs(whole(written.at("runs")));
  RatioSums::each(sums, [&written](std::string_view name, WideInteger& number) {
    number = wide(written.at(name));
  });
  return sums;
}

PairedSums read_paired_sums(const json::value& value) {
  const json::object& written = value.as_object();
  PairedSums sums;
  PairedSums::each(sums, [&written](std::string_view name, WideInteger& number) {
    number = wide(written.at(name));
  });
  return sums;
}

template <class Numbers>
void read_numbers(const json::value& value, Numbers& numbers) {
  const json::array& written = value.as_array();
  if (written.size() != numbers.size()) {
    throw std::invalid_argument("a list");
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = whole(written[i]);
  }
}

RecoveryTally read_recovery(const json::object& written) {
  RecoveryTally recovery;
  recovery.runs = whole(written.at("runs"));
  recovery.recovered = whole(written.at("recovered"));
  recovery.down_before = whole(written.at("down_before"));
  recovery.stuck_seed = seed_or_none(written.at("stuck_seed"));
  recovery.right_before = whole(written.at("right_before"));
  recovery.right_after = whole(written.at("right_after"));
  read_numbers(written.at("right"), recovery.right);
  read_numbers(written.at("issued"), recovery.issued);
  return recovery;
}

Tally read_tally(const json::object& written) {
  Tally tally;
  tally.runs = whole(written.at("runs"));
  tally.violated = whole(written.at("violated"));
  tally.gave_up = whole(written.at("gave_up"));
  read_numbers(written.at("runs_with"), tally.runs_with);
  tally.violating_seed = seed_or_none(written.at("violating_seed"));
  tally.operations = whole(written.at("operations"));
  tally.events = whole(written.at("events"));
  for (std::size_t i = 0; i < tally.told.size(); ++i) {
    read_numbers(written.at("told").as_array().at(i), tally.told[i]);
  }
  for (std::size_t i = 0; i < measure_kinds; ++i) {
    tally.measures[i] = read_sums(written.at("measures").as_array().at(i));
    tally.against_reference[i] = read_paired_sums(written.at("against_reference").as_array().at(i));
  }
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    tally.without_protection[i] = read_sums(written.at("without_protection").as_array().at(i));
  }
  std::vector<std::uint64_t> buckets(written.at("latency_buckets").as_array().size());
  read_numbers(written.at("latency_buckets"), buckets);
  const Duration latency_max{written.at("latency_max").to_number<std::int64_t>()};
  std::optional<Histogram> latency = Histogram::of(std::move(buckets), latency_max);
  if (!latency) {
    throw std::invalid_argument("a histogram");
  }
  tally.latency = std::move(*latency);
  tally.recovery = read_recovery(written.at("recovery").as_object());
  return tally;
}

// One file, as far as it can be judged by itself.
struct Part {
  Shard shard;
  std::string plan;  // its text
  CompareReport report;
  std::string problem;
};

Part read_part(const ShardFile& file) {
  Part part;
  const auto fails = [&part, &file](std::string_view what) {
    part.problem = fmt::format("'{}' {}", file.name, what);
    return part;
  };
  boost::system::error_code error;
  const json::value value = json::parse(file.text, error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* found = object == nullptr ? nullptr : object->if_contains("schema");
  if (found == nullptr || !found->is_string() || found->get_string() != schema) {
    return fails(
        "is not a part of a comparison: `racelab compare ... --shard I/N --output FILE` writes "
        "one");
  }
  try {
    if (const std::string version = text(object->at("version")); version != RACELAB_VERSION) {
      return fails(
          fmt::format("was written by racelab {}, and this is {}: all parts must be of "
                      "one version",
                      version, RACELAB_VERSION));
    }
    part.plan = json::serialize(object->at("plan"));
    if (checksum(json::serialize(object->at("shard")) + part.plan +
                 json::serialize(object->at("done"))) != text(object->at("checksum"))) {
      return fails("is damaged: it is not what was written");
    }
    part.shard.index = whole(object->at("shard").as_object().at("index"));
    part.shard.of = whole(object->at("shard").as_object().at("of"));
    if (part.shard.index < 1 || part.shard.index > part.shard.of || part.shard.of > shards_max) {
      throw std::invalid_argument("a shard");
    }
    read_plan(object->at("plan").as_object(), part.report);
    const json::object& done = object->at("done").as_object();
    part.report.result.seeds = whole(done.at("seeds"));
    for (const json::value& tally : done.at("tallies").as_array()) {
      part.report.result.tallies.push_back(read_tally(tally.as_object()));
    }
    if (part.report.result.tallies.size() != part.report.plan.cells.size()) {
      throw std::invalid_argument("tallies");
    }
  } catch (const std::exception&) {
    return fails("is damaged: it is not what was written");
  }
  const std::uint64_t seeds = part.report.plan.shard(part.shard.index, part.shard.of).seeds;
  if (part.report.result.seeds != seeds) {
    return fails(fmt::format(
        "is not complete: shard {}/{} was stopped after {} of {}; run it again", part.shard.index,
        part.shard.of, grouped(part.report.result.seeds), counted(seeds, "seed")));
  }
  return part;
}

}  // namespace

std::string shard_json(const CompareReport& report, const Shard& shard) {
  json::array tallies;
  for (const Tally& tally : report.result.tallies) {
    tallies.push_back(tally_json(tally));
  }
  const json::object part{{"index", shard.index}, {"of", shard.of}};
  const json::object plan = plan_json(report);
  const json::object done{{"seeds", report.result.seeds}, {"tallies", std::move(tallies)}};
  const json::object all{
      {"schema", schema},
      {"version", RACELAB_VERSION},
      {"shard", part},
      {"checksum", checksum(json::serialize(part) + json::serialize(plan) + json::serialize(done))},
      {"plan", plan},
      {"done", done}};
  return json::serialize(all) + '\n';
}

MergedShards merge_shards(const std::vector<ShardFile>& files) {
  MergedShards merged;
  std::vector<Part> parts;
  std::vector<std::size_t> file_of;  // shard - 1 -> its file
  for (std::size_t i = 0; i < files.size(); ++i) {
    Part part = read_part(files[i]);
    const auto fails = [&](std::string_view what) {
      merged.problem = fmt::format("'{}' {} '{}'", files[i].name, what, files[0].name);
    };
    if (!part.problem.empty()) {
      merged.problem = part.problem;
      return merged;
    }
    if (i == 0) {
      file_of.assign(part.shard.of, SIZE_MAX);
    } else if (part.plan != parts[0].plan) {
      fails("is a part of another comparison, with other settings, strategies or seeds, than");
      return merged;
    } else if (part.shard.of != parts[0].shard.of) {
      fails(fmt::format("is one of {} parts, and one of {} is", part.shard.of, parts[0].shard.of));
      return merged;
    }
    std::size_t& holder = file_of[part.shard.index - 1];
    if (holder != SIZE_MAX) {
      merged.problem =
          fmt::format("shard {}/{} is there twice: in '{}' and in '{}'", part.shard.index,
                      part.shard.of, files[holder].name, files[i].name);
      return merged;
    }
    holder = i;
    parts.push_back(std::move(part));
  }
  const auto missing = std::find(file_of.begin(), file_of.end(), SIZE_MAX);
  if (missing != file_of.end()) {
    merged.problem =
        fmt::format("shard {}/{} is missing", missing - file_of.begin() + 1, file_of.size());
    return merged;
  }
  merged.report = std::move(parts[0].report);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    for (std::size_t cell = 0; cell < merged.report.result.tallies.size(); ++cell) {
      merged.report.result.tallies[cell].merge(parts[i].report.result.tallies[cell]);
    }
  }
  merged.report.result.seeds = merged.report.plan.seeds;
  return merged;
}

}  // namespace racelab
