// Each server has a thread of its own, and takes every second order.
#include "sim/cli/agree_servers.h"

#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "sim/cli/server_flags.h"

namespace racelab {

namespace {

constexpr std::size_t servers_max = 2;
constexpr std::size_t orders_worth_another = 100;  // to start a server takes as long as hundreds

std::vector<std::unique_ptr<RealServer>> laid_out(
    const std::vector<std::unique_ptr<drivers::Host>>& hosts, std::size_t count,
    const ScriptSetup& setup, const std::string& setup_sql) {
  const drivers::Numbers numbers =
      any_serializable(setup) ? drivers::Numbers::in_millions : drivers::Numbers::as_the_store;
  std::vector<std::unique_ptr<RealServer>> servers;
  servers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    servers.push_back(hosts[i]->server_for(setup, setup_sql, numbers));
  }
  return servers;
}

}  // namespace

AgreeServers::AgreeServers(const Arguments& arguments, const Environment& environment, Watch& watch)
    : arguments_(arguments), environment_(environment), watch_(watch) {
  hosts_.push_back(start_server(arguments, environment));
}

Agreement AgreeServers::compare(const ScriptSetup& setup, const std::string& setup_sql,
                                AgreeOptions options) {
  std::mutex one_at_a_time;
  std::vector<std::uint64_t> done(servers_max);
  std::uint64_t total = 0;
  bool failed = false;
  options.go_on = [&](std::size_t part, std::uint64_t of_part) {
    const std::lock_guard guard(one_at_a_time);
    done[part] = of_part;
    return !failed &&
           watch_.go_on("order", std::accumulate(done.begin(), done.end(), std::uint64_t{0}),
                        total);
  };
  // Before the orders are listed: a database that does not know the SQL says so at once.
  std::vector<std::unique_ptr<RealServer>> servers = laid_out(hosts_, 1, setup, setup_sql);
  version_ = servers.front()->version();
  const OrdersToCompare orders(setup, std::move(options));
  total = orders.size();
  if (orders.size() >= orders_worth_another &&
      !drivers::names_their_server(arguments_.on.front())) {
    if (hosts_.size() < servers_max) {
      hosts_.push_back(start_server(arguments_, environment_));
    }
    servers.clear();  // a host lays out one at a time
    servers = laid_out(hosts_, servers_max, setup, setup_sql);
  }
  std::vector<Agreement> parts(servers.size());
  std::vector<std::exception_ptr> problems(servers.size());
  std::vector<std::thread> others;
  const auto compare_part = [&](std::size_t part) {
    try {
      parts[part] = orders.compare(*servers[part], part, servers.size());
    } catch (...) {
      problems[part] = std::current_exception();
      const std::lock_guard guard(one_at_a_time);
      failed = true;
    }
  };
  for (std::size_t part = 1; part < servers.size(); ++part) {
    others.emplace_back(compare_part, part);
  }
  compare_part(0);
  for (std::thread& other : others) {
    other.join();
  }
  for (const std::exception_ptr& problem : problems) {
    if (problem) {
      std::rethrow_exception(problem);
    }
  }
  return together(parts);
}

}  // namespace racelab
