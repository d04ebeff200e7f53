// A room in which people are the clients: who is in it, who sits at which client, whose press counts, what those who wait think.
// A state machine without sockets and without a clock: what happens is handed in with its time, and what is to be sent comes out.
//
// The engine runs in the page on the projector. It tells the room which clients may step; a press of whoever sits at one goes to
// that page, which takes the step. So nobody but the projector's page can start any work, and the room knows no scenario.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/host/messages.h"
#include "sim/host/secrets.h"

namespace racelab::host {

using ConnectionId = std::uint64_t;
using PersonId = std::uint64_t;
/// Since the room was opened.
using Instant = std::chrono::milliseconds;

struct RoomLimits {
  std::size_t people_max = 200;
  std::uint64_t wrong_codes_each_max = 5;  // of a connection; then it is dropped
  std::uint64_t wrong_codes_max = 100;  // of all; then nobody can join, until there is a new code
  std::uint64_t messages_per_second_max = 10;  // of a phone, in the long run
  std::uint64_t messages_at_once_max = 20;     // … and at once
  Instant press_within = Instant(20'000);      // then the turn passes to whoever waits
  Instant away_in_seat_max = Instant(5'000);   // a phone that lost its connection
  Instant away_max = Instant(600'000);         // … is forgotten
  Instant unknown_max = Instant(60'000);       // a connection that nobody joins with
};

/// What is to be done after something has happened.
struct Effects {
  struct Sent {
    ConnectionId to = 0;
    std::string text;  // JSON
  };
  struct Dropped {
    ConnectionId connection = 0;
    std::string reason;  // a sentence
  };
  std::vector<Sent> sent;
  std::vector<Dropped> dropped;  // after what was sent
};

class Room {
 public:
  /// `join_address` is what phones open, without the code.
  Room(std::string join_address, Draw draw, RoomLimits limits = {});

  /// What the projector's page has to know.
  [[nodiscard]] const std::string& secret() const { return secret_; }
  /// What phones have to know.
  [[nodiscard]] const std::string& code() const { return code_; }

  /// A connection is there. Its number was never used before.
  void opened(ConnectionId id, Instant now);
  /// It said something.
  Effects received(ConnectionId id, std::string_view text, Instant now);
  /// It is gone, dropped or not.
  void closed(ConnectionId id, Instant now);
  /// To be called some twenty times a second: passes turns on, and tells everybody what has changed since.
  Effects tick(Instant now);

 private:
  struct Connection {
    Instant opened{0};
    Instant paid_until{0};  // each message costs time; who is too far ahead is a flood
    std::uint64_t wrong_codes = 0;
    bool projector = false;
    PersonId person = 0;  // 0: nobody yet
    std::string told;     // last, of how things are
  };
  struct Person {
    std::string name;
    std::string token;
    ConnectionId connection = 0;  // 0: away
    Instant away_since{0};
    std::optional<std::uint64_t> vote;
  };
  struct Seat {
    PersonId person = 0;  // 0: free
    std::uint64_t turn = 1;
    std::uint64_t pressed = 0;  // the press that the projector has not dealt with; 0: none
  };

  // room.cc: who is there
  void take(ConnectionId id, const Present& present, Instant now, Effects& effects);
  void take(ConnectionId id, const Join& join, Instant now, Effects& effects);
  void take(ConnectionId id, const Back& back, Instant now, Effects& effects);
  void take(ConnectionId id, const Press& press, Instant now, Effects& effects);
  void take(ConnectionId id, const Vote& vote, Instant now, Effects& effects);
  void take(ConnectionId id, const NewCode& wish, Instant now, Effects& effects);
  void take(ConnectionId id, const Remove& wish, Instant now, Effects& effects);
  void take(ConnectionId id, const Stage& stage, Instant now, Effects& effects);
  bool pays(Connection& connection, Instant now) const;
  void drop(ConnectionId id, std::string reason, Instant now, Effects& effects);
  void wrong_code(ConnectionId id, Instant now, Effects& effects);
  void enter(ConnectionId id, PersonId person, Instant now, Effects& effects);
  bool makes_place();
  void forget(PersonId person);
  [[nodiscard]] std::string free_name(const std::string& name) const;

  // room_turns.cc: whose turn it is
  [[nodiscard]] bool is_here(PersonId person) const;
  [[nodiscard]] Seat* seat_of(PersonId person);
  [[nodiscard]] const Seat* seat_of(PersonId person) const;
  [[nodiscard]] bool can_press(const Seat& seat) const;
  void set_stage(const Stage& stage, Instant now);
  void rotate();
  void resize_seats(std::size_t clients);
  void sit(Seat& seat);
  void fill_seats();
  bool passes(Seat& seat);
  void pass_idle_turns(Instant now);
  void pass_turns_of_who_left(Instant now);

  // room_words.cc: what is said
  [[nodiscard]] std::string door_text() const;
  [[nodiscard]] std::string press_text(const Seat& seat) const;
  [[nodiscard]] std::string room_text() const;
  [[nodiscard]] std::string you_text(PersonId id) const;
  void tell(ConnectionId id, std::string text, Effects& effects);

  std::string join_address_;
  Draw draw_;
  RoomLimits limits_;
  std::string secret_;
  std::string code_;
  std::uint64_t wrong_codes_ = 0;
  ConnectionId projector_ = 0;  // 0: none
  PersonId next_person_ = 1;
  std::uint64_t presses_ = 0;
  std::map<ConnectionId, Connection> connections_;
  std::map<PersonId, Person> people_;
  std::vector<Seat> seats_;    // of clients A, B, …
  std::deque<PersonId> line_;  // everybody else, whoever is next first; also those who are away
  Stage stage_;
  Instant last_move_{0};  // a press, or what comes to the same
  bool changed_ = false;  // since everybody was told
};

}  // namespace racelab::host
