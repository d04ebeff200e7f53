// Whose turn it is. Each client has a seat; the others wait in a line. After every order the whole line moves on; and when nothing
// is pressed for some seconds, whoever could press goes to its end.
#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/host/room.h"

namespace racelab::host {

bool Room::is_here(PersonId person) const {
  const auto found = people_.find(person);
  return found != people_.end() && found->second.connection != 0;
}

const Room::Seat* Room::seat_of(PersonId person) const {
  const auto found = std::find_if(seats_.begin(), seats_.end(), [person](const Seat& seat) {
    return seat.person == person && person != 0;
  });
  return found == seats_.end() ? nullptr : &*found;
}

Room::Seat* Room::seat_of(PersonId person) {
  return const_cast<Seat*>(std::as_const(*this).seat_of(person));
}

bool Room::can_press(const Seat& seat) const {
  const auto client = static_cast<std::size_t>(&seat - seats_.data());
  return projector_ != 0 && !stage_.ended && seat.pressed == 0 && client < stage_.clients.size() &&
         stage_.clients[client].can;
}

void Room::set_stage(const Stage& stage, Instant now) {
  const bool ends = stage.ended && !stage_.ended;
  const bool other_question = stage.round != stage_.round || stage.choices != stage_.choices ||
                              stage.question != stage_.question;
  const Stage before = std::exchange(stage_, stage);
  resize_seats(stage.clients.size());
  for (std::size_t client = 0; client < seats_.size(); ++client) {
    Seat& seat = seats_[client];
    const bool dealt_with = seat.pressed != 0 && seat.pressed <= stage.handled;
    const bool another = client >= before.clients.size() || stage.round != before.round ||
                         stage.clients[client] != before.clients[client];
    if (dealt_with) {
      seat.pressed = 0;
    }
    if (dealt_with || another) {
      ++seat.turn;  // a tap on what was shown before is none on this
    }
  }
  if (other_question) {
    for (auto& [id, person] : people_) {
      person.vote.reset();
    }
  }
  if (ends) {
    rotate();
  }
  fill_seats();
  last_move_ = now;
  changed_ = true;
}

// Everybody moves on. Those who sat go to the end from the last to the first: when nobody else is there, they change places.
void Room::rotate() {
  for (std::size_t client = seats_.size(); client > 0; --client) {
    Seat& seat = seats_[client - 1];
    if (seat.person != 0) {
      line_.push_back(std::exchange(seat.person, 0));
      ++seat.turn;
    }
  }
}

void Room::resize_seats(std::size_t clients) {
  while (seats_.size() > clients) {
    if (seats_.back().person != 0) {
      line_.push_front(seats_.back().person);
    }
    seats_.pop_back();
  }
  seats_.resize(clients);
}

// Whoever is first in the line, and here, sits down.
void Room::sit(Seat& seat) {
  const auto next =
      std::find_if(line_.begin(), line_.end(), [this](PersonId person) { return is_here(person); });
  if (next != line_.end()) {
    seat.person = *next;
    ++seat.turn;
    line_.erase(next);
  }
}

void Room::fill_seats() {
  for (Seat& seat : seats_) {
    if (seat.person == 0) {
      sit(seat);
    }
  }
}

// The seat's person changes places with whoever waits; false: nobody does.
bool Room::passes(Seat& seat) {
  const PersonId before = std::exchange(seat.person, 0);
  sit(seat);
  if (seat.person == 0) {
    seat.person = before;
    return false;
  }
  line_.push_back(before);
  seat.pressed = 0;
  changed_ = true;
  return true;
}

void Room::pass_idle_turns(Instant now) {
  if (now - last_move_ < limits_.press_within) {
    return;
  }
  last_move_ = now;
  // Nobody gets the turn of another who has not pressed, either.
  auto waiting = std::count_if(line_.begin(), line_.end(),
                               [this](PersonId person) { return is_here(person); });
  for (Seat& seat : seats_) {
    if (waiting > 0 && seat.person != 0 && can_press(seat) && passes(seat)) {
      --waiting;
    }
  }
}

void Room::pass_turns_of_who_left(Instant now) {
  for (Seat& seat : seats_) {
    const auto found = people_.find(seat.person);
    if (found != people_.end() && found->second.connection == 0 &&
        now - found->second.away_since >= limits_.away_in_seat_max && passes(seat)) {
      last_move_ = now;
    }
  }
}

}  // namespace racelab::host
