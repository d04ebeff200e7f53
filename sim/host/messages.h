// What pages say to the room, read strictly: a message that is not one of these, or that has anything in it that it should not
// have, is no message. Whoever sends it is a stranger.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace racelab::host {

/// No message is longer; the server reads no more of it.
constexpr std::size_t message_bytes_max = 4'096;
constexpr std::size_t clients_max = 8;
constexpr std::size_t choices_max = 8;
constexpr std::size_t name_letters_max = 24;

/// The projector's page says who it is, with the secret of its address.
struct Present {
  std::string secret;
};
/// A phone wants in.
struct Join {
  std::string code;
  std::string name;
};
/// A phone that was in and lost its connection.
struct Back {
  std::string token;
};
/// The one button of whoever has a seat; `turn` is the one that was shown, so that a second tap is not the next statement.
struct Press {
  std::uint64_t turn = 0;
};
/// What somebody who waits thinks, from 0.
struct Vote {
  std::uint64_t round = 0;
  std::uint64_t choice = 0;
};
/// A new join code; and whoever wants may join again, if too many codes were guessed.
struct NewCode {};
/// The projector's page sends somebody out.
struct Remove {
  std::uint64_t person = 0;
};

/// Where the order on the projector stands.
struct Stage {
  struct Client {
    std::string statement;  // what it would send next, or why it cannot
    bool can = false;       // whether it may step
    bool operator==(const Client&) const = default;
  };

  std::uint64_t round = 0;    // counts the orders that were begun
  std::uint64_t handled = 0;  // the last press that the page has dealt with
  std::string title;          // scenario and strategy
  bool ended = false;
  std::string result;  // of an order that has ended, in a sentence
  std::vector<Client> clients;
  std::string question;  // empty: there is nothing to vote on
  std::vector<std::string> choices;
  std::optional<std::uint64_t> answer;  // which choice was right, from 0; known at the end
};

using Incoming = std::variant<Present, Join, Back, Press, Vote, NewCode, Remove, Stage>;

struct ReadMessage {
  std::optional<Incoming> message;
  std::string problem;  // a sentence, when there is none
};
ReadMessage read_message(std::string_view text);

/// A name as it is shown: without blanks around it. Nothing when it is empty, longer than name_letters_max letters, or has
/// control characters or marks of direction in it, which would turn around what stands beside it.
std::optional<std::string> clean_name(std::string_view text);

}  // namespace racelab::host
