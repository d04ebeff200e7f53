// The histories of tests/postgresql/histories.txt, every answer of which was seen on PostgreSQL 15.20 (histories.py plays them there),
// on the relational store.
#include <fstream>
#include <regex>

#include "tests/sql/lab.h"

namespace racelab::sql::histories_test {
namespace {

struct History {
  std::string title;
  Isolation level = Isolation::read_committed;
  std::string setup;
  std::string lines;
};

std::vector<History> histories() {
  std::ifstream file(std::string(RACELAB_SOURCE_DIR) + "/tests/postgresql/histories.txt");
  std::vector<History> read;
  const std::regex heading(R"(== (\w+) \((.+)\))");
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    if (std::regex_match(line, found, heading)) {
      const std::string level = found[2];
      read.push_back({found[1],
                      level == "serializable"      ? Isolation::serializable
                      : level == "repeatable read" ? Isolation::repeatable_read
                                                   : Isolation::read_committed,
                      "", ""});
    } else if (line.empty() || line.starts_with('#')) {
      continue;
    } else if (line.find("-> ") != std::string::npos) {
      read.back().lines += line + '\n';
    } else {
      read.back().setup += line + ";\n";
    }
  }
  return read;
}

TEST(Histories, are_those_of_postgresql) {
  const std::vector<History> all = histories();
  EXPECT_EQ(all.size(), 75U);
  for (const History& history : all) {
    SCOPED_TRACE(history.title);
    expect_history(history.setup, history.lines, history.level);
    Lab forgetful(history.setup, history.level);
    forgetful.vacuums = true;
    expect_history(forgetful, history.lines);
  }
}

// The last of them, to its end: whoever the server ends, the other goes on.
TEST(Histories, of_keys_crosswise_end_in_a_deadlock) {
  for (const char* end :
       {"1: [deadlock] -> 40P01 | 2: 1 row", "2: [deadlock] -> 40P01 | 1: 1 row"}) {
    Lab lab("create table account (id integer primary key, name text unique)");
    expect_history(lab, R"(
        1: begin                                  -> BEGIN
        1: insert into account values (1, 'a')    -> 1 row
        2: begin                                  -> BEGIN
        2: insert into account values (2, 'a')    -> waits
        1: insert into account values (2, 'b')    -> waits
    )");
    expect_history(lab, end);
  }
}

}  // namespace
}  // namespace racelab::sql::histories_test
