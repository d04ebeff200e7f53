// One strategy of a scenario: who runs which endpoint, with which protection, and with what.
#include <algorithm>
#include <charconv>

#include "sim/parse/idempotency_key.h"
#include "sim/parse/lexer.h"
#include "sim/parse/scenario_folder.h"
#include "sim/scenario/options.h"

namespace racelab::parse {

namespace {

sql::Value value_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty()) {
    return sql::Value::bigint(number);
  }
  if (text == "true" || text == "false") {
    return sql::Value::boolean(text == "true");
  }
  return sql::Value::of(sql::Type::text, text);
}

// Endpoints of a fleet as they are named, each once, in the setup's list of scripts.
class Cast {
 public:
  Cast(const ScriptScenario& scenario, ScriptSetup& setup) : scenario_(scenario), setup_(setup) {}

  std::size_t place_of(const std::string& named) {
    const auto known = std::find(named_.begin(), named_.end(), named);
    if (known != named_.end()) {
      return places_[static_cast<std::size_t>(known - named_.begin())];
    }
    const auto [endpoint, is_protected] = endpoint_of(named);
    std::size_t place = endpoint;
    if (is_protected) {
      const Script& script = *scenario_.scripts[endpoint];
      if (const std::string problem = problem_with_key(script); !problem.empty()) {
        throw Problem(problem);
      }
      place = setup_.scripts.size();
      setup_.scripts.push_back(scenario_.scripts[endpoint]);
      protected_.push_back(place);
    }
    named_.push_back(named);
    places_.push_back(place);
    return place;
  }

  // Once all are named: the table that keeps the keys, and the scripts that use it.
  void protect() {
    if (protected_.empty()) {
      return;
    }
    std::vector<const Script*> scripts;
    for (const std::size_t place : protected_) {
      scripts.push_back(setup_.scripts[place].get());
    }
    auto schema = std::make_shared<sql::Schema>(*scenario_.schema);
    schema->schemas.push_back("racelab");
    schema->tables.push_back(key_table(scripts, given_types()));
    auto start = std::make_shared<sql::Database>(*setup_.start);
    start->add_tables(*schema, {});
    for (const std::size_t place : protected_) {
      setup_.scripts[place] =
          std::make_shared<const Script>(with_idempotency_key(*setup_.scripts[place], *schema));
    }
    setup_.schema = std::move(schema);
    setup_.start = std::move(start);
  }

 private:
  // The endpoint's place in the scenario, and whether it is to be protected.
  std::pair<std::size_t, bool> endpoint_of(const std::string& named) const {
    std::vector<std::string> names;
    for (const auto& script : scenario_.scripts) {
      names.push_back(script->name);
    }
    const auto place = [&names](std::string_view name) {
      return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    };
    if (place(named) < names.size()) {
      return {place(named), false};
    }
    const std::size_t plus = named.find('+');
    const std::string name = named.substr(0, plus);
    if (place(name) == names.size()) {
      const std::string near = nearest(name, names);
      std::string all;
      for (const std::string& one : names) {
        all += (all.empty() ? "" : ", ") + one;
      }
      throw Problem("there is no endpoint '" + name + "' in " + scenario_.name +
                    (near.empty() ? "; there are " + all : "; did you mean '" + near + "'?"));
    }
    if (named.substr(plus + 1) != idempotency_key) {
      throw Problem("there is no protection '" + named.substr(plus + 1) +
                    "' for endpoints in SQL; there is +" + std::string(idempotency_key));
    }
    return {place(name), true};
  }

  // Of what clients are given or remember.
  [[nodiscard]] std::map<std::string, sql::Type> given_types() const {
    std::map<std::string, sql::Type> types{{"client_id", sql::Type::bigint},
                                           {"operation", sql::Type::bigint},
                                           {"attempt", sql::Type::bigint}};
    const auto add = [&types](const std::string& name, sql::Type type) {
      const auto [known, is_new] = types.emplace(name, type);
      if (!is_new && known->second != type) {
        known->second = sql::is_number(type) && sql::is_number(known->second) ? sql::Type::bigint
                                                                              : sql::Type::text;
      }
    };
    for (const std::vector<NamedValue>& client : setup_.parameters) {
      for (const NamedValue& it : client) {
        add(it.name, it.value.type);
      }
    }
    for (const auto& script : scenario_.scripts) {
      for (const VariableId reply : script->reply) {
        const sql::Type type = type_in_answer(*script, reply);
        if (type != sql::Type::unknown && type != sql::Type::nothing) {
          add(script->variables[reply], type);
        }
      }
    }
    return types;
  }

  const ScriptScenario& scenario_;
  ScriptSetup& setup_;
  std::vector<std::string> named_;
  std::vector<std::size_t> places_;     // by what is named
  std::vector<std::size_t> protected_;  // places of scripts
};

ScriptSetup with_settings_of(const ScriptScenario& scenario) {
  ScriptSetup setup;
  setup.schema = scenario.schema;
  setup.check_schema = scenario.check_schema;
  setup.start = scenario.start;
  if (scenario.settings.grants_first) {
    auto start = std::make_shared<sql::Database>(*scenario.start);
    start->keep_queues();
    setup.start = std::move(start);
  }
  setup.scripts = scenario.scripts;
  setup.checks = scenario.checks;
  setup.faults = scenario.settings.faults;
  setup.settings = scenario.settings;
  setup.retry = scenario.settings.retry;
  setup.rules.tries_max = scenario.settings.tries_max;
  setup.lock_timeout = scenario.settings.lock_timeout > Duration{};
  setup.session_timeout = scenario.settings.session_timeout > Duration{};
  setup.time_passes_max = scenario.time_passes_max;
  setup.time_passes_by = scenario.time_passes_by;
  setup.deadlock_timeout = {scenario.deadlock_timeout};
  if (scenario.serializable) {
    setup.rules.isolation = sql::Isolation::serializable;
  } else if (scenario.settings.isolation == Isolation::read_committed) {
    setup.rules.isolation = sql::Isolation::read_committed;
  } else if (scenario.settings.isolation == Isolation::repeatable_read) {
    setup.rules.isolation = sql::Isolation::repeatable_read;
  }
  return setup;
}

}  // namespace

ScriptSetup setup_of(const ScriptScenario& scenario, const std::string& strategy) {
  ScriptSetup setup = with_settings_of(scenario);
  Cast cast(scenario, setup);
  std::vector<std::vector<std::size_t>> fleet;
  for (const std::string_view client : items_of(strategy)) {
    std::vector<std::size_t>& turn = fleet.emplace_back();
    for (const std::string_view name : items_of(client, ':')) {
      turn.push_back(cast.place_of(std::string(name)));
    }
  }
  if (!scenario.clients_given) {
    setup.settings.clients =
        std::max(setup.settings.clients, static_cast<std::uint32_t>(fleet.size()));
  }
  const std::uint32_t clients = setup.settings.clients;
  if (fleet.size() > clients) {
    throw Problem("the fleet '" + strategy + "' is for " + std::to_string(fleet.size()) +
                  " clients, and there are " + std::to_string(clients));
  }
  for (std::uint32_t client = 0; client < clients; ++client) {
    const std::vector<std::size_t>& turn = fleet[client % fleet.size()];
    const std::size_t operations =
        scenario.operations_given ? scenario.settings.operations : turn.size();
    std::vector<std::size_t>& plan = setup.plan.emplace_back();
    for (std::size_t i = 0; i < operations; ++i) {
      plan.push_back(turn[i % turn.size()]);
    }
    std::vector<NamedValue>& given = setup.parameters.emplace_back();
    for (const auto& [name, text] : scenario.parameters) {
      const std::vector<std::string_view> values = items_of(text);
      given.push_back({name, value_of(std::string(values[client % values.size()]))});
    }
  }
  cast.protect();
  return setup;
}

}  // namespace racelab::parse
