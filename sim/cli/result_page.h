// `--format html`: a result as one page that a browser draws, to attach to a ticket. The page has the renderer of the page in the
// browser and not its engine: all that it shows is in it as data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/cli/output_file.h"
#include "sim/cli/step_session.h"
#include "sim/report/report.h"

namespace racelab {

struct PageContents {
  std::string result;                      // the command's JSON
  std::string text;                        // what it says on a terminal
  std::string shown = {};                  // racelab.show/1; empty: nothing is known
  std::string start = {};                  // racelab.step/1 with all orders; empty: none
  std::vector<std::string> commands = {};  // that show it again
  std::vector<std::string> way =
      {};  // racelab.step/1 after each step of an order, from none to all
};

/// Where a result goes, known before any work; for --format html with the built page that it is put into. Throws UsageError.
struct ResultFile {
  explicit ResultFile(const Arguments& arguments);

  std::string built;  // empty: no page is asked for
  OutputFile file;
};

/// The page as it is to be written.
std::string result_page(const std::string& built, const Arguments& arguments,
                        const PageContents& contents);

/// How many states of an experiment are looked at to list its orders and to know the chances along one.
constexpr std::uint64_t page_states_max = 100'000;

/// Where it stands with all orders; orders that are too many are left out.
std::string start_of(SteppedWorld& world);
/// Where it stands before each step of an order, and at its end; of an order with very many steps at its end only.
std::vector<std::string> way_of(SteppedWorld& world, const std::string& word);

/// An experiment to be stepped through. `issued`: operations of each client; empty: all.
std::unique_ptr<SteppedWorld> world_of(const Experiment& experiment,
                                       const std::vector<std::uint32_t>& issued,
                                       std::uint64_t states_max);

/// The page of what exploring found: of one strategy with its orders and its smallest counterexample, of several a table.
std::string explored_page(const std::vector<ExploreReport>& reports, const Arguments& arguments,
                          const std::string& built);

/// What `racelab show` says of a scenario with strategies in C++, as JSON; empty: nothing is known.
std::string shown_of(const std::string& scenario);

}  // namespace racelab
