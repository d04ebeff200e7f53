// racelab host: the page in the browser for a whole room, in which each client is somebody with a phone.
#include <fmt/format.h>

#include <utility>

#include "sim/cli/commands.h"
#include "sim/cli/page_files.h"
#include "sim/cli/signals.h"
#include "sim/cli/usage_error.h"
#include "sim/host/addresses.h"
#include "sim/host/server.h"

namespace racelab {

namespace {

constexpr const char* projector_file = "racelab.html";
constexpr const char* phone_file = "phone.html";

const CommandSyntax syntax{
    .name = "host",
    .sentence = "the page in the browser, for a room in which people are the clients",
    .usage =
        "usage: racelab host [--address ADDRESS] [--port N] [--press-within SECONDS]\n"
        "                    [--page FOLDER]\n"
        "\n"
        "Serves the page in the browser to a room. One page is on the projector and has\n"
        "the engine; phones join with the code that it shows, and are the clients: one\n"
        "button each, the next statement of A, of B. Those who wait say what will come.\n"
        "Ctrl-C ends it. Build the page first: ./dev page\n",
    .exits = "0 it was ended, 2 bad usage",
    .flags = {"address", "port", "press-within", "page"},
    .names_max = 0,
};

host::Page page_in(const std::string& folder, const char* file) {
  const std::optional<host::Page> page = host::page_of(read_page(folder, file));
  if (!page) {
    throw UsageError(
        fmt::format("'{}/{}' is no page of racelab's: `./dev page` builds it", folder, file));
  }
  return *page;
}

std::string announcement(const host::Server& server) {
  const std::string& code = server.room().code();
  std::string text = fmt::format(
      "The room is open. Ctrl-C ends it.\n"
      "\n"
      "projector  {}\n"
      "           (whoever has this address leads the room: keep it to yourself)\n",
      server.projector_address());
  for (const std::string& address : server.phone_addresses()) {
    text += fmt::format("phones     {}\n", address);
  }
  text += fmt::format("join code  {} {}\n", code.substr(0, 3), code.substr(3));
  if (server.loopback()) {
    const std::vector<std::string> known = host::network_addresses();
    text += fmt::format(
        "\nOnly this machine reaches that address. For phones on its network:\n"
        "  racelab host --address {}\n",
        known.empty() ? "0.0.0.0" : known.front());
  }
  return text;
}

}  // namespace

const CommandSyntax& host_syntax() { return syntax; }

CommandResult host_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  const std::string folder = folder_of_pages(arguments.page, {projector_file, phone_file});
  host::ServerSettings settings{
      .address = arguments.address,
      .port = static_cast<std::uint16_t>(arguments.port),
      .site = {.phone = page_in(folder, phone_file), .projector = page_in(folder, projector_file)},
      .limits = {.press_within = std::chrono::seconds(arguments.press_within)},
  };
  try {
    host::Server server(std::move(settings));
    const WishToStop wish(0);
    std::string text = announcement(server);
    const auto& say = environment.conversation.say;
    if (say) {
      say(std::exchange(text, ""));
    }
    server.run([&wish] { return wish.is_there(); });
    return {Exit::as_expected, fmt::format("{}\nThe room has ended.\n", text), ""};
  } catch (const host::HostError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace racelab
