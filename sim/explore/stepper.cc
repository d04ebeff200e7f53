// What stands is read off the model and its store.
#include "sim/explore/stepper.h"

#include <algorithm>

#include "sim/kernel/expect.h"

namespace racelab {

namespace {

Setup setup_of(const Settings& settings, const Fleet& fleet,
               const std::vector<std::uint32_t>& issued) {
  Setup setup(settings, fleet);
  setup.world.clients.issued = issued;
  return setup;
}

}  // namespace

Stepper::Stepper(const Settings& settings, const Fleet& fleet, std::uint64_t states_max,
                 const std::vector<std::uint32_t>& issued)
    : setup_(setup_of(settings, fleet, issued)), model_(setup_), walk_(model_, states_max) {
  look();
}

void Stepper::look() {
  standing_ = {};
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
  standing_.next = walk_.next();
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

}  // namespace racelab
