// The walker undoes; looking ahead is an exploration from here.
#include "sim/explore/stepper.h"

#include <algorithm>

#include "sim/explore/odds.h"
#include "sim/kernel/expect.h"

namespace racelab {

namespace {

// By node: how many steps the nearest end that violates is away.
std::vector<std::uint32_t> steps_to_violation(const StateGraph& graph) {
  std::vector<std::uint32_t> steps(graph.root() + std::size_t{1}, Outlook::never);
  for (StateGraph::Node node = StateGraph::unexplored + 1; node <= graph.root(); ++node) {
    if (graph.is_end(node)) {
      steps[node] = graph.outcomes()[graph.outcome_of(node)].violated() ? 0 : Outlook::never;
      continue;
    }
    for (const StateGraph::Node next : graph.next(node)) {
      if (steps[next] != Outlook::never) {
        steps[node] = std::min(steps[node], steps[next] + 1);
      }
    }
  }
  return steps;
}

}  // namespace

std::string plain_letter(std::string_view letter) {
  std::string plain(letter.substr(0, 1));
  letter.remove_prefix(plain.size());
  std::size_t strokes = 0;
  while (letter.starts_with('\'')) {
    ++strokes;
    letter.remove_prefix(1);
  }
  if (strokes > 0) {
    plain += std::to_string(strokes + 1);
  } else if (letter.starts_with('1') &&
             (letter.size() == 1 || letter[1] < '0' || letter[1] > '9')) {
    letter.remove_prefix(1);
  }
  return plain + std::string(letter);
}

Stepper::Stepper(const Settings& settings, const Fleet& fleet, std::uint64_t states_max)
    : setup_(settings, fleet), model_(setup_), walker_(model_), states_max_(states_max) {
  look();
}

bool Stepper::take(std::string_view letter) {
  const std::string plain = plain_letter(letter);
  const auto found = std::find_if(standing_.next.begin(), standing_.next.end(),
                                  [&plain](const Move& move) { return word_of(move) == plain; });
  if (found == standing_.next.end()) {
    return false;
  }
  const Move move = *found;
  if (walker_.try_out(move.step).overflows) {
    return false;
  }
  way_.resize(moves().size());
  way_.push_back(move);
  go(move);
  return true;
}

bool Stepper::undo() {
  if (moves().empty()) {
    return false;
  }
  walker_.back_to(moves().size() - 1);
  look();
  return true;
}

bool Stepper::redo() {
  if (moves().size() == way_.size()) {
    return false;
  }
  go(way_[moves().size()]);
  return true;
}

void Stepper::go_to(const Place& place) {
  std::size_t common = 0;
  while (common < std::min(moves().size(), place.taken) &&
         way_[common].step == place.way[common].step) {
    ++common;
  }
  walker_.back_to(common);
  way_ = place.way;
  for (std::size_t i = common; i < place.taken; ++i) {
    walker_.take(way_[i].step);
  }
  look();
}

void Stepper::go(const Move& move) {
  walker_.take(move.step);
  look();
}

// ---- what stands

void Stepper::look() {
  standing_ = {};
  outlook_.reset();
  looked_ahead_ = false;
  for (std::uint32_t client = 0; client < setup_.world.clients.clients; ++client) {
    std::uint32_t live = 0;
    std::uint32_t dead = 0;
    for (const Model::View& view : model_.views(client)) {
      standing_.handlers.push_back({view, view.dead ? dead++ : live++, std::nullopt});
    }
    auto& told = standing_.told.emplace_back();
    for (const std::uint8_t known : model_.local(client).told) {
      told.push_back(known == 0 ? Standing::Told() : static_cast<Told>(known - 1));
    }
  }
  look_at_rows();
  standing_.next = walker_.next();
}

void Stepper::look_at_rows() {
  const Store& store = model_.store();
  const auto handler_of = [this](SessionId session) {
    const auto found =
        std::find_if(standing_.handlers.begin(), standing_.handlers.end(),
                     [session](const auto& handler) { return handler.session == session; });
    RACELAB_EXPECT(session != no_session && found != standing_.handlers.end());
    return static_cast<std::size_t>(found - standing_.handlers.begin());
  };
  for (Standing::Handler& handler : standing_.handlers) {
    if (handler.waits) {
      handler.blocker = handler_of(store.blocker(handler.session));
    }
  }
  for (std::size_t index = 0; index < store.row_count(); ++index) {
    const Store::RowView view = store.row(index);
    Standing::Row row;
    row.key = view.key;
    if (view.committed != no_version) {
      row.committed = store.versions()[view.committed].value;
      row.version = store.versions()[view.committed].number;
    }
    if (view.in_flight != no_version) {
      row.in_flight = store.versions()[view.in_flight].value;
    }
    if (view.holder != no_session) {
      row.holder = handler_of(view.holder);
    }
    for (SessionId waiter = view.first_waiter; waiter != no_session;
         waiter = store.waiter_after(waiter)) {
      row.queue.push_back(handler_of(waiter));
    }
    if (row.committed || row.holder || !row.queue.empty()) {
      standing_.rows.push_back(row);
    }
  }
}

// ---- what may come

const Outlook* Stepper::outlook() {
  if (!looked_ahead_) {
    looked_ahead_ = true;
    const Limits limits{.states = states_max_, .go_on = {}};
    const StateGraph graph(model_, limits, true, true);
    model_.restore(walker_.here());
    if (graph.complete()) {
      const std::vector<double> chances = violation_chances(graph);
      const std::vector<std::uint32_t> steps = steps_to_violation(graph);
      const auto way = [&](StateGraph::Node node) {
        return Outlook::Way{chances[node], steps[node]};
      };
      outlook_.emplace(Outlook{way(graph.root()), {}});
      const auto labels = graph.labels(graph.root());
      RACELAB_EXPECT(labels.size() == standing_.next.size());
      for (std::size_t i = 0; i < labels.size(); ++i) {
        RACELAB_EXPECT(labels[i].step == standing_.next[i].step);
        outlook_->next.push_back(way(graph.next(graph.root())[i]));
      }
    }
  }
  return outlook_ ? &*outlook_ : nullptr;
}

}  // namespace racelab
