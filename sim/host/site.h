// What is answered to a request, before anything of it is done: two pages, one socket, and for everything else a status.
//
// A request must name the host by the address that it came in on, and a socket must be opened by a page from there: so no page of
// another site can reach the room through somebody's browser, whatever name that site gives itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace racelab::host {

/// A page that `./dev page` made, for serving.
struct Page {
  std::string html;  // without its policy
  std::string
      policy;  // its Content-Security-Policy, to be sent as a header, with where it may connect to
};

/// Takes the policy out of a page: there it would forbid all connections, as it should for a page on a disk. Nothing when there is
/// none, and so the file no page of ours.
std::optional<Page> page_of(std::string_view html);

struct Site {
  Page phone;      // at /
  Page projector;  // at /projector
};

/// Where a request came in.
struct Entrance {
  std::string address;  // as it stands in an address: IPv6 in brackets
  std::uint16_t port = 0;
  bool loopback = false;
};

struct Asked {
  bool reads = false;  // GET
  std::string target;  // path and query
  std::string host;    // the header; empty: none
  std::string origin;
  bool upgrade = false;  // to a WebSocket
};

struct Answer {
  unsigned status = 404;
  std::string_view body;  // a page of the site's, or a sentence
  std::string policy;     // of a page
  bool page = false;
  bool socket = false;  // goes on as a WebSocket
};
Answer answer_to(const Asked& asked, const Entrance& entrance, const Site& site);

}  // namespace racelab::host
