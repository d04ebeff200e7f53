// racelab list: what there is.
#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_scenario.h"
#include "sim/cli/usage_error.h"
#include "sim/report/listing.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

// Kinds that are meant, and names of what is listed.
[[noreturn]] void nothing_of_that_name(const std::vector<ListedKind>& kinds,
                                       const std::string& name) {
  std::vector<std::string> known = list_kinds();
  for (const ListedKind& kind : kinds) {
    for (const ListedGroup& group : kind.groups) {
      for (const ListedEntry& entry : group.entries) {
        known.push_back(entry.name);
      }
    }
  }
  std::string near = nearest(name, list_kinds());
  near = near.empty() ? nearest(name, known) : near;
  throw UsageError(
      "there is nothing to list called '" + name + "'; " +
      (near.empty() ? "there are strategies, protections, scenarios, workloads, hazards, faults, "
                      "clients and sql"
                    : "did you mean '" + near + "'?"));
}

}  // namespace

const CommandSyntax& list_syntax() {
  static const CommandSyntax syntax{
      .name = "list",
      .sentence = "what there is: strategies, scenarios, hazards, faults, clients, SQL",
      .usage =
          "usage: racelab list [strategies|scenarios|hazards|faults|clients|sql]\n"
          "       racelab list NAME\n"
          "\n"
          "What there is, a line each; of one of them, all that there is to say.\n"
          "\n"
          "  racelab list scenarios\n"
          "  racelab list idempotency-key\n"
          "  racelab list clients --format json\n",
      .exits = "0, 2 there is nothing of that name",
      .flags = {"format", "output"},
      .name_word = "kind or name",
  };
  return syntax;
}

CommandResult list_command(const std::vector<std::string>& rest,
                           const Environment& /*environment*/) {
  const Arguments arguments = parse_arguments(list_syntax(), rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(list_syntax()), ""};
  }
  OutputFile file(arguments.output);
  const bool json = arguments.format == "json";
  std::vector<ListedKind> kinds = listed_kinds(listed_scenarios(), listed_script_scenarios());
  const auto deliver_kinds = [&] {
    return json ? list_json(listed_scenarios(), listed_script_scenarios(), kinds)
                : list_text(kinds);
  };
  if (arguments.names.empty()) {
    return deliver(Exit::as_expected, deliver_kinds(), file, arguments);
  }
  const std::string& name = arguments.names.front();
  // One group of a kind that has several.
  for (const ListedKind& kind : kinds) {
    for (const ListedGroup& group : kind.groups) {
      if (group.name == name && kind.name != name) {
        kinds = {ListedKind{name, {group}}};
        return deliver(Exit::as_expected, json ? deliver_kinds() : list_text(kinds.front()), file,
                       arguments);
      }
    }
  }
  const bool is_kind =
      std::find(list_kinds().begin(), list_kinds().end(), name) != list_kinds().end();
  const std::string one = is_kind ? "" : listed_text(kinds, name);
  if (!is_kind && one.empty()) {
    nothing_of_that_name(kinds, name);
  }
  if (!is_kind && json) {
    throw UsageError("--format json is for a kind, as in `racelab list clients --format json`: '" +
                     name + "' stands in one");
  }
  if (!is_kind) {
    return deliver(Exit::as_expected, one, file, arguments);
  }
  std::erase_if(kinds, [&name](const ListedKind& kind) { return kind.name != name; });
  return deliver(Exit::as_expected, json ? deliver_kinds() : list_text(kinds.front()), file,
                 arguments);
}

}  // namespace racelab
