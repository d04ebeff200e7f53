// Writes what PostgreSQL's parser says of the endpoints that are built in, for the page in the browser, which has no parser: every
// text that it was given while they were compiled, with its tree. Run by the page's build.
#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "sim/cli/script_scenario.h"
#include "sim/parse/tree.h"
#include "sim/report/words.h"

namespace {

// Between marks that neither SQL nor JSON contains.
std::string literal(const std::string& text) {
  // Compilers take literals of any length; C++ promises 65,536 characters.
  constexpr std::size_t piece = 16'000;
  std::string code;
  for (std::size_t from = 0; from < text.size(); from += piece) {
    code += "R\"~tree(" + text.substr(from, piece) + ")~tree\"\n";
  }
  return code;
}

}  // namespace

int main() {
  const racelab::parse::TreeRecorder recorder;
  for (const racelab::ListedScenario& listed : racelab::listed_script_scenarios()) {
    for (const auto purpose :
         {racelab::parse::Purpose::exploration, racelab::parse::Purpose::timed_runs}) {
      racelab::parse::compile(racelab::load_folder(listed.name), {}, purpose);
    }
  }
  std::string code =
      "// Written by the page's build from scenarios/.\n#include \"sim/page/known_trees.h\"\n\n"
      "#include <array>\n\nnamespace racelab::page {\n\nnamespace {\n\n";
  code += fmt::format("constexpr std::array<KnownTree, {}> trees{{{{\n", recorder.trees().size());
  for (const auto& [text, tree] : recorder.trees()) {
    code += "{" + literal(text) + ",\n" + literal(tree) + "},\n";
  }
  code +=
      "}};\n\n}  // namespace\n\nstd::span<const KnownTree> known_trees() { return trees; }\n\n"
      "}  // namespace racelab::page\n";
  return std::fputs(code.c_str(), stdout) < 0 ? 1 : 0;
}
