// What `racelab list` prints: a name and a sentence on a line; of one of them all that there is to say.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/listing.h"
#include "sim/report/screen_width.h"
#include "sim/report/words.h"
#include "sim/scenario/client_presets.h"

namespace racelab {

namespace {

std::string_view name_of(Hazard hazard) {
  return hazard_descriptions[static_cast<std::size_t>(hazard)].name;
}

std::string withstood_text(const std::vector<Withstood>& list) {
  std::string text;
  for (const Withstood& withstood : list) {
    text += (text.empty() ? "" : ", ") + std::string(name_of(withstood.hazard));
    if (withstood.from == Isolation::read_committed) {
      text += " (from READ COMMITTED)";
    } else if (withstood.from == Isolation::repeatable_read) {
      text += " (from REPEATABLE READ)";
    }
  }
  return text.empty() ? "nothing" : text;
}

std::string names(Hazards hazards) {
  std::string text;
  for (const HazardDescription& description : hazard_descriptions) {
    if (hazards.contain(description.hazard)) {
      text += (text.empty() ? "" : ", ") + std::string(description.name);
    }
  }
  return text.empty() ? "none" : text;
}

// The claim's first paragraph.
std::string opening(const std::vector<std::string>& claim) {
  std::string text;
  for (const std::string& line : claim) {
    if (line.empty()) {
      break;
    }
    text += (text.empty() ? "" : " ") + line;
  }
  return text;
}

ListedGroup strategies_listed() {
  ListedGroup group{"strategies", "strategies: --strategy NAME", {}};
  for (const Strategy& it : strategies()) {
    group.entries.push_back(
        {it.name, it.sentence, {"withstands: " + withstood_text(it.withstands)}, ""});
  }
  return group;
}

ListedGroup protections_listed() {
  ListedGroup group{"protections", "protections: --strategy STRATEGY+NAME", {}};
  for (const Protection& it : protections()) {
    ListedEntry& entry = group.entries.emplace_back();
    entry.name = it.name;
    entry.sentence = it.sentence;
    if (!it.adds.empty()) {
      entry.more.push_back("withstands, too: " + withstood_text(it.adds));
    }
    if (!it.voids.empty()) {
      entry.more.push_back("makes harmful again: " + names(it.voids));
    }
    if (!it.voids_where_conflicts.empty()) {
      entry.more.push_back("makes harmful again, where conflicts are retried: " +
                           names(it.voids_where_conflicts));
    }
  }
  return group;
}

ListedGroup scenarios_listed(const char* name, const char* heading,
                             const std::vector<ListedScenario>& scenarios) {
  ListedGroup group{name, heading, {}};
  for (const ListedScenario& it : scenarios) {
    group.entries.push_back(
        {it.name, opening(it.claim), {"hazards: " + names(it.hazards)}, "racelab show " + it.name});
  }
  return group;
}

ListedGroup workloads_listed() {
  ListedGroup group{"workloads", "workloads: what clients do, `workload = NAME` in a scenario", {}};
  for (const WorkloadEntry& it : workloads()) {
    ListedEntry& entry = group.entries.emplace_back();
    entry.name = it.name;
    entry.sentence = it.sentence;
    if (!it.invariant.empty()) {
      entry.more.push_back("its rule: " + it.invariant);
    }
  }
  return group;
}

ListedGroup hazards_listed() {
  ListedGroup group{"hazards", "hazards: what a scenario can do to a strategy", {}};
  for (const HazardDescription& it : hazard_descriptions) {
    group.entries.push_back({std::string(it.name), std::string(it.sentence), {}, ""});
  }
  return group;
}

ListedGroup faults_listed() {
  ListedGroup group{
      "faults", "faults: --NAME.rate P% (a share of chances), --NAME.max N (a budget)", {}};
  for (const FaultDescription& it : fault_descriptions()) {
    group.entries.push_back(
        {std::string(it.name),
         std::string(it.sentence),
         {fmt::format("for example --{}.rate 2% (of the {})", it.name, it.chance)},
         ""});
  }
  return group;
}

std::string requests_text(std::int64_t requests) {
  return requests < 0 ? "*" : std::to_string(requests);
}

ListedGroup clients_listed() {
  ListedGroup group{"clients", "clients: --client NAME, `racelab show NAME`", {}};
  for (const ClientPreset& it : client_presets()) {
    std::string requests;
    for (const auto& [failure, count] : requests_of_client(it.name)) {
      add_item(requests, fmt::format("{} {}", failure, requests_text(count)));
    }
    group.entries.push_back({it.name,
                             opening(it.claim),
                             {"requests for one write, when every attempt fails so: " + requests},
                             "racelab show " + it.name});
  }
  return group;
}

ListedGroup sql_listed() {
  constexpr std::pair<const char*, const char*> parts[] = {
      {"types",
       "smallint, integer, bigint, boolean, text, varchar(n), timestamptz, interval (days and "
       "time), uuid; serial and identity"},
      {"tables",
       "PRIMARY KEY, UNIQUE (also partial), NOT NULL, CHECK, DEFAULT, REFERENCES (NO "
       "ACTION, RESTRICT, CASCADE, SET NULL), CREATE SEQUENCE, CREATE SCHEMA (another system)"},
      {"SELECT",
       "DISTINCT, expressions, CASE, COALESCE, IN, BETWEEN, LIKE, ILIKE, = ANY (ARRAY[…] or a "
       "sub-select), EXISTS and other sub-selects, rows of values, (a, b) > (:x, :y); GROUP BY, "
       "HAVING, ORDER BY, LIMIT, OFFSET; UNION [ALL], VALUES"},
      {"FROM", "tables, sub-selects, INNER, LEFT and CROSS JOIN with ON or USING, of any number"},
      {"WITH", "SELECT; INSERT, UPDATE, DELETE with RETURNING before a whole statement"},
      {"aggregates", "count, sum, min, max, bool_or, bool_and; DISTINCT in them"},
      {"locks",
       "FOR UPDATE, NO KEY UPDATE, SHARE, KEY SHARE, each with NOWAIT or SKIP LOCKED; "
       "pg_advisory_lock and its _xact_, _try_ and _unlock forms"},
      {"writes",
       "INSERT (VALUES, SELECT) with ON CONFLICT DO NOTHING or DO UPDATE; UPDATE [FROM], "
       "DELETE [USING]; RETURNING"},
      {"functions",
       "now, clock_timestamp, abs, lower, upper, length, greatest, least, nullif, "
       "nextval, currval, gen_random_uuid"},
      {"words", "BEGIN [ISOLATION LEVEL …], COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK TO"},
      {"scripts", "pgbench's: :variable, \\set, \\gset, \\aset, \\if, \\elif, \\else, \\endif"},
      {"directives",
       "-- reply: a, b   -- retry: 40001   -- refusal: 423   -- withstands: race "
       "from serializable   -- catch: 23505 as taken   -- rows: NAME"},
      {"protection",
       "ENDPOINT+idempotency-key: key, change and reply in one transaction, and a second call "
       "gets the saved reply"},
      {"given", ":client_id (from 0), :operation, :attempt (from 1), :key, and --param NAME=VALUE"},
      {"limits",
       "a text of 1,048,576 bytes, a table of 10,000 rows, 1,000,000 rows looked at by one "
       "statement; beyond: 54000"},
      {"not yet",
       "WITH RECURSIVE, LATERAL, window functions, date, timestamp, numeric (cents as bigint do), "
       "enums (text with a CHECK does), json, arrays as values, triggers, DEFERRABLE, SET DEFAULT"},
  };
  ListedGroup group{"sql", "sql: what endpoints may use; it behaves as PostgreSQL 15 does", {}};
  for (const auto& [name, sentence] : parts) {
    group.entries.push_back({name, sentence, {}, ""});
  }
  return group;
}

// As much of a text as so many columns hold, up to the end of a word.
std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) {
    return std::string(text);
  }
  std::size_t end = 0;
  for (std::size_t at = text.find(' '); at != std::string_view::npos; at = text.find(' ', at + 1)) {
    if (columns_of(text.substr(0, at)) + 1 > columns) {
      break;
    }
    end = at;
  }
  std::string_view kept = text.substr(0, end);
  kept = kept.substr(0, kept.find_last_not_of(" ,;:") + 1);
  return std::string(kept) + "…";
}

// Its name in a column, and as much of the sentence as fits beside it.
std::string group_text(const ListedGroup& group) {
  constexpr std::size_t indent = 2;
  std::size_t widest = 0;
  for (const ListedEntry& it : group.entries) {
    widest = std::max(widest, columns_of(it.name));
  }
  const std::size_t column = indent + widest + 2;
  std::string text = group.heading + '\n';
  for (const ListedEntry& it : group.entries) {
    text += fmt::format("  {:<{}}{}\n", it.name, widest + 2,
                        shortened(it.sentence, screen_width() - std::min(screen_width(), column)));
  }
  return text;
}

std::string clients_text(const ListedGroup& group) {
  std::string text = group.heading +
                     "\n"
                     "requests for one write, when every attempt fails so; *: without end\n"
                     "                        refused   reset timeout   500   503   429   409\n";
  for (const ListedEntry& it : group.entries) {
    text += fmt::format("  {:<22}", it.name);
    for (const auto& [failure, count] : requests_of_client(it.name)) {
      const bool word = failure.find_first_of("0123456789") == std::string::npos;
      if (failure != "conflict") {
        text += fmt::format("{:>{}}", requests_text(count),
                            failure == "refused" ? 7
                            : word               ? 8
                                                 : 6);
      }
    }
    text += '\n';
  }
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::int64_t>> requests_of_client(const std::string& name) {
  const ClientPreset& preset = *find_client_preset(name);
  RetryPolicy policy = policy_of(preset);
  // As those who measured did, and as the page on clients has it.
  if (std::none_of(preset.settings.begin(), preset.settings.end(),
                   [](const auto& it) { return it.first == "timeout"; })) {
    policy.timeout = seconds(1);
  }
  std::vector<std::pair<std::string, std::int64_t>> all;
  for (std::size_t i = 0; i < failure_kinds; ++i) {
    const std::uint32_t count = requests_after(policy, static_cast<Failure>(i));
    all.emplace_back(failure_names[i], count == RetryPolicy::attempts_endless
                                           ? std::int64_t{-1}
                                           : std::int64_t{count});
  }
  return all;
}

std::vector<ListedKind> listed_kinds(const std::vector<ListedScenario>& scenarios,
                                     const std::vector<ListedScenario>& in_sql) {
  return {
      {"strategies", {strategies_listed(), protections_listed()}},
      {"scenarios",
       {scenarios_listed("scenarios", "scenarios: racelab run NAME", scenarios),
        scenarios_listed("scenarios_in_sql",
                         "with endpoints in SQL: racelab explore NAME, racelab show NAME", in_sql),
        workloads_listed()}},
      {"hazards", {hazards_listed()}},
      {"faults", {faults_listed()}},
      {"clients", {clients_listed()}},
      {"sql", {sql_listed()}}};
}

const std::vector<std::string>& list_kinds() {
  static const std::vector<std::string> kinds{"strategies", "scenarios", "hazards",
                                              "faults",     "clients",   "sql"};
  return kinds;
}

std::string list_text(const ListedKind& kind) {
  std::string text;
  for (const ListedGroup& group : kind.groups) {
    text += text.empty() ? "" : "\n";
    text += group.name == "clients" ? clients_text(group) : group_text(group);
  }
  return text;
}

std::string list_text(const std::vector<ListedKind>& kinds) {
  std::string text;
  std::string longer;
  for (const ListedKind& kind : kinds) {
    if (kind.name == "clients" || kind.name == "sql") {
      longer += labelled(
          kind.name,
          fmt::format("{}: `racelab list {}`",
                      kind.name == "sql" ? "what endpoints in SQL may use"
                                         : counted(kind.groups[0].entries.size(), "real client") +
                                               ", --client NAME",
                      kind.name));
    } else {
      text += list_text(kind) + '\n';
    }
  }
  return text + longer + labelled("more", "`racelab list NAME`, of whatever stands here");
}

std::string listed_text(const std::vector<ListedKind>& kinds, const std::string& name) {
  std::string text;
  for (const ListedKind& kind : kinds) {
    for (const ListedGroup& group : kind.groups) {
      for (const ListedEntry& it : group.entries) {
        if (it.name != name) {
          continue;
        }
        text += (text.empty() ? "" : "\n") + it.name + '\n' + labelled("", it.sentence);
        for (const std::string& clause : it.more) {
          text += labelled("", clause);
        }
        const std::size_t colon = group.heading.find(':');
        text += labelled("one of", group.heading.substr(0, colon));
        text += it.command.empty() ? "" : labelled("more", it.command);
      }
    }
  }
  return text;
}

}  // namespace racelab
