// Who is there, and what each may say.
#include "sim/host/room.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace racelab::host {

namespace {

constexpr std::string_view not_yours = "This message is for another page than yours.";

std::string refused(std::string_view reason) {
  return fmt::format(R"({{"type":"refused","reason":"{}"}})", reason);  // ours: nothing to escape
}

}  // namespace

Room::Room(std::string join_address, Draw draw, RoomLimits limits)
    : join_address_(std::move(join_address)),
      draw_(std::move(draw)),
      limits_(limits),
      secret_(draw_secret(draw_)),
      code_(draw_code(draw_)) {}

void Room::opened(ConnectionId id, Instant now) {
  Connection& connection = connections_[id];
  connection.opened = now;
  connection.paid_until = now;
}

Effects Room::received(ConnectionId id, std::string_view text, Instant now) {
  Effects effects;
  const auto found = connections_.find(id);
  if (found == connections_.end()) {
    return effects;  // was dropped; this was under way
  }
  if (!pays(found->second, now)) {
    drop(id, "Too many messages at once.", now, effects);
    return effects;
  }
  const ReadMessage read = read_message(text);
  if (!read.message) {
    drop(id, read.problem, now, effects);
    return effects;
  }
  std::visit([&](const auto& message) { take(id, message, now, effects); }, *read.message);
  return effects;
}

void Room::closed(ConnectionId id, Instant now) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) {
    return;
  }
  if (const auto person = people_.find(found->second.person); person != people_.end()) {
    person->second.connection = 0;
    person->second.away_since = now;
  }
  if (projector_ == id) {
    projector_ = 0;
  }
  connections_.erase(found);
  changed_ = true;
}

// Each message takes its share of a second. One that would begin further in the future than so many at once reach is too many.
// The projector's page may hold down a key.
bool Room::pays(Connection& connection, Instant now) const {
  constexpr std::uint64_t projector_factor = 10;
  const std::uint64_t factor = connection.projector ? projector_factor : 1;
  const auto in_milliseconds = [](std::uint64_t count) {
    return Instant(static_cast<std::int64_t>(count));
  };
  const Instant cost = in_milliseconds(1'000 / (limits_.messages_per_second_max * factor));
  connection.paid_until = std::max(connection.paid_until, now) + cost;
  return connection.paid_until - now <=
         cost * static_cast<std::int64_t>(limits_.messages_at_once_max * factor);
}

void Room::drop(ConnectionId id, std::string reason, Instant now, Effects& effects) {
  effects.dropped.push_back({id, std::move(reason)});
  closed(id, now);
}

void Room::take(ConnectionId id, const Present& present, Instant now, Effects& effects) {
  if (!same_secret(present.secret, secret_) || connections_[id].person != 0) {
    drop(id, "That is not the secret of this room: open the address that the terminal shows.", now,
         effects);
    return;
  }
  if (projector_ != 0 && projector_ != id) {
    drop(projector_, "Another page is the projector now.", now, effects);
  }
  projector_ = id;
  connections_[id].projector = true;
  // What an earlier page was asked, this one has never heard of.
  for (Seat& seat : seats_) {
    seat.pressed = 0;
    ++seat.turn;
  }
  tell(id, door_text(), effects);
  last_move_ = now;
  changed_ = true;
}

void Room::wrong_code(ConnectionId id, Instant now, Effects& effects) {
  ++wrong_codes_;
  changed_ = true;
  if (++connections_[id].wrong_codes >= limits_.wrong_codes_each_max) {
    drop(id, "Too many wrong codes.", now, effects);
    return;
  }
  tell(id, refused("That is not the code on the projector."), effects);
}

void Room::take(ConnectionId id, const Join& join, Instant now, Effects& effects) {
  if (connections_[id].person != 0 || connections_[id].projector) {
    drop(id, std::string(not_yours), now, effects);
    return;
  }
  if (wrong_codes_ >= limits_.wrong_codes_max) {
    tell(id, refused("Too many wrong codes were tried: nobody can join until there is a new code."),
         effects);
    return;
  }
  if (!same_secret(join.code, code_)) {
    wrong_code(id, now, effects);
    return;
  }
  const std::optional<std::string> name = clean_name(join.name);
  if (!name) {
    tell(id, refused(fmt::format("A name has 1 to {} letters.", name_letters_max)), effects);
    return;
  }
  if (!makes_place()) {
    tell(id, refused(fmt::format("The room is full: {} people are in.", limits_.people_max)),
         effects);
    return;
  }
  const PersonId person = next_person_++;
  people_[person].name = free_name(*name);
  people_[person].token = draw_secret(draw_);
  line_.push_back(person);
  enter(id, person, now, effects);
}

void Room::take(ConnectionId id, const Back& back, Instant now, Effects& effects) {
  if (connections_[id].person != 0 || connections_[id].projector) {
    drop(id, std::string(not_yours), now, effects);
    return;
  }
  const auto found = std::find_if(people_.begin(), people_.end(), [&back](const auto& entry) {
    return same_secret(entry.second.token, back.token);
  });
  if (found == people_.end()) {
    // Also what a phone says that has slept through the end of another room: it does not count as a guess of all.
    if (++connections_[id].wrong_codes >= limits_.wrong_codes_each_max) {
      drop(id, "Too many wrong codes.", now, effects);
      return;
    }
    tell(id, R"({"type":"gone"})", effects);
    return;
  }
  if (found->second.connection != 0) {
    drop(found->second.connection, "You are here from another page.", now, effects);
  }
  enter(id, found->first, now, effects);
}

void Room::enter(ConnectionId id, PersonId person, Instant now, Effects& effects) {
  connections_[id].person = person;
  people_[person].connection = id;
  tell(id, fmt::format(R"({{"type":"joined","token":"{}"}})", people_[person].token), effects);
  fill_seats();
  if (seat_of(person) != nullptr) {
    last_move_ = now;
  }
  changed_ = true;
}

// Whether one more fits; whoever is away longest makes place.
bool Room::makes_place() {
  if (people_.size() < limits_.people_max) {
    return true;
  }
  PersonId longest = 0;
  for (const auto& [id, person] : people_) {
    if (person.connection == 0 &&
        (longest == 0 || person.away_since < people_[longest].away_since)) {
      longest = id;
    }
  }
  if (longest != 0) {
    forget(longest);
  }
  return longest != 0;
}

void Room::forget(PersonId person) {
  std::erase(line_, person);
  if (Seat* const seat = seat_of(person); seat != nullptr) {
    seat->person = 0;
    ++seat->turn;
  }
  people_.erase(person);
  fill_seats();
  changed_ = true;
}

// The name, or the name with a number: the projector says who pressed.
std::string Room::free_name(const std::string& name) const {
  const auto taken = [this](const std::string& wanted) {
    return std::any_of(people_.begin(), people_.end(),
                       [&wanted](const auto& entry) { return entry.second.name == wanted; });
  };
  std::string free = name;
  for (int number = 2; taken(free); ++number) {
    free = fmt::format("{} {}", name, number);
  }
  return free;
}

void Room::take(ConnectionId id, const Press& press, Instant now, Effects& effects) {
  const PersonId person = connections_[id].person;
  if (person == 0) {
    drop(id, std::string(not_yours), now, effects);
    return;
  }
  Seat* const seat = seat_of(person);
  // Too late, or twice: that happens, and means nothing.
  if (seat == nullptr || seat->turn != press.turn || !can_press(*seat)) {
    return;
  }
  seat->pressed = ++presses_;
  last_move_ = now;
  changed_ = true;
  tell(projector_, press_text(*seat), effects);
}

void Room::take(ConnectionId id, const Vote& vote, Instant now, Effects& effects) {
  const PersonId person = connections_[id].person;
  if (person == 0) {
    drop(id, std::string(not_yours), now, effects);
    return;
  }
  if (seat_of(person) != nullptr || vote.round != stage_.round || stage_.answer ||
      vote.choice >= stage_.choices.size()) {
    return;
  }
  people_[person].vote = vote.choice;
  changed_ = true;
}

void Room::take(ConnectionId id, const NewCode& /*wish*/, Instant now, Effects& effects) {
  if (!connections_[id].projector) {
    drop(id, std::string(not_yours), now, effects);
    return;
  }
  code_ = draw_code(draw_);
  wrong_codes_ = 0;
  tell(id, door_text(), effects);
  changed_ = true;
}

void Room::take(ConnectionId id, const Remove& wish, Instant now, Effects& effects) {
  if (!connections_[id].projector) {
    drop(id, std::string(not_yours), now, effects);
    return;
  }
  const auto found = people_.find(wish.person);
  if (found == people_.end()) {
    return;
  }
  if (found->second.connection != 0) {
    drop(found->second.connection, "Whoever leads the room has sent you out.", now, effects);
  }
  forget(wish.person);
}

void Room::take(ConnectionId id, const Stage& stage, Instant now, Effects& effects) {
  if (!connections_[id].projector) {
    drop(id, std::string(not_yours), now, effects);
    return;
  }
  set_stage(stage, now);
}

Effects Room::tick(Instant now) {
  Effects effects;
  std::vector<ConnectionId> unknown;
  for (const auto& [id, connection] : connections_) {
    if (!connection.projector && connection.person == 0 &&
        now - connection.opened >= limits_.unknown_max) {
      unknown.push_back(id);
    }
  }
  for (const ConnectionId id : unknown) {
    drop(id, "Nobody has joined with this page for a minute.", now, effects);
  }
  std::vector<PersonId> forgotten;
  for (const auto& [id, person] : people_) {
    if (person.connection == 0 && now - person.away_since >= limits_.away_max) {
      forgotten.push_back(id);
    }
  }
  for (const PersonId person : forgotten) {
    forget(person);
  }
  pass_turns_of_who_left(now);
  pass_idle_turns(now);
  if (!std::exchange(changed_, false)) {
    return effects;
  }
  for (auto& [id, connection] : connections_) {
    if (!connection.projector && connection.person == 0) {
      continue;
    }
    std::string text = connection.projector ? room_text() : you_text(connection.person);
    if (text != connection.told) {
      connection.told = text;
      tell(id, std::move(text), effects);
    }
  }
  return effects;
}

}  // namespace racelab::host
