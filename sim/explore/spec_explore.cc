// Permutations in the isolation tester's own order: of the steps that may come next, those of the first session first.
#include "sim/explore/spec_explore.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace racelab {

namespace {

constexpr std::size_t judged_sessions_max = 5;

bool interleave(const IsolationSpec& spec, std::vector<std::size_t>& taken,
                IsolationSpec::Permutation& permutation,
                const std::function<bool(const IsolationSpec::Permutation&)>& visit) {
  if (permutation.size() == spec.steps.size()) {
    return visit(permutation);
  }
  for (std::size_t session = 0; session < spec.sessions.size(); ++session) {
    const std::vector<std::size_t>& steps = spec.sessions[session].steps;
    if (taken[session] == steps.size()) {
      continue;
    }
    permutation.push_back({steps[taken[session]++], {}});
    const bool more = interleave(spec, taken, permutation, visit);
    permutation.pop_back();
    --taken[session];
    if (!more) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> errors_of(const IsolationSpec& spec, const SpecRun& run) {
  std::vector<std::string> errors(spec.sessions.size());
  const std::vector<std::vector<SpecAnswer>> answers = run.answers(spec);
  for (std::size_t session = 0; session < answers.size(); ++session) {
    for (const SpecAnswer& answer : answers[session]) {
      if (const SpecAnswer::Part* error = answer.error(); error != nullptr) {
        errors[session] += errors[session].empty() ? "" : " ";
        errors[session] += error->error.code();
      }
    }
  }
  return errors;
}

// How the sessions may end, one after another.
class OneAfterAnother {
 public:
  OneAfterAnother(const IsolationSpec& spec, SpecServer& server) : spec_(spec), server_(server) {}

  bool explains(const SpecRun& run, const std::vector<std::string>& errors) {
    std::vector<bool> must;
    std::transform(errors.begin(), errors.end(), std::back_inserter(must),
                   [](const std::string& error) { return error.empty(); });
    const std::size_t sessions = spec_.sessions.size();
    for (std::size_t set = 0; set < std::size_t{1} << sessions; ++set) {
      bool fits = true;
      for (std::size_t session = 0; session < sessions; ++session) {
        fits = fits && (!must[session] || (set >> session) % 2 == 1);
      }
      if (fits && endings(set).contains(signature(run, set))) {
        return true;
      }
    }
    return false;
  }

 private:
  using Signature = std::pair<SpecServer::Contents, std::vector<std::string>>;

  // Rows as a set: SQL promises no order without ORDER BY.
  [[nodiscard]] Signature signature(const SpecRun& run, std::size_t set) const {
    Signature made{run.contents, {}};
    const auto answers = run.answers(spec_);
    for (std::size_t session = 0; session < answers.size(); ++session) {
      if ((set >> session) % 2 == 0) {
        continue;
      }
      for (const SpecAnswer& answer : answers[session]) {
        std::string& text = made.second.emplace_back();
        for (const SpecAnswer::Part& part : answer.parts) {
          text += part.line + '\n';
          std::vector<std::vector<SpecAnswer::Cell>> rows;
          if (part.table) {
            rows = part.table->rows;
          }
          std::sort(rows.begin(), rows.end());
          for (const auto& row : rows) {
            for (const SpecAnswer::Cell& cell : row) {
              text += cell ? fmt::format("{}:{};", cell->size(), *cell) : "-;";
            }
            text += '\n';
          }
        }
      }
    }
    return made;
  }

  const std::set<Signature>& endings(std::size_t set) {
    const auto known = endings_.find(set);
    if (known != endings_.end()) {
      return known->second;
    }
    std::set<Signature>& made = endings_[set];
    std::vector<std::size_t> order;
    for (std::size_t session = 0; session < spec_.sessions.size(); ++session) {
      if ((set >> session) % 2 == 1) {
        order.push_back(session);
      }
    }
    do {
      IsolationSpec::Permutation permutation;
      for (const std::size_t session : order) {
        for (const std::size_t step : spec_.sessions[session].steps) {
          permutation.push_back({step, {}});
        }
      }
      const SpecRun run = run_spec(spec_, permutation, server_);
      if (run.end == SpecRun::End::whole) {
        made.insert(signature(run, set));
      }
      server_.cancel();  // sessions that sent nothing but their setup are still in it
    } while (std::next_permutation(order.begin(), order.end()));
    return made;
  }

  const IsolationSpec& spec_;
  SpecServer& server_;
  std::map<std::size_t, std::set<Signature>> endings_;  // by set of sessions
};

class Explorer {
 public:
  Explorer(const IsolationSpec& spec, SpecServer& server, const SpecExploreOptions& options)
      : spec_(spec), server_(server), options_(options), rule_(spec, server) {
    for (std::size_t session = 0; session < spec.sessions.size(); ++session) {
      if (found_.why_not_judged.empty() &&
          (session >= options.one_transaction.size() || !options.one_transaction[session])) {
        found_.why_not_judged =
            fmt::format("session {} is not one transaction", spec.sessions[session].name);
      }
    }
    if (spec.sessions.size() > judged_sessions_max) {
      found_.why_not_judged = fmt::format("{} sessions have too many orders", spec.sessions.size());
    }
  }

  // Whether the next one is to be looked at.
  bool permutation(const IsolationSpec::Permutation& permutation) {
    if (found_.permutations == options_.permutations_max ||
        (options_.go_on && !options_.go_on(found_.permutations))) {
      found_.complete = false;
      return false;
    }
    ++found_.permutations;
    const std::string why_not = options_.why_not ? options_.why_not(permutation) : "";
    if (!why_not.empty()) {
      SpecRun none;
      none.permutation = permutation;
      if (options_.visit) {
        options_.visit(none, why_not);
      }
      left_out(why_not);
      return true;
    }
    std::vector<SpecRun> runs;  // judging them runs others
    do {
      runs.push_back(run_spec(spec_, permutation, server_));
    } while (options_.every_way && server_.next_ways());
    bool whole = false;
    bool impossible = false;
    for (const SpecRun& run : runs) {
      if (options_.visit) {
        options_.visit(run, "");
      }
      whole = whole || run.end == SpecRun::End::whole;
      impossible = impossible || run.end == SpecRun::End::impossible;
      take(run);
    }
    found_.ran += whole ? 1 : 0;
    found_.impossible += !whole && impossible ? 1 : 0;
    return true;
  }

  SpecExploration result() {
    const auto most_first = [](const auto& a, const auto& b) { return a.second > b.second; };
    std::vector<std::pair<std::string, std::uint64_t>> reasons(not_run_.begin(), not_run_.end());
    std::stable_sort(reasons.begin(), reasons.end(), most_first);
    for (const auto& [why, permutations] : reasons) {
      found_.not_run.push_back({why, permutations});
    }
    for (auto& [key, outcome] : outcomes_) {
      found_.outcomes.push_back(std::move(outcome));
    }
    std::stable_sort(
        found_.outcomes.begin(), found_.outcomes.end(),
        [](const SpecOutcome& a, const SpecOutcome& b) { return a.orders > b.orders; });
    return std::move(found_);
  }

 private:
  void left_out(const std::string& why) { ++not_run_[why]; }

  void take(const SpecRun& run) {
    if (run.end == SpecRun::End::impossible) {
      if (found_.impossible_why.empty()) {
        found_.impossible_why = run.events.back().line;
        found_.impossible_example = run.permutation;
      }
      return;
    }
    if (run.end == SpecRun::End::failed) {
      left_out(run.events.back().line);
      return;
    }
    std::vector<std::string> errors = errors_of(spec_, run);
    std::optional<bool> right;
    if (found_.why_not_judged.empty() && sends_every_step(run.permutation)) {
      right = rule_.explains(run, errors);
    }
    ++found_.orders;
    found_.orders_wrong += right == false ? 1 : 0;
    SpecOutcome& outcome = outcomes_[{run.contents, errors, right}];
    if (++outcome.orders == 1) {
      outcome.contents = run.contents;
      outcome.errors = std::move(errors);
      outcome.right = right;
      outcome.example = run.permutation;
    }
  }

  // Each once, and those of a session in their order.
  [[nodiscard]] bool sends_every_step(const IsolationSpec::Permutation& permutation) const {
    std::vector<std::vector<std::size_t>> sent(spec_.sessions.size());
    for (const IsolationSpec::Sent& it : permutation) {
      sent[spec_.steps[it.step].session].push_back(it.step);
    }
    for (std::size_t session = 0; session < sent.size(); ++session) {
      if (sent[session] != spec_.sessions[session].steps) {
        return false;
      }
    }
    return true;
  }

  using Key = std::tuple<SpecServer::Contents, std::vector<std::string>, std::optional<bool>>;

  const IsolationSpec& spec_;
  SpecServer& server_;
  const SpecExploreOptions& options_;
  OneAfterAnother rule_;
  SpecExploration found_;
  std::map<Key, SpecOutcome> outcomes_;
  std::map<std::string, std::uint64_t> not_run_;
};

}  // namespace

void each_permutation(const IsolationSpec& spec,
                      const std::function<bool(const IsolationSpec::Permutation&)>& visit) {
  std::vector<std::size_t> taken(spec.sessions.size(), 0);
  IsolationSpec::Permutation permutation;
  interleave(spec, taken, permutation, visit);
}

SpecExploration explore_spec(const IsolationSpec& spec, SpecServer& server,
                             const SpecExploreOptions& options) {
  Explorer explorer(spec, server, options);
  if (spec.permutations.empty()) {
    each_permutation(spec, [&explorer](const IsolationSpec::Permutation& permutation) {
      return explorer.permutation(permutation);
    });
  } else {
    for (const IsolationSpec::Permutation& permutation : spec.permutations) {
      if (!explorer.permutation(permutation)) {
        break;
      }
    }
  }
  return explorer.result();
}

}  // namespace racelab
