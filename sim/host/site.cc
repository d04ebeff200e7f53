// One table of paths; what is not in it is not there. No path is ever looked up on a disk.
#include "sim/host/site.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace racelab::host {

namespace {

constexpr std::string_view meta_begin = R"(<meta http-equiv="Content-Security-Policy" content=")";
constexpr std::string_view meta_end = R"(">)";

std::vector<std::string> names_of(const Entrance& entrance) {
  constexpr std::uint16_t http = 80;  // which browsers leave out
  std::vector<std::string> names{fmt::format("{}:{}", entrance.address, entrance.port)};
  if (entrance.loopback) {
    names.push_back(fmt::format("localhost:{}", entrance.port));
  }
  if (entrance.port == http) {
    names.push_back(entrance.address);
    if (entrance.loopback) {
      names.emplace_back("localhost");
    }
  }
  return names;
}

Answer refuse(unsigned status, std::string_view sentence) {
  return {.status = status, .body = sentence, .policy = "default-src 'none'"};
}

Answer show(const Page& page, const std::string& host) {
  return {
      .status = 200,
      .body = page.html,
      .policy = fmt::format("{}; connect-src ws://{}; frame-ancestors 'none'", page.policy, host),
      .page = true};
}

}  // namespace

std::optional<Page> page_of(std::string_view html) {
  const std::size_t begin = html.find(meta_begin);
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t policy = begin + meta_begin.size();
  const std::size_t end = html.find(meta_end, policy);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  return Page{
      .html = fmt::format("{}{}", html.substr(0, begin), html.substr(end + meta_end.size())),
      .policy = std::string(html.substr(policy, end - policy))};
}

Answer answer_to(const Asked& asked, const Entrance& entrance, const Site& site) {
  constexpr unsigned forbidden = 403;
  constexpr unsigned no_such_method = 405;
  constexpr unsigned upgrade_required = 426;
  constexpr unsigned misdirected = 421;
  const std::vector<std::string> names = names_of(entrance);
  if (std::find(names.begin(), names.end(), asked.host) == names.end()) {
    return refuse(misdirected, "This host goes by its address only, as the terminal shows it.");
  }
  if (!asked.reads) {
    return refuse(no_such_method, "There is nothing to write here.");
  }
  const std::string path = asked.target.substr(0, asked.target.find('?'));
  if (path == "/ws") {
    if (!asked.upgrade) {
      return refuse(upgrade_required, "This is where the pages talk with the room.");
    }
    if (asked.origin != fmt::format("http://{}", asked.host)) {
      return refuse(forbidden, "Only a page of this host may talk with the room.");
    }
    return {.status = 101, .body = "", .policy = "", .socket = true};
  }
  if (path == "/") {
    return show(site.phone, asked.host);
  }
  if (path == "/projector") {
    return show(site.projector, asked.host);
  }
  return refuse(404, "There is no such page: phones open /, the projector /projector.");
}

}  // namespace racelab::host
