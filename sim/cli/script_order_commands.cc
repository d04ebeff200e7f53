// One order of endpoints in SQL: drawn again.
#include "sim/cli/script_commands.h"
#include "sim/cli/watch.h"

namespace racelab {

CommandResult replay_script(const TokenParts& token, const Arguments& arguments,
                            const Environment& environment) {
  Watch watch(arguments, environment);
  Limits limits;
  limits.go_on = watch.limits().go_on;
  const ScriptTokenContents contents = read_script_token(token, arguments, limits);
  ScriptReplay report;
  report.order = contents.order;
  report.other = same_order_under(contents, arguments, limits);
  OutputFile file(arguments.output);
  const ScriptOrder& last = report.other ? report.other->order : report.order.order;
  std::string text = arguments.format == "json"
                         ? script_replay_json(report)
                         : page_text(script_replay_page(report), style_for(arguments, environment));
  return deliver(last.outcome.violated() ? Exit::violated : Exit::as_expected, std::move(text),
                 file, arguments);
}

}  // namespace racelab
