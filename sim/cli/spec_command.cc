// racelab explore FILE.spec: a spec file of PostgreSQL's isolation tester.
#include "sim/cli/input_file.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/drivers/spec_postgresql.h"
#include "sim/explore/spec_store.h"
#include "sim/parse/isolation_spec_file.h"
#include "sim/parse/spec_for_store.h"
#include "sim/report/spec_report.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::uint64_t spec_bytes_max = 200'000;

void refuse_what_means_nothing(const Arguments& arguments) {
  if (!arguments.settings.empty() || !arguments.of_scripts.empty() ||
      !arguments.strategies.empty() || !arguments.parameters.empty() || !arguments.setup.empty() ||
      !arguments.endpoints.empty() || !arguments.check.empty() || !arguments.order.empty()) {
    throw UsageError(
        "a spec file says itself what runs, and in which orders; it takes --on, --orders-max, "
        "--seconds-max, --format, --output and --color");
  }
  if (arguments.on.size() > 1) {
    throw UsageError("--on names one database");
  }
  if (arguments.format == "html") {
    throw UsageError("a spec file is explored as text, json or isolation: there is no page of it");
  }
}

}  // namespace

bool asks_for_spec(const Arguments& arguments) {
  return !arguments.names.empty() && arguments.names.front().ends_with(".spec");
}

CommandResult explore_spec_file(const Arguments& arguments, const Environment& environment) {
  refuse_what_means_nothing(arguments);
  const std::string& file = arguments.names.front();
  const IsolationSpec spec =
      parse::read_isolation_spec({file, read_file(file, "a spec file", spec_bytes_max)});
  const bool on_store = arguments.on.empty();
  SpecForStore compiled;
  if (on_store) {
    compiled = parse::compile_for_store(spec);
  }
  OutputFile output(arguments.output);
  Watch watch(arguments, environment);
  std::unique_ptr<SpecServer> server;
  SpecReport report;
  if (on_store) {
    server = std::make_unique<SpecStore>(spec, compiled);
  } else {
    watch.now_at("starting a server");
    server = drivers::start_spec_server(arguments.on.front(), spec, report.note);
    watch.now_at("");
  }
  std::string text = arguments.format == "isolation" ? isolation_head(spec) : "";
  SpecExploreOptions options;
  options.permutations_max =
      arguments.orders_max > 0 ? arguments.orders_max : options.permutations_max;
  options.every_way = arguments.format != "isolation";
  if (arguments.format != "isolation") {  // where nothing is judged
    options.one_transaction = parse::one_transaction_each(spec);
  }
  options.go_on = [&watch](std::uint64_t done) { return watch.go_on("permutation", done); };
  if (on_store) {
    options.why_not = [&](const IsolationSpec::Permutation& permutation) {
      return compiled.why_not(spec, permutation);
    };
  }
  if (arguments.format == "isolation") {
    options.visit = [&](const SpecRun& run, const std::string& why_not) {
      text += isolation_run_text(spec, run, why_not);
    };
  }
  report.spec = &spec;
  report.exploration = explore_spec(spec, *server, options);
  report.on = server->name();
  report.stopped_by = watch.stopped_by();
  report.again = "racelab explore " + shell_word(file) +
                 (on_store ? "" : " --on " + arguments.on.front()) + " --format isolation";
  if (arguments.format == "json") {
    text = spec_json(report);
  } else if (arguments.format == "text") {
    text = page_text(spec_page(report), style_for(arguments, environment));
  }
  return deliver(exit_for(report.verdict()), std::move(text), output, arguments);
}

}  // namespace racelab
