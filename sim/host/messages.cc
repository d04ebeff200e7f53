// Every field is looked for by its name and its type; how many there are says whether there are others.
#include "sim/host/messages.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "sim/sql/utf8.h"

namespace racelab::host {

namespace {

namespace json = boost::json;

// Takes fields out of an object; once one was not there, or not as it should be, `whole` says no.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  std::string text(std::string_view key, std::size_t bytes_max) {
    const json::value* const value = find(key);
    if (value == nullptr || !value->is_string() || value->get_string().size() > bytes_max) {
      good_ = false;
      return "";
    }
    const json::string& found = value->get_string();
    return {found.data(), found.size()};
  }

  std::uint64_t number(std::string_view key) {
    const json::value* const value = find(key);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) {
      good_ = false;
      return 0;
    }
    return static_cast<std::uint64_t>(value->get_int64());
  }

  std::optional<std::uint64_t> number_or_null(std::string_view key) {
    const json::value* const value = find(key);
    if (value != nullptr && value->is_null()) {
      return std::nullopt;
    }
    --seen_;
    return number(key);
  }

  bool yes_or_no(std::string_view key) {
    const json::value* const value = find(key);
    good_ = good_ && value != nullptr && value->is_bool();
    return good_ && value->get_bool();
  }

  // The elements of an array, each as a value of its own.
  const json::array& array(std::string_view key, std::size_t size_max) {
    static const json::array none;
    const json::value* const value = find(key);
    if (value == nullptr || !value->is_array() || value->get_array().size() > size_max) {
      good_ = false;
      return none;
    }
    return value->get_array();
  }

  void is_wrong() { good_ = false; }
  // Whether all were there, and no other.
  [[nodiscard]] bool whole() const { return good_ && seen_ == object_.size(); }

 private:
  const json::value* find(std::string_view key) {
    ++seen_;
    return object_.if_contains({key.data(), key.size()});
  }

  const json::object& object_;
  std::size_t seen_ = 0;
  bool good_ = true;
};

constexpr std::size_t text_bytes_max = 600;

Stage::Client read_client(const json::value& value, Fields& around) {
  if (!value.is_object()) {
    around.is_wrong();
    return {};
  }
  Fields fields(value.get_object());
  Stage::Client client{.statement = fields.text("statement", text_bytes_max),
                       .can = fields.yes_or_no("can")};
  if (!fields.whole()) {
    around.is_wrong();
  }
  return client;
}

Stage read_stage(Fields& fields) {
  Stage stage;
  stage.round = fields.number("round");
  stage.handled = fields.number("handled");
  stage.title = fields.text("title", text_bytes_max);
  stage.ended = fields.yes_or_no("ended");
  stage.result = fields.text("result", text_bytes_max);
  for (const json::value& value : fields.array("clients", clients_max)) {
    stage.clients.push_back(read_client(value, fields));
  }
  stage.question = fields.text("question", text_bytes_max);
  for (const json::value& value : fields.array("choices", choices_max)) {
    if (!value.is_string() || value.get_string().size() > text_bytes_max) {
      fields.is_wrong();
      return stage;
    }
    stage.choices.emplace_back(value.get_string().data(), value.get_string().size());
  }
  stage.answer = fields.number_or_null("answer");
  if (stage.answer && *stage.answer >= stage.choices.size()) {
    fields.is_wrong();
  }
  return stage;
}

std::optional<Incoming> read_fields(const std::string& type, Fields& fields) {
  constexpr std::size_t secret_bytes_max = 64;
  if (type == "present") {
    return Present{fields.text("secret", secret_bytes_max)};
  }
  if (type == "join") {
    Join join;
    join.code = fields.text("code", secret_bytes_max);
    join.name = fields.text("name", text_bytes_max);
    return join;
  }
  if (type == "back") {
    return Back{fields.text("token", secret_bytes_max)};
  }
  if (type == "press") {
    return Press{fields.number("turn")};
  }
  if (type == "vote") {
    Vote vote;
    vote.round = fields.number("round");
    vote.choice = fields.number("choice");
    return vote;
  }
  if (type == "new-code") {
    return NewCode{};
  }
  if (type == "remove") {
    return Remove{fields.number("person")};
  }
  if (type == "stage") {
    return read_stage(fields);
  }
  return std::nullopt;
}

// The number of a letter of UTF-8 in Unicode.
std::uint32_t code_point(std::string_view letter) {
  const auto byte = [letter](std::size_t at) { return static_cast<unsigned char>(letter[at]); };
  constexpr std::uint32_t first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  std::uint32_t point = byte(0) & first_bits[letter.size()];
  for (std::size_t i = 1; i < letter.size(); ++i) {
    point = (point << 6U) | (byte(i) & 0x3FU);
  }
  return point;
}

bool may_be_in_a_name(std::uint32_t point) {
  const auto in = [point](std::uint32_t low, std::uint32_t high) {
    return point >= low && point <= high;
  };
  return !in(0x00, 0x1F) && !in(0x7F, 0x9F) && point != 0x200B && !in(0x200E, 0x200F) &&
         !in(0x2028, 0x202E) && !in(0x2066, 0x2069) && point != 0xFEFF;
}

}  // namespace

ReadMessage read_message(std::string_view text) {
  if (text.size() > message_bytes_max) {
    return {std::nullopt, "The message is too long."};
  }
  json::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) {
    return {std::nullopt, "The message is not a JSON object."};
  }
  Fields fields(value.get_object());
  const std::string type = fields.text("type", text_bytes_max);
  std::optional<Incoming> message = read_fields(type, fields);
  if (!message || !fields.whole()) {
    return {std::nullopt, "The message is not one that this room knows."};
  }
  return {std::move(message), ""};
}

std::optional<std::string> clean_name(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(begin);
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  std::size_t letters = 0;
  for (std::size_t at = 0; at < text.size(); ++letters) {
    const std::size_t bytes = sql::letter_bytes(text.substr(at));
    if (bytes == 0 || letters == name_letters_max ||
        !may_be_in_a_name(code_point(text.substr(at, bytes)))) {
      return std::nullopt;
    }
    at += bytes;
  }
  return letters == 0 ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace racelab::host
