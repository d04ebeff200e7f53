// The SQL of an isolation spec, bound for the store, as far as the store models it.
#pragma once

#include "sim/explore/spec_store.h"
#include "sim/parse/problem.h"

namespace racelab::parse {

/// Compiles every block, and runs the setups. What a step or a session's own setup has that is not modelled becomes a command that
/// says so. Throws Problem: a setup of the spec cannot be run on the store.
SpecForStore compile_for_store(const IsolationSpec& spec);

/// Whether each session is one transaction, by its words alone: from BEGIN to COMMIT or ROLLBACK, and nothing outside.
std::vector<bool> one_transaction_each(const IsolationSpec& spec);

}  // namespace racelab::parse
