// Addresses with passwords are refused before anything looks at them.
#include "sim/cli/server_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "sim/cli/usage_error.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::array<std::string_view, 2> schemes{{"postgresql://", "postgres://"}};

std::string small(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

// %70 as p.
std::string without_escapes(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto is_hex = [&](std::size_t at) {
      return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
    };
    if (text[i] == '%' && is_hex(i + 1) && is_hex(i + 2)) {
      made += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      made += text[i];
    }
  }
  return made;
}

// Of what follows the scheme: USER:PASSWORD@…, or …?password=…
bool has_password(std::string_view address) {
  const std::size_t question = std::min(address.find('?'), address.size());
  const std::string_view authority = address.substr(0, question);
  const std::size_t at = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (at != std::string_view::npos && colon < at) {
    return true;
  }
  const std::string query = small(without_escapes(address.substr(question)));
  return query.find("password=") != std::string::npos;
}

}  // namespace

void refuse_passwords(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::string text = small(word);
    for (const std::string_view scheme : schemes) {
      const std::size_t begin = text.find(scheme);
      if (begin != std::string::npos &&
          has_password(std::string_view(word).substr(begin + scheme.size()))) {
        throw UsageError(
            "this address has a password in it, where others can read it; leave it out, and put it "
            "into ~/.pgpass, PGPASSWORD or a service file");
      }
    }
  }
}

void check_settings_for_server(const Settings& settings) {
  if (settings.grants_first) {
    throw UsageError("'--grants first' is for the store; a server grants as it likes");
  }
}

void check_server_flags(const Arguments& arguments) {
  const bool theirs = std::any_of(arguments.on.begin(), arguments.on.end(),
                                  [](const auto& on) { return drivers::names_their_server(on); });
  if (theirs) {
    return;
  }
  for (const auto& [given, flag] : {std::pair(arguments.shared_database, "--shared-database"),
                                    std::pair(arguments.as_superuser, "--as-superuser"),
                                    std::pair(arguments.clean, "--clean")}) {
    if (given) {
      throw UsageError(
          fmt::format("{} is for a server of yours: --on postgresql://USER@HOST/DATABASE", flag));
    }
  }
}

std::unique_ptr<drivers::Host> start_server(const Arguments& arguments,
                                            const Environment& environment) {
  const std::string& on = arguments.on.front();
  std::unique_ptr<drivers::Host> host = drivers::start_host(
      on, {.shared_database = arguments.shared_database, .as_superuser = arguments.as_superuser});
  if (drivers::names_their_server(on) && environment.notice) {
    environment.notice(host->note() + '\n');
  }
  return host;
}

std::string server_flags(const Arguments& arguments) {
  std::string text;
  for (const std::string& on : arguments.on) {
    text +=
        " --on " + (drivers::names_driver(on) ? std::string(drivers::exec) + "…" : shell_word(on));
  }
  text += arguments.shared_database ? " --shared-database" : "";
  text += arguments.as_superuser ? " --as-superuser" : "";
  return text;
}

}  // namespace racelab
