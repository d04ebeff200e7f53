// A comparison on a page: first which strategy it should be, then what goes wrong, what each costs, how sure that is, and the
// commands that show it.
#include "sim/report/compare.h"
#include "sim/report/compare_page.h"

namespace racelab {

std::string compare_text(const CompareReport& report, const TextStyle& style) {
  if (report.result.seeds == 0) {
    return "GAVE UP it was ended before the first seed was done: nothing is known\n";
  }
  std::string text;
  for (const CompareSection& section : sections_of(report)) {
    text += (text.empty() ? "" : "\n") + verdict_lines(report, section, style);
    text += section.places.size() == 1 ? table_lines(report, section, style)
                                       : chart_lines(report, section, style);
    text += '\n' + sure_lines(report, section, style);
  }
  return text;
}

}  // namespace racelab
