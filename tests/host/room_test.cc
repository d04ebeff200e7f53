// The room, message by message: who is let in, whose press counts, how turns pass, what is counted, who is dropped. No socket and
// no clock: times are given.
#include "sim/host/room.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "sim/host/qr_code.h"

namespace racelab::lab::room_test {
namespace {

namespace json = boost::json;
using host::ConnectionId;
using host::Effects;
using host::Instant;
using host::Room;
using host::RoomLimits;

constexpr ConnectionId projector = 1;

// A room at a time, and what each of its connections was told last of each type.
class Lab {
 public:
  explicit Lab(RoomLimits limits = {})
      : room_(
            "http://10.0.0.7:8080/", [this] { return draw_ += 1'000'003; }, limits) {}

  // The projector's page comes in.
  void present() {
    room_.opened(projector, now_);
    say(projector, fmt::format(R"({{"type":"present","secret":"{}"}})", room_.secret()));
  }
  void connect(ConnectionId id) { room_.opened(id, now_); }
  void leave(ConnectionId id) { room_.closed(id, now_); }
  void say(ConnectionId id, const std::string& text) { keep(room_.received(id, text, now_)); }
  void join(ConnectionId id, const std::string& name) {
    connect(id);
    say(id, fmt::format(R"({{"type":"join","code":"{}","name":"{}"}})", room_.code(), name));
  }
  // So much later, with everybody told.
  void after(std::int64_t milliseconds) {
    now_ += Instant(milliseconds);
    keep(room_.tick(now_));
  }
  void tick() { after(0); }

  // Two writers who may both step.
  void stage(const std::string& more = "", bool a = true, bool b = true, int round = 1,
             bool ended = false) {
    const std::string rest = more.empty() ? R"("handled":0,"answer":null)" : more;
    say(projector,
        fmt::format(R"({{"type":"stage","round":{},"title":"two-writers","ended":{},)"
                    R"("result":"{}","clients":[{{"statement":"SELECT n","can":{}}},)"
                    R"({{"statement":"SELECT n","can":{}}}],"question":"What will n be?",)"
                    R"("choices":["0","1","2"],{}}})",
                    round, ended, ended ? "n = 1" : "", a, b, rest));
    tick();
  }

  // The last message of a type that a connection was sent.
  const json::object& told(ConnectionId id, const std::string& type) { return told_[{id, type}]; }
  [[nodiscard]] std::size_t count(ConnectionId id, const std::string& type) const {
    const auto found = counts_.find({id, type});
    return found == counts_.end() ? 0 : found->second;
  }
  std::string reason(ConnectionId id) { return reasons_[id]; }
  // "A" of whoever sits, "1", "2", … in the line.
  std::string place(ConnectionId id) {
    const json::object& you = told(id, "you");
    if (you.at("seat").is_object()) {
      return std::string(you.at("seat").at("letter").get_string());
    }
    return std::to_string(you.at("line").as_int64());
  }
  std::int64_t turn(ConnectionId id) {
    return told(id, "you").at("seat").at("turn").to_number<std::int64_t>();
  }
  void press(ConnectionId id) { say(id, fmt::format(R"({{"type":"press","turn":{}}})", turn(id))); }
  std::string token(ConnectionId id) {
    return std::string(told(id, "joined").at("token").get_string());
  }
  std::string refused(ConnectionId id) {
    const json::object& message = told(id, "refused");
    return message.empty() ? "" : std::string(message.at("reason").get_string());
  }
  Room& room() { return room_; }

 private:
  void keep(const Effects& effects) {
    for (const Effects::Sent& sent : effects.sent) {
      const json::object message = json::parse(sent.text).get_object();
      const std::string type(message.at("type").get_string());
      told_[{sent.to, type}] = message;
      ++counts_[{sent.to, type}];
    }
    for (const Effects::Dropped& dropped : effects.dropped) {
      reasons_[dropped.connection] = dropped.reason;
      room_.closed(dropped.connection, now_);  // as the server does, late
    }
  }

  std::uint32_t draw_ = 7;
  Instant now_{1'000};
  Room room_;
  std::map<std::pair<ConnectionId, std::string>, json::object> told_;
  std::map<std::pair<ConnectionId, std::string>, std::size_t> counts_;
  std::map<ConnectionId, std::string> reasons_;
};

// ---- who is let in

TEST(Room, lets_in_whoever_has_the_code) {
  Lab lab;
  lab.present();
  EXPECT_EQ(lab.told(projector, "door").at("code").as_string(), lab.room().code());
  EXPECT_EQ(lab.told(projector, "door").at("address"), "http://10.0.0.7:8080/");
  lab.join(2, "Ada");
  lab.tick();
  EXPECT_EQ(lab.told(2, "you").at("name"), "Ada");
  EXPECT_EQ(lab.told(projector, "room").at("people").as_int64(), 1);
  EXPECT_EQ(lab.told(projector, "room").at("waiting").at(0).at("name"), "Ada");
}

TEST(Room, tells_phones_nothing_of_the_code) {
  Lab lab;
  lab.present();
  lab.join(2, "Ada");
  lab.stage();
  for (const char* type : {"joined", "you"}) {
    EXPECT_EQ(json::serialize(lab.told(2, type)).find(lab.room().code()), std::string::npos);
  }
  EXPECT_EQ(lab.count(2, "door"), 0U);
}

TEST(Room, drops_whoever_guesses_five_times_and_nobody_else) {
  Lab lab;
  lab.join(2, "Ada");
  lab.connect(3);
  for (int guess = 0; guess < 4; ++guess) {
    lab.say(3, R"({"type":"join","code":"x","name":"Eve"})");
    EXPECT_EQ(lab.refused(3), "That is not the code on the projector.");
    EXPECT_EQ(lab.reason(3), "");
  }
  lab.say(3, R"({"type":"join","code":"x","name":"Eve"})");
  EXPECT_EQ(lab.reason(3), "Too many wrong codes.");
  lab.tick();
  EXPECT_EQ(lab.place(2), "1");
}

// 4 wrong codes of each of 25 connections are the 100 that are allowed in all.
TEST(Room, closes_its_door_after_a_hundred_guesses_until_there_is_a_new_code) {
  Lab lab;
  lab.present();
  lab.join(2, "Ada");
  const std::string token = lab.token(2);
  for (ConnectionId id = 100; id < 125; ++id) {
    lab.connect(id);
    for (int guess = 0; guess < 4; ++guess) {
      lab.say(id, R"({"type":"join","code":"x","name":"Eve"})");
    }
  }
  lab.tick();
  EXPECT_EQ(lab.told(projector, "room").at("open"), false);
  lab.join(3, "Bob");
  EXPECT_EQ(lab.refused(3),
            "Too many wrong codes were tried: nobody can join until there is a new code.");
  // Who is in stays in, also over a new connection.
  lab.leave(2);
  lab.connect(4);
  lab.say(4, fmt::format(R"({{"type":"back","token":"{}"}})", token));
  lab.tick();
  EXPECT_EQ(lab.told(4, "you").at("name"), "Ada");

  const std::string before = lab.room().code();
  lab.say(projector, R"({"type":"new-code"})");
  EXPECT_NE(lab.room().code(), before);
  EXPECT_EQ(lab.told(projector, "door").at("code").as_string(), lab.room().code());
  lab.join(5, "Bob");
  lab.tick();
  EXPECT_EQ(lab.told(5, "you").at("name"), "Bob");
  EXPECT_EQ(lab.told(projector, "room").at("open"), true);
}

TEST(Room, has_one_projector_which_knows_the_secret) {
  Lab lab;
  lab.connect(2);
  lab.say(2, R"({"type":"present","secret":"00000000000000000000000000000000"})");
  EXPECT_EQ(lab.reason(2),
            "That is not the secret of this room: open the address that the terminal shows.");
  lab.present();
  EXPECT_EQ(lab.reason(projector), "");
  lab.connect(3);
  lab.say(3, fmt::format(R"({{"type":"present","secret":"{}"}})", lab.room().secret()));
  EXPECT_EQ(lab.reason(projector), "Another page is the projector now.");
  EXPECT_EQ(lab.reason(3), "");
}

TEST(Room, takes_nothing_from_a_phone_that_is_the_projectors) {
  for (const char* message :
       {R"({"type":"new-code"})", R"({"type":"remove","person":1})",
        R"({"type":"stage","round":1,"handled":0,"title":"","ended":false,"result":"",)"
        R"("clients":[],"question":"","choices":[],"answer":null})"}) {
    Lab lab;
    lab.join(2, "Eve");
    lab.say(2, message);
    EXPECT_EQ(lab.reason(2), "This message is for another page than yours.") << message;
  }
}

TEST(Room, takes_no_press_from_whoever_has_not_joined) {
  Lab lab;
  lab.connect(2);
  lab.say(2, R"({"type":"press","turn":1})");
  EXPECT_EQ(lab.reason(2), "This message is for another page than yours.");
}

TEST(Room, tells_two_of_one_name_apart) {
  Lab lab;
  lab.join(2, "Ada");
  lab.join(3, "  Ada ");
  lab.join(4, "Ada");
  lab.tick();
  EXPECT_EQ(lab.told(3, "you").at("name"), "Ada 2");
  EXPECT_EQ(lab.told(4, "you").at("name"), "Ada 3");
}

TEST(Room, refuses_what_is_no_name) {
  Lab lab;
  ConnectionId id = 2;
  for (const char* name : {"", "   ", "1234567890123456789012345", R"(a\u0000b)", R"(a\nb)",
                           R"(\u202eAda)", R"(\u200f)"}) {
    lab.join(++id, name);
    EXPECT_EQ(lab.refused(id), "A name has 1 to 24 letters.") << name;
  }
  lab.join(++id, R"(<b>\"Zo\u00eb\" & \ud83d\udc69\u200d\ud83d\udcbb)");
  lab.tick();
  EXPECT_EQ(lab.told(id, "you").at("name"), "<b>\"Zo\u00eb\" & \U0001F469\u200D\U0001F4BB");
}

TEST(Room, is_full_at_its_limit_until_somebody_who_is_away_makes_place) {
  Lab lab({.people_max = 2});
  lab.join(2, "Ada");
  lab.join(3, "Bob");
  lab.join(4, "Cy");
  EXPECT_EQ(lab.refused(4), "The room is full: 2 people are in.");
  lab.leave(2);
  lab.join(5, "Cy");
  lab.tick();
  EXPECT_EQ(lab.told(5, "you").at("name"), "Cy");
  EXPECT_EQ(lab.place(3), "1");
}

// ---- messages that are none

TEST(Room, drops_whoever_says_what_is_no_message) {
  const std::string deep(200, '[');
  const std::map<std::string, std::string> bad{
      {"", "The message is not a JSON object."},
      {"hello", "The message is not a JSON object."},
      {"[]", "The message is not a JSON object."},
      {deep, "The message is not a JSON object."},
      {"{\"type\":\"join\",\"code\":\"\xff\",\"name\":\"x\"}", "The message is not a JSON object."},
      {"{}", "The message is not one that this room knows."},
      {R"({"type":"run","command":"explore"})", "The message is not one that this room knows."},
      {R"({"type":"join","code":1,"name":"x"})", "The message is not one that this room knows."},
      {R"({"type":"join","code":"1"})", "The message is not one that this room knows."},
      {R"({"type":"join","code":"1","name":"x","more":1})",
       "The message is not one that this room knows."},
      {R"({"type":"vote","round":-1,"choice":0})", "The message is not one that this room knows."},
      {R"({"type":"press","turn":1e3})", "The message is not one that this room knows."},
      {std::string(4'097, ' '), "The message is too long."},
  };
  for (const auto& [message, reason] : bad) {
    Lab lab;
    lab.join(2, "Ada");
    lab.connect(3);
    lab.say(3, message);
    EXPECT_EQ(lab.reason(3), reason) << message;
    lab.tick();
    EXPECT_EQ(lab.place(2), "1");
  }
}

TEST(Room, drops_a_projector_whose_answer_is_no_choice) {
  Lab lab;
  lab.present();
  lab.stage(R"("handled":0,"answer":3)");
  EXPECT_EQ(lab.reason(projector), "The message is not one that this room knows.");
}

// 20 at once are no flood, nor are 10 a second for as long as one likes.
TEST(Room, drops_a_flood) {
  Lab lab;
  lab.join(2, "Ada");
  lab.tick();
  const std::string vote = R"({"type":"vote","round":0,"choice":0})";
  for (int message = 2; message <= 20; ++message) {
    lab.say(2, vote);
  }
  EXPECT_EQ(lab.reason(2), "");
  for (int message = 0; message < 50; ++message) {
    lab.after(100);
    lab.say(2, vote);
  }
  EXPECT_EQ(lab.reason(2), "");
  lab.say(2, vote);
  EXPECT_EQ(lab.reason(2), "Too many messages at once.");
}

TEST(Room, drops_a_connection_that_nobody_joins_with) {
  Lab lab;
  lab.connect(2);
  lab.join(3, "Ada");
  lab.after(59'999);
  EXPECT_EQ(lab.reason(2), "");
  lab.after(1);
  EXPECT_EQ(lab.reason(2), "Nobody has joined with this page for a minute.");
  EXPECT_EQ(lab.reason(3), "");
}

// ---- whose turn it is

TEST(Room, seats_the_first_and_lines_up_the_others) {
  Lab lab;
  lab.present();
  for (ConnectionId id = 2; id <= 5; ++id) {
    lab.join(id, fmt::format("P{}", id));
  }
  lab.stage();
  EXPECT_EQ(lab.place(2), "A");
  EXPECT_EQ(lab.place(3), "B");
  EXPECT_EQ(lab.place(4), "1");
  EXPECT_EQ(lab.place(5), "2");
  EXPECT_EQ(lab.told(2, "you").at("seat").at("statement"), "SELECT n");
  EXPECT_EQ(lab.told(2, "you").at("seat").at("can"), true);
}

TEST(Room, hands_a_press_to_the_projector_once) {
  Lab lab;
  lab.present();
  lab.join(2, "Ada");
  lab.join(3, "Bob");
  lab.stage();
  lab.press(3);
  EXPECT_EQ(lab.told(projector, "press").at("client").as_int64(), 1);
  EXPECT_EQ(lab.told(projector, "press").at("name"), "Bob");
  EXPECT_EQ(lab.told(projector, "press").at("round").as_int64(), 1);
  EXPECT_EQ(lab.told(projector, "press").at("number").as_int64(), 1);
  lab.press(3);  // a second tap
  EXPECT_EQ(lab.count(projector, "press"), 1U);
  lab.tick();
  EXPECT_EQ(lab.told(3, "you").at("seat").at("can"), false);
  EXPECT_EQ(lab.told(3, "you").at("seat").at("pressed"), true);

  const std::int64_t before = lab.turn(3);
  lab.stage(R"("handled":1,"answer":null)");
  EXPECT_EQ(lab.told(3, "you").at("seat").at("can"), true);
  lab.say(3, fmt::format(R"({{"type":"press","turn":{}}})", before));  // of what was shown before
  EXPECT_EQ(lab.count(projector, "press"), 1U);
  lab.press(3);
  EXPECT_EQ(lab.count(projector, "press"), 2U);
}

// What Bob was shown stays what he presses, although Ada was a little faster.
TEST(Room, lets_two_press_at_once) {
  Lab lab;
  lab.present();
  lab.join(2, "Ada");
  lab.join(3, "Bob");
  lab.stage();
  const std::int64_t shown = lab.turn(3);
  lab.press(2);
  lab.stage(R"("handled":1,"answer":null)");
  lab.say(3, fmt::format(R"({{"type":"press","turn":{}}})", shown));
  EXPECT_EQ(lab.count(projector, "press"), 2U);
}

TEST(Room, takes_no_press_of_a_client_that_waits_or_of_who_has_no_seat) {
  Lab lab;
  lab.present();
  lab.join(2, "Ada");
  lab.join(3, "Bob");
  lab.join(4, "Cy");
  lab.stage("", false, true);
  EXPECT_EQ(lab.told(2, "you").at("seat").at("can"), false);
  lab.press(2);
  lab.say(4, R"({"type":"press","turn":1})");
  EXPECT_EQ(lab.count(projector, "press"), 0U);
  EXPECT_EQ(lab.reason(2) + lab.reason(4), "");
}

TEST(Room, moves_the_line_on_after_every_order) {
  Lab lab;
  lab.present();
  for (ConnectionId id = 2; id <= 6; ++id) {
    lab.join(id, fmt::format("P{}", id));
  }
  lab.stage();
  lab.stage(R"("handled":0,"answer":1)", false, false, 1, true);
  EXPECT_EQ(lab.place(4), "A");
  EXPECT_EQ(lab.place(5), "B");
  EXPECT_EQ(lab.place(6), "1");
  EXPECT_EQ(lab.place(3), "2");
  EXPECT_EQ(lab.place(2), "3");
  EXPECT_EQ(lab.told(4, "you").at("result"), "n = 1");
  lab.stage("", true, true, 2);  // the next order: they stay
  EXPECT_EQ(lab.place(4), "A");
}

TEST(Room, lets_two_alone_change_places_after_an_order) {
  Lab lab;
  lab.present();
  lab.join(2, "Ada");
  lab.join(3, "Bob");
  lab.stage();
  lab.stage(R"("handled":0,"answer":1)", false, false, 1, true);
  EXPECT_EQ(lab.place(2), "B");
  EXPECT_EQ(lab.place(3), "A");
}

TEST(Room, passes_the_turn_when_nothing_is_pressed_for_twenty_seconds) {
  Lab lab;
  lab.present();
  for (ConnectionId id = 2; id <= 4; ++id) {
    lab.join(id, fmt::format("P{}", id));
  }
  lab.stage();
  lab.after(19'999);
  EXPECT_EQ(lab.place(2), "A");
  lab.after(1);
  EXPECT_EQ(lab.place(4), "A");
  EXPECT_EQ(lab.place(2), "1");
  EXPECT_EQ(lab.place(3), "B");  // nobody but the one who slept, too, would have had it
  lab.after(15'000);
  lab.press(4);
  lab.stage(R"("handled":1,"answer":null)");
  lab.after(15'000);
  EXPECT_EQ(lab.place(4), "A");  // somebody pressed meanwhile
}

TEST(Room, leaves_the_turn_where_it_is_when_nobody_waits) {
  Lab lab;
  lab.present();
  lab.join(2, "Ada");
  lab.join(3, "Bob");
  lab.stage();
  const std::int64_t turn = lab.turn(2);
  lab.after(60'000);
  EXPECT_EQ(lab.place(2), "A");
  EXPECT_EQ(lab.turn(2), turn);
}

TEST(Room, does_not_wait_for_a_client_that_cannot_step) {
  Lab lab;
  lab.present();
  for (ConnectionId id = 2; id <= 4; ++id) {
    lab.join(id, fmt::format("P{}", id));
  }
  lab.stage("", false, true);  // A waits for B, who does nothing
  lab.after(20'000);
  EXPECT_EQ(lab.place(2), "A");
  EXPECT_EQ(lab.place(4), "B");
  EXPECT_EQ(lab.place(3), "1");
}

TEST(Room, keeps_the_seat_of_a_phone_that_is_away_for_a_moment) {
  Lab lab;
  lab.present();
  for (ConnectionId id = 2; id <= 4; ++id) {
    lab.join(id, fmt::format("P{}", id));
  }
  lab.stage();
  const std::string token = lab.token(2);
  lab.leave(2);
  lab.after(4'000);
  lab.connect(20);
  lab.say(20, fmt::format(R"({{"type":"back","token":"{}"}})", token));
  lab.tick();
  EXPECT_EQ(lab.place(20), "A");
  lab.leave(20);
  lab.after(5'000);
  EXPECT_EQ(lab.place(4), "A");
  EXPECT_EQ(lab.told(projector, "room").at("waiting").at(0).at("name"), "P2");
  EXPECT_EQ(lab.told(projector, "room").at("waiting").at(0).at("here"), false);
}

TEST(Room, forgets_after_ten_minutes_who_is_away) {
  Lab lab;
  lab.present();
  lab.join(2, "Ada");
  const std::string token = lab.token(2);
  lab.leave(2);
  lab.after(600'000);
  EXPECT_EQ(lab.told(projector, "room").at("people").as_int64(), 0);
  lab.connect(3);
  lab.say(3, fmt::format(R"({{"type":"back","token":"{}"}})", token));
  EXPECT_EQ(lab.count(3, "gone"), 1U);
}

TEST(Room, lets_one_person_be_in_once) {
  Lab lab;
  lab.join(2, "Ada");
  lab.connect(3);
  lab.say(3, fmt::format(R"({{"type":"back","token":"{}"}})", lab.token(2)));
  EXPECT_EQ(lab.reason(2), "You are here from another page.");
  lab.tick();
  EXPECT_EQ(lab.place(3), "1");
}

TEST(Room, goes_on_when_the_projector_comes_back) {
  Lab lab;
  lab.present();
  lab.join(2, "Ada");
  lab.stage();
  lab.press(2);
  lab.leave(projector);
  lab.tick();
  EXPECT_EQ(lab.told(2, "you").at("projector"), false);
  EXPECT_EQ(lab.told(2, "you").at("seat").at("can"), false);
  lab.present();
  lab.stage();
  EXPECT_EQ(lab.told(2, "you").at("seat").at("can"), true);  // the press that nobody heard is none
  lab.press(2);
  EXPECT_EQ(lab.count(projector, "press"), 2U);
}

TEST(Room, sends_out_whom_the_projector_wants_out) {
  Lab lab;
  lab.present();
  lab.join(2, "Eve");
  lab.join(3, "Ada");
  lab.stage();
  lab.say(projector, R"({"type":"remove","person":1})");
  EXPECT_EQ(lab.reason(2), "Whoever leads the room has sent you out.");
  lab.tick();
  EXPECT_EQ(lab.place(3), "B");
  EXPECT_EQ(lab.told(projector, "room").at("seats").at(0), nullptr);
  EXPECT_EQ(lab.told(projector, "room").at("people").as_int64(), 1);
}

TEST(Room, gives_another_number_of_clients_as_many_seats) {
  Lab lab;
  lab.present();
  for (ConnectionId id = 2; id <= 4; ++id) {
    lab.join(id, fmt::format("P{}", id));
  }
  lab.stage();
  lab.say(projector,
          R"({"type":"stage","round":2,"handled":0,"title":"","ended":false,"result":"",)"
          R"("clients":[{"statement":"x","can":true}],"question":"","choices":[],)"
          R"("answer":null})");
  lab.tick();
  EXPECT_EQ(lab.place(2), "A");
  EXPECT_EQ(lab.place(3), "1");
  EXPECT_EQ(lab.place(4), "2");
}

// ---- votes

TEST(Room, counts_the_votes_of_those_who_wait) {
  Lab lab;
  lab.present();
  for (ConnectionId id = 2; id <= 6; ++id) {
    lab.join(id, fmt::format("P{}", id));
  }
  lab.stage();
  EXPECT_EQ(lab.told(4, "you").at("ballot").at("question"), "What will n be?");
  EXPECT_EQ(lab.told(2, "you").at("ballot"), nullptr);
  lab.say(2, R"({"type":"vote","round":1,"choice":0})");  // has a seat
  lab.say(4, R"({"type":"vote","round":1,"choice":2})");
  lab.say(5, R"({"type":"vote","round":1,"choice":2})");
  lab.say(6, R"({"type":"vote","round":1,"choice":0})");
  lab.say(6, R"({"type":"vote","round":1,"choice":1})");  // changes their mind
  lab.say(5, R"({"type":"vote","round":1,"choice":3})");  // there is none
  lab.say(5, R"({"type":"vote","round":7,"choice":0})");  // on another order
  lab.tick();
  EXPECT_EQ(json::serialize(lab.told(projector, "room").at("votes")), "[0,1,2]");
  EXPECT_EQ(lab.told(4, "you").at("ballot").at("vote").as_int64(), 2);

  lab.stage(R"("handled":0,"answer":1)", false, false, 1, true);
  lab.say(5, R"({"type":"vote","round":1,"choice":1})");  // too late
  lab.tick();
  EXPECT_EQ(json::serialize(lab.told(projector, "room").at("votes")), "[0,1,2]");
  lab.stage("", true, true, 2);
  EXPECT_EQ(json::serialize(lab.told(projector, "room").at("votes")), "[0,0,0]");
}

// ---- codes

TEST(Room, draws_codes_of_six_digits) {
  std::uint32_t next = UINT32_MAX;
  // 2^32 - 1 is past the last whole million of millions, and is drawn again: 42.
  EXPECT_EQ(host::draw_code([&next] { return std::exchange(next, 42U); }), "000042");
  EXPECT_EQ(host::draw_secret([] { return 0xABCU; }), "00000abc00000abc00000abc00000abc");
}

TEST(Room, compares_secrets_whole) {
  EXPECT_TRUE(host::same_secret("abc", "abc"));
  EXPECT_FALSE(host::same_secret("abc", "abd"));
  EXPECT_FALSE(host::same_secret("abc", "ab"));
  EXPECT_FALSE(host::same_secret("", "a"));
}

// Three corners of a QR code are squares of 7 x 7 modules with a square of 3 x 3 in them. 35 bytes with error correction M need
// version 3, which has 29 x 29 modules.
TEST(Room, draws_its_address_for_a_camera) {
  const std::vector<std::string> rows = host::qr_code("http://192.168.178.20:8080/#482913aa");
  ASSERT_EQ(rows.size(), 29U);
  const std::vector<std::string> corner{"1111111", "1000001", "1011101", "1011101",
                                        "1011101", "1000001", "1111111"};
  for (std::size_t y = 0; y < 7; ++y) {
    EXPECT_EQ(rows[y].substr(0, 7), corner[y]);
    EXPECT_EQ(rows[y].substr(22), corner[y]);
    EXPECT_EQ(rows[22 + y].substr(0, 7), corner[y]);
  }
  EXPECT_TRUE(host::qr_code(std::string(5'000, 'x')).empty());
}

}  // namespace
}  // namespace racelab::lab::room_test
