// Two engines that share no code but the graph: coroutines over a table of integers, scripts over the relational store. The same
// endpoint under the same faults has the same orders in both.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/cli/command.h"

namespace racelab::lab::script_engines_test {
namespace {

namespace fs = std::filesystem;

struct Counted {
  std::string orders;
  std::string violating;
};

Counted counted(const std::string& command) {
  const CommandResult result = racelab_of(command + " --format json");
  EXPECT_NE(code(result), 2) << command << '\n' << result.errors;
  const boost::json::value all = boost::json::parse(result.output);
  return {std::string(all.at("orders").as_string()),
          std::string(all.at("orders_violating").as_string())};
}

TEST(ScriptEngines, the_same_endpoint_has_the_same_orders_in_both) {
  const fs::path folder =
      fs::temp_directory_path() / ("racelab-engines-" + std::to_string(::getpid()));
  fs::create_directory(folder);
  const auto write = [&folder](const char* file, const char* text) {
    std::ofstream(folder / file, std::ios::binary) << text;
  };
  write("setup.sql",
        "create table t (id int primary key, n int not null);\ninsert into t values (1, 0);\n");
  write("read-modify-write.sql",
        "-- retry: 40001, 40P01\nselect n from t where id = 1 \\gset\n"
        "update t set n = :n + 1 where id = 1;\n");
  write("atomic-increment.sql", "-- retry: 40001, 40P01\nupdate t set n = n + 1 where id = 1;\n");
  for (const char* isolation : {"autocommit", "read-committed", "repeatable-read"}) {
    for (const char* faults :
         {"", " --lose-reply.max 1", " --lose-request.max 1", " --crash.max 1",
          " --lose-session.max 1", " --duplicate-delivery.max 1", " --slow-call.max 1",
          " --lock-timeout 1s", " --crash.max 1 --lose-reply.max 1",
          " --session-timeout none --crash.max 1"}) {
      // Where three handlers wait for a row, the relational store leaves open who goes on, as PostgreSQL does.
      const std::string fault = faults;
      if (std::string(isolation) == "read-committed" &&
          (fault == " --duplicate-delivery.max 1" || fault == " --slow-call.max 1")) {
        continue;
      }
      for (const char* strategy : {"read-modify-write", "atomic-increment"}) {
        const std::string rest = std::string(" --strategy ") + strategy + " --isolation " +
                                 isolation + " --attempts-max 2" + faults;
        const Counted integers = counted("explore two-writers" + rest);
        const Counted relational = counted("explore " + folder.string() + rest);
        EXPECT_EQ(integers.orders, relational.orders) << rest;
        // The ledger also sees a lost update that a duplicate makes up for: the sum is right.
        if (std::string(strategy) == "atomic-increment") {
          EXPECT_EQ(integers.violating, relational.violating) << rest;
        }
      }
    }
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace racelab::lab::script_engines_test
