// Naming states. A name covers everything that what follows can depend on, and nothing else: committed and uncommitted values, who
// holds and who waits for which row, what open snapshots show, what each process knows (its local state's name), budgets; and of
// provenance, for each version that is current or held by a handler, which applications it contains. Of operations that are
// settled, only how many of them it contains: the verdict counts them, and nothing else will ever ask which they were.
//
// With symmetry, clients are first put in an order that does not depend on who they are: each gets a colour from its own
// state and from its marks on everything shared, once more from the colours of those it has to do with, and the colours are
// sorted. The name is then that of the state with the clients renamed by their rank. Two states with one name are
// therefore always the same up to renaming; clients that the colours cannot tell apart cost a merge at worst.
#include <algorithm>
#include <bit>
#include <boost/container/small_vector.hpp>
#include <numeric>
#include <tuple>
#include <utility>

#include "sim/explore/model_state.h"

namespace racelab {

namespace {

std::uint64_t word(std::int64_t value) { return static_cast<std::uint64_t>(value); }

constexpr std::uint64_t nothing = ~std::uint64_t{0};

// How many bits are set. std::popcount is a call into a table where the processor is not known to have an instruction for it.
constexpr std::uint64_t count_bits(std::uint64_t bits) {
  bits -= (bits >> 1U) & 0x5555555555555555U;
  bits = (bits & 0x3333333333333333U) + ((bits >> 2U) & 0x3333333333333333U);
  return (((bits + (bits >> 4U)) & 0x0F0F0F0F0F0F0F0FU) * 0x0101010101010101U) >> 56U;
}

}  // namespace

// An operation is only counted when nothing of it is under way and what becomes of it is a matter of one row: whether the version
// that is the row's last contains it. With several rows it takes knowing which one it was to put their answers together.
void Model::find_settled() {
  const auto& settled = state_->settled;
  std::uint64_t elsewhere = 0;  // applied to another row than its own
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    elsewhere |= state_->applied[row] & ~changes_only_[row];
  }
  const std::uint64_t all = (settled[0] | settled[1] | settled[2]) & ~elsewhere;
  only_counted_.resize(rows_.size());
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    only_counted_[row] = all & changes_only_[row];
  }
}

// A bit for each operation, in the places of the clients' ranks.
std::uint64_t Model::by_rank(std::uint64_t operations) const {
  if (!renamed_ || operations == 0) {
    return operations;
  }
  std::uint64_t ranked = 0;
  for (; operations != 0; operations &= operations - 1) {
    const auto operation = static_cast<std::uint32_t>(std::countr_zero(operations));
    const std::uint32_t client = owner_[operation];
    const std::uint32_t number = operation - (client * operations_);
    ranked |= std::uint64_t{1} << ((rank_[client] * operations_) + number);
  }
  return ranked;
}

// The shares that clients have in what a version contains, without what is only counted: of each that has one, once.
template <class Mark>
void Model::for_each_share(VersionId version, Mark mark) const {
  if (version == no_version) {
    return;
  }
  const Contents& contents = state_->contents[version];
  const RowKey key = state_->store.versions()[version].key;
  const std::uint64_t named =
      key.table() == Table::rows ? ~only_counted_[key.number()] : ~std::uint64_t{0};
  for (std::uint64_t rest = contents.once & named; rest != 0;) {
    const std::uint32_t client = owner_[static_cast<std::size_t>(std::countr_zero(rest))];
    const std::uint64_t its = (~std::uint64_t{0} >> (64 - operations_)) << (client * operations_);
    const std::uint32_t first = client * operations_;
    mark(client,
         combine((contents.once & named & its) >> first, (contents.twice & named & its) >> first));
    rest &= ~its;
  }
}

void Model::add_version(VersionId version) {
  if (version == no_version) {
    words_.add(nothing);
    return;
  }
  const Version& it = state_->store.versions()[version];
  words_.add(word(it.value));
  add_contents(version);
}

void Model::add_contents(VersionId version) {
  const Contents& contents = state_->contents[version];
  const RowKey key = state_->store.versions()[version].key;
  const bool is_row = key.table() == Table::rows;
  const std::uint64_t counted = is_row ? only_counted_[key.number()] : 0;
  const std::uint64_t once = by_rank(contents.once & ~counted);
  const std::uint64_t twice = by_rank(contents.twice & ~counted);
  if (clients_ * operations_ <= 32) {
    words_.add(once | (twice << 32U));
  } else {
    words_.add(once);
    words_.add(twice);
  }
  if (contents.excess != 0) {
    words_.add(word(contents.excess));
  }
  if (counted == 0) {
    return;
  }
  if ((contents.once & counted) == 0) {
    words_.add(0);
    return;
  }
  // Of those that are only counted: by what their clients were told, how many it contains, and how many more than once.
  std::uint64_t numbers = 0;
  for (const std::uint64_t told : state_->settled) {
    const std::uint64_t contained = told & counted & contents.once;
    numbers <<= 14U;
    if (contained != 0) {
      numbers |= count_bits(contained);
      if ((contained & contents.twice) != 0) {
        numbers |= count_bits(contained & contents.twice) << 7U;
      }
    }
  }
  words_.add(numbers);
}

// How many of the operations that are only counted were ever applied to the row, by what their clients were told.
void Model::add_counted(std::size_t row) {
  if (only_counted_[row] == 0) {
    return;
  }
  std::uint64_t numbers = 0;
  for (const std::uint64_t told : state_->settled) {
    const std::uint64_t applied = told & only_counted_[row] & state_->applied[row];
    numbers = (numbers << 7U) | (applied != 0 ? count_bits(applied) : 0);
  }
  words_.add(numbers);
}

// Who holds a row, and who waits for it.
void Model::add_holder(const Store::RowView& row) {
  constexpr std::uint64_t nobody = 0xFFFFFFFF;
  constexpr std::uint64_t one_more = std::uint64_t{1} << 63U;  // waits
  constexpr std::uint64_t open = std::uint64_t{1} << 61U;
  const Store& store = state_->store;
  const std::uint64_t holder = row.holder == no_session ? nobody : seat_[row.holder];
  SessionId waiter = row.first_waiter;
  words_.add(holder | (row.in_flight != no_version ? std::uint64_t{1} << 62U : 0) |
             (waiter != no_session ? one_more : 0) | (row.open ? open : 0));
  if (row.open) {  // it does not matter who came first
    boost::container::small_vector<std::uint64_t, 32> seats;
    for (; waiter != no_session; waiter = store.waiter_after(waiter)) {
      seats.push_back(seat_[waiter]);
    }
    std::sort(seats.begin(), seats.end());
    for (const std::uint64_t seat : seats) {
      words_.add(seat | (&seat != &seats.back() ? one_more : 0));
    }
    return;
  }
  while (waiter != no_session) {
    const SessionId next = store.waiter_after(waiter);
    words_.add(seat_[waiter] | (next != no_session ? one_more : 0));
    waiter = next;
  }
}

// A row: who has to do with it, what is committed, what is in flight.
void Model::add_row(const Store::RowView& row) {
  add_holder(row);
  add_version(row.committed);
  if (row.in_flight != no_version) {
    add_version(row.in_flight);
  }
}

// A key's name by its client's rank: the same whoever has that rank.
std::uint64_t Model::key_name(RowKey key) const {
  const std::uint64_t owner = key.table() == Table::keys ? rank_[key.client()] : 0;
  return (owner << 44U) | (std::uint64_t{key.operation()} << 16U) | key.attempt();
}

// Keys stand in the store in the order in which they were first used; named by rank they have an order of their own.
void Model::add_keys() {
  const Store& store = state_->store;
  struct Key {
    std::uint64_t name;
    std::size_t index;
  };
  boost::container::small_vector<Key, 16> keys;
  for (std::size_t index = state_->applied.size(); index < store.row_count(); ++index) {
    const Store::RowView row = store.row(index);
    if (row.committed != no_version || row.holder != no_session || row.first_waiter != no_session) {
      keys.push_back({key_name(row.key), index});
    }
  }
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) { return a.name < b.name; });
  if (!keys.empty()) {  // a key that was taken back is as one that never was
    words_.add(keys.size());
  }
  for (const Key& key : keys) {
    const Store::RowView row = store.row(key.index);
    words_.add(key.name);
    for (const VersionId version : {row.committed, row.in_flight}) {
      const bool there = version != no_version;
      words_.add(there ? word(store.versions()[version].value) : nothing);
    }
    add_holder(row);
  }
}

// What a handler's process does not know of it: the provenance of the rows that it was shown, and its snapshot.
void Model::add_live(const Live& live) {
  const Store& store = state_->store;
  for (std::uint32_t i = 0; i < live.seen_count; ++i) {
    add_contents(live.seen[i]);
  }
  if (store.keeps_snapshot(live.session)) {
    for (std::size_t index = 0; index < rows_.size(); ++index) {
      const VersionId shown = store.in_snapshot(live.session, index);
      if (shown == rows_[index].committed) {
        words_.add(nothing);
      } else {
        add_version(shown);
      }
    }
    add_keys_of_snapshot(live.session);
  }
  if (tells_current_) {
    add_current(live);
  }
  if (live.wrote_wrong) {
    words_.add(nothing);
  }
  if (live.stands) {
    add_execution(live.execution);
  }
}

// The keys that have changed since: which ones they are must be told, since the store has them in the order of first use.
void Model::add_keys_of_snapshot(SessionId session) {
  const Store& store = state_->store;
  boost::container::small_vector<std::pair<std::uint64_t, std::uint64_t>, 16> changed;
  for (std::size_t index = rows_.size(); index < store.row_count(); ++index) {
    const VersionId shown = store.in_snapshot(session, index);
    const Store::RowView row = store.row(index);
    if (shown != row.committed) {
      changed.emplace_back(key_name(row.key),
                           shown == no_version ? nothing : word(store.versions()[shown].value));
    }
  }
  std::sort(changed.begin(), changed.end());
  words_.add(changed.size());
  for (const auto& [name, value] : changed) {
    words_.add(name);
    words_.add(value);
  }
}

// Whether the versions that it was shown, and that a WHERE may check, are still their rows': the committed one, the newest one,
// the one that its snapshot shows. Nothing depends on it as long as no strategy asks.
void Model::add_current(const Live& live) {
  const Store& store = state_->store;
  std::uint64_t current = 0;
  const bool keeps_snapshot = store.keeps_snapshot(live.session);
  for (std::uint32_t i = 0; i < live.seen_count; ++i) {
    const VersionId seen = live.seen[i];
    const RowKey key = store.versions()[seen].key;
    if (key.table() != Table::rows) {
      continue;
    }
    const Store::RowView& row = rows_[key.number()];
    const VersionId newest = row.in_flight != no_version ? row.in_flight : row.committed;
    const bool shown = keeps_snapshot && store.in_snapshot(live.session, key.number()) == seen;
    current |= std::uint64_t{row.committed == seen} << i;
    current |= std::uint64_t{newest == seen} << (16 + i);
    current |= std::uint64_t{shown} << (32 + i);
  }
  words_.add(current);
}

bool Model::refine_names() {
  const bool refined = version_checked_ && !tells_current_;
  tells_current_ = version_checked_;
  return refined;
}

// An execution that has committed something and goes on must not be counted twice: which versions contain it already.
void Model::add_execution(std::uint8_t execution) {
  const Store& store = state_->store;
  std::uint64_t bits = 0;
  unsigned count = 0;
  const auto add = [&](VersionId version) {
    const bool contains = version != no_version && state_->contents[version].has(execution);
    bits = (bits << 1U) | (contains ? 1U : 0U);
    if (++count % 64 == 0) {
      words_.add(bits);
    }
  };
  for (const Store::RowView& row : rows_) {
    add(row.committed);
    add(row.in_flight);
  }
  for (const std::uint32_t client : order_) {
    for (const Live& other : state_->live) {
      if (other.client != client) {
        continue;
      }
      std::for_each_n(other.seen.begin(), other.seen_count, add);
      for (std::size_t index = 0; store.keeps_snapshot(other.session) && index < rows_.size();
           ++index) {
        add(store.in_snapshot(other.session, index));
      }
    }
  }
  words_.add(bits);
}

Fingerprint Model::name(bool symmetry) {
  const Store& store = state_->store;
  rows_.clear();
  for (std::size_t index = 0; index < state_->applied.size(); ++index) {
    rows_.push_back(store.row(index));
  }
  find_settled();
  const bool ranks = symmetry && !alike_.empty();
  if (ranks || renamed_) {  // otherwise everybody stands in their own place
    std::iota(order_.begin(), order_.end(), 0U);
    if (ranks) {
      rank_clients();
    }
    renamed_ = !std::is_sorted(order_.begin(), order_.end());
    for (std::uint32_t rank = 0; rank < clients_; ++rank) {
      rank_[order_[rank]] = rank;
    }
  }
  std::uint32_t place = 0;
  for (std::uint32_t index = 0; index < state_->live.size(); ++index) {
    const Live& live = state_->live[index];
    place = index > 0 && state_->live[index - 1].client == live.client ? place + 1 : 0;
    if (place == 0) {
      first_live_[live.client] = index;
    }
    if (live.session >= seat_.size()) {
      seat_.resize(live.session + 1);
    }
    seat_[live.session] = (std::uint64_t{rank_[live.client]} << 8U) + place;
  }

  words_.clear();
  add_local_states(ranks);
  words_.add(state_->wrong ? 1 : 0);
  for (std::size_t index = 0; index < rows_.size(); ++index) {
    add_row(rows_[index]);
    add_counted(index);
    words_.add(by_rank(state_->applied[index] & ~only_counted_[index]));
  }
  if (store.row_count() > rows_.size()) {
    add_keys();
  }
  if (renamed_) {
    for (const std::uint32_t client : order_) {
      for (std::uint32_t index = first_live_[client];
           index < state_->live.size() && state_->live[index].client == client; ++index) {
        add_live(state_->live[index]);
      }
    }
  } else {
    for (const Live& live : state_->live) {
      add_live(live);
    }
  }
  if (any_budget_) {
    for (const std::uint16_t struck : state_->struck) {
      words_.add(struck);
    }
  }
  return words_.fingerprint();
}

// A number tells one client's local states apart, two in a word; where clients may change places it takes the name.
void Model::add_local_states(bool ranks) {
  std::uint64_t numbers = 0;
  unsigned count = 0;
  for (const std::uint32_t client : order_) {
    if (ranks && has_twin_[client] != 0) {
      const Fingerprint& name = state_->local[client]->name;
      words_.add(name.high);
      words_.add(name.low);
      continue;
    }
    numbers = (numbers << 32U) | state_->local[client]->number;
    if (++count % 2 == 0) {
      words_.add(numbers);
    }
  }
  if (count % 2 != 0) {
    words_.add(numbers);
  }
}

// ---- symmetry

// Clients of one class change places among themselves; one that has no twin stays, and needs no colour but its own.
void Model::rank_clients() {
  for (std::uint32_t client = 0; client < clients_; ++client) {
    colors_[client] = has_twin_[client] != 0 ? state_->local[client]->name.low : spread(client);
  }
  color_by_marks();
  color_by_what_was_seen();
  const auto before = [this](std::uint32_t a, std::uint32_t b) {
    return refined_[a] != refined_[b] ? refined_[a] < refined_[b] : a < b;
  };
  for (auto& [places, by_color] : alike_) {
    // Few have changed since the last state, so they are nearly in order.
    for (std::size_t i = 1; i < by_color.size(); ++i) {
      const std::uint32_t client = by_color[i];
      std::size_t at = i;
      for (; at > 0 && before(client, by_color[at - 1]); --at) {
        by_color[at] = by_color[at - 1];
      }
      by_color[at] = client;
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      order_[places[i]] = by_color[i];
    }
  }
}

// The marks that each client has on what is shared.
void Model::color_by_marks() {
  const Store& store = state_->store;
  const auto client_of = [this](SessionId session) {
    return state_->live[live_with(session)].client;
  };
  for (std::size_t index = 0; index < store.row_count(); ++index) {
    const Store::RowView row = store.row(index);
    const bool is_key = row.key.table() == Table::keys;
    if (!is_key) {
      std::uint64_t kind = (std::uint64_t{index} << 2U) + 1;
      const auto mark = [&](std::uint32_t client, std::uint64_t share) {
        colors_[client] += has_twin_[client] != 0 ? combine(kind, share) : 0;
      };
      for_each_share(row.committed, mark);
      ++kind;
      for_each_share(row.in_flight, mark);
      ++kind;
      for (std::uint64_t rest = state_->applied[index] & ~only_counted_[index]; rest != 0;
           rest &= rest - 1) {
        const auto operation = static_cast<std::uint32_t>(std::countr_zero(rest));
        const std::uint32_t client = owner_[operation];
        mark(client, operation - (client * operations_));
      }
    } else if (row.committed != no_version) {
      std::uint64_t& owner = colors_[row.key.client()];
      owner += spread((std::uint64_t{row.key.operation()} << 16U) | row.key.attempt());
    }
    std::uint64_t position = combine(is_key ? row.key.operation() + 100 : index, 1);
    if (row.holder != no_session) {
      colors_[client_of(row.holder)] += spread(position);
    }
    for (SessionId waiter = row.first_waiter; waiter != no_session;
         waiter = store.waiter_after(waiter)) {
      position = row.open ? position : spread(position);
      colors_[client_of(waiter)] += combine(position, 2);
    }
  }
}

// Who was shown versions that contain whom.
void Model::color_by_what_was_seen() {
  refined_ = colors_;
  for (const Live& live : state_->live) {
    for (std::uint32_t i = 0; i < live.seen_count; ++i) {
      for_each_share(live.seen[i], [&](std::uint32_t client, std::uint64_t share) {
        if (has_twin_[client] != 0 || has_twin_[live.client] != 0) {
          const std::uint64_t mark = combine(i, share);
          refined_[live.client] += combine(colors_[client], mark);
          refined_[client] += spread(combine(colors_[live.client], mark));
        }
      });
    }
  }
}

}  // namespace racelab
