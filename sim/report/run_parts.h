// What reports on timed runs have in common, whatever served the calls.
#pragma once

#include <boost/json.hpp>

#include "sim/report/page.h"
#include "sim/report/report.h"

namespace racelab {

/// The lines "calls", "queue", "faults".
void add_calls(Page& page, const Counts& counts);
/// The line "latency".
Labelled latency_of(const RunResult& result);

boost::json::object calls_json(const Counts& counts);
boost::json::object faults_json(const Counts& counts);
boost::json::object latency_json(const RunResult& result);
/// Every single value of the object as CSV: a line of names ("ledger.final"), a line of values.
std::string flat_csv(const boost::json::object& object);

}  // namespace racelab
