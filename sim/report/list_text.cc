// What `racelab list` prints: a name, a sentence, and what it withstands or is for.
#include <fmt/format.h>

#include "sim/report/report.h"
#include "sim/report/words.h"
#include "sim/scenario/client_presets.h"

namespace racelab {

namespace {

std::string_view name_of(Hazard hazard) {
  return hazard_descriptions[static_cast<std::size_t>(hazard)].name;
}

std::string entry(const std::string& name, const std::string& sentence) {
  return "  " + name + '\n' + labelled("", sentence);
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

}  // namespace

std::string list_strategies_text() {
  std::string text = "strategies: --strategy NAME\n";
  for (const Strategy& strategy : strategies()) {
    text += entry(strategy.name, strategy.sentence) +
            labelled("", "withstands: " + withstood_text(strategy.withstands));
  }
  text += "\nprotections: --strategy STRATEGY+NAME\n";
  for (const Protection& protection : protections()) {
    text += entry(protection.name, protection.sentence);
    if (!protection.adds.empty()) {
      text += labelled("", "withstands, too: " + withstood_text(protection.adds));
    }
    if (!protection.voids.empty()) {
      text += labelled("", "makes harmful again: " + names(protection.voids));
    }
    if (!protection.voids_where_conflicts.empty()) {
      text += labelled("", "makes harmful again, where conflicts are retried: " +
                               names(protection.voids_where_conflicts));
    }
  }
  return text;
}

std::string list_scenarios_text(const std::vector<ListedScenario>& scenarios,
                                const std::vector<ListedScenario>& in_sql) {
  std::string text = "scenarios: racelab run NAME\n";
  for (const ListedScenario& scenario : scenarios) {
    text += entry(scenario.name, opening(scenario.claim)) +
            labelled("", "hazards: " + names(scenario.hazards));
  }
  text += "\nwith endpoints in SQL: racelab explore NAME, racelab show NAME\n";
  for (const ListedScenario& scenario : in_sql) {
    text += entry(scenario.name, opening(scenario.claim)) +
            labelled("", "hazards: " + names(scenario.hazards));
  }
  text += "\nworkloads: what clients do, `workload = NAME` in a scenario\n";
  for (const WorkloadEntry& workload : workloads()) {
    const std::string rule =
        workload.invariant.empty() ? "" : " Its rule: " + workload.invariant + ".";
    text += entry(workload.name, workload.sentence + rule);
  }
  return text;
}

std::string list_sql_text() {
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
  std::string text = "sql: what endpoints may use; it behaves as PostgreSQL 15 does\n";
  for (const auto& [name, sentence] : parts) {
    text += entry(name, sentence);
  }
  return text;
}

std::string list_hazards_text() {
  std::string text = "hazards: what a scenario can do to a strategy\n";
  for (const HazardDescription& hazard : hazard_descriptions) {
    text += entry(std::string(hazard.name), std::string(hazard.sentence));
  }
  return text;
}

std::string list_clients_text() {
  std::string text =
      "clients: --client NAME, `racelab show NAME`\n"
      "requests for one write, when every attempt fails so; *: without end\n"
      "                        refused   reset timeout   500   503   429   409\n";
  for (const ClientPreset& preset : client_presets()) {
    const RetryPolicy policy = policy_of(preset);
    const auto requests = [&policy](Failure failure) {
      const std::uint32_t count = requests_after(policy, failure);
      return count == RetryPolicy::attempts_endless ? std::string("*") : std::to_string(count);
    };
    text += fmt::format(
        "  {:<22}{:>7}{:>8}{:>8}{:>6}{:>6}{:>6}{:>6}\n", preset.name, requests(Failure::refused),
        requests(Failure::reset), requests(Failure::timeout), requests(Failure::error),
        requests(Failure::unavailable), requests(Failure::throttled), requests(Failure::busy));
  }
  return text;
}

std::string list_faults_text() {
  std::string text = "faults: --NAME.rate P% (a share of chances), --NAME.max N (a budget)\n";
  for (const FaultDescription& fault : fault_descriptions()) {
    text +=
        entry(std::string(fault.name), std::string(fault.sentence)) +
        labelled("", fmt::format("for example --{}.rate 2% (of the {})", fault.name, fault.chance));
  }
  return text;
}

}  // namespace racelab
