// What the room says, as JSON. Names and everything else that somebody typed are strings in it, and text to whoever reads it.
#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "sim/host/qr_code.h"
#include "sim/host/room.h"

namespace racelab::host {

namespace {

namespace json = boost::json;

std::string letter_of(std::size_t client) { return {static_cast<char>('A' + client)}; }

json::value number_or_null(const std::optional<std::uint64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object named(PersonId id, const std::string& name) {
  return {{"person", id}, {"name", name}};
}

}  // namespace

void Room::tell(ConnectionId id, std::string text, Effects& effects) {
  effects.sent.push_back({id, std::move(text)});
}

// How one comes in: for the projector alone, since it has the code in it.
std::string Room::door_text() const {
  json::array rows;
  for (const std::string& row : qr_code(join_address_ + "#" + code_)) {
    rows.emplace_back(row);
  }
  return json::serialize(json::object{
      {"type", "door"}, {"address", join_address_}, {"code", code_}, {"qr", std::move(rows)}});
}

std::string Room::press_text(const Seat& seat) const {
  return json::serialize(json::object{{"type", "press"},
                                      {"number", seat.pressed},
                                      {"client", &seat - seats_.data()},
                                      {"name", people_.at(seat.person).name},
                                      {"round", stage_.round}});
}

std::string Room::room_text() const {
  json::array seats;
  for (const Seat& seat : seats_) {
    if (seat.person == 0) {
      seats.emplace_back(nullptr);
      continue;
    }
    json::object shown = named(seat.person, people_.at(seat.person).name);
    shown["here"] = is_here(seat.person);
    seats.emplace_back(std::move(shown));
  }
  json::array waiting;
  for (const PersonId person : line_) {
    json::object shown = named(person, people_.at(person).name);
    shown["here"] = is_here(person);
    waiting.emplace_back(std::move(shown));
  }
  std::vector<std::uint64_t> votes(stage_.choices.size());
  for (const auto& [id, person] : people_) {
    if (person.vote) {
      ++votes[*person.vote];
    }
  }
  return json::serialize(json::object{{"type", "room"},
                                      {"open", wrong_codes_ < limits_.wrong_codes_max},
                                      {"people", people_.size()},
                                      {"seats", std::move(seats)},
                                      {"waiting", std::move(waiting)},
                                      {"votes", json::array(votes.begin(), votes.end())}});
}

std::string Room::you_text(PersonId id) const {
  const Person& person = people_.at(id);
  json::object text{
      {"type", "you"},         {"name", person.name},   {"projector", projector_ != 0},
      {"title", stage_.title}, {"ended", stage_.ended}, {"result", stage_.result},
      {"seat", nullptr},       {"line", nullptr},       {"ballot", nullptr}};
  if (const Seat* const seat = seat_of(id); seat != nullptr) {
    const auto client = static_cast<std::size_t>(seat - seats_.data());
    text["seat"] = json::object{{"letter", letter_of(client)},
                                {"turn", seat->turn},
                                {"can", can_press(*seat)},
                                {"pressed", seat->pressed != 0},
                                {"statement", stage_.clients[client].statement}};
    return json::serialize(text);
  }
  const auto own = std::find(line_.begin(), line_.end(), id);
  text["line"] =
      1 + std::count_if(line_.begin(), own, [this](PersonId before) { return is_here(before); });
  if (!stage_.choices.empty()) {
    text["ballot"] =
        json::object{{"round", stage_.round},
                     {"question", stage_.question},
                     {"choices", json::array(stage_.choices.begin(), stage_.choices.end())},
                     {"vote", number_or_null(person.vote)},
                     {"answer", number_or_null(stage_.answer)}};
  }
  return json::serialize(text);
}

}  // namespace racelab::host
