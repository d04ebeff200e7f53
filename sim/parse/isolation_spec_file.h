// Spec files of PostgreSQL's isolation tester.
#pragma once

#include "sim/parse/problem.h"
#include "sim/scenario/isolation_spec.h"

namespace racelab::parse {

/// Throws Problem: the file is no spec, a name is not known or not unique, a step would wait for its own session.
IsolationSpec read_isolation_spec(Source source);

}  // namespace racelab::parse
