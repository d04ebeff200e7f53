// Several statements in one message: what is committed where, and which answers are whose.
#include "sim/drivers/pg_connection.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/throwaway_postgresql.h"

namespace racelab::pg_connection_test {
namespace {

using drivers::PgAnswer;
using drivers::PgConnection;

// One server for all of these.
const std::string& address() {
  static const drivers::ThrowawayPostgreSql process;
  static const std::string text = process.address();
  return text;
}

class PgMessages : public testing::Test {
 protected:
  PgMessages() {
    line_.run(
        "drop table if exists t; create table t (n int primary key); insert into t values (1)");
  }
  std::string rows() {
    return *line_.run("select string_agg(n::text, ' ' order by n) from t").front().rows[0][0];
  }

  boost::asio::io_context context_;
  PgConnection line_{context_, {address(), "", "racelab", ""}};
};

TEST_F(PgMessages, WhatStandsBeforeAnEndIsCommittedAlsoWhenTheRestFails) {
  line_.queue("insert into t values (2)", {});
  line_.queue_end();
  line_.queue("insert into t values (3)", {});
  line_.queue("insert into t values ($1)", {"1"});
  line_.send();
  EXPECT_EQ(line_.receive().error, sql::SqlState("23505"));
  EXPECT_FALSE(line_.busy());
  EXPECT_EQ(rows(), "1 2");
}

TEST_F(PgMessages, WhatStandsBeforeAnEndMayNotFail) {
  line_.queue("insert into t values (1)", {});
  line_.queue_end();
  line_.queue("insert into t values (2)", {});
  line_.send();
  EXPECT_THROW((void)line_.receive(), drivers::DriverError);
}

TEST_F(PgMessages, TheAnswerIsTheLastStatementsAfterTheLastEnd) {
  line_.queue("select 7", {});
  line_.queue_end();
  line_.queue_word("begin");
  line_.queue("select n from t", {});
  line_.send();
  EXPECT_EQ(*line_.receive().rows.at(0).at(0), "1");
  EXPECT_TRUE(line_.in_transaction());
}

TEST_F(PgMessages, EachAnswersForItself) {
  for (int again = 0; again < 2; ++again) {  // parsed, and known already
    line_.queue("select n + 1 from t", {});
    line_.queue("select n from t where n = $1", {"5"});
    line_.queue("update t set n = n", {});
    line_.send();
    const std::vector<PgAnswer> all = line_.receive_each();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(*all[0].rows.at(0).at(0), "2");
    EXPECT_TRUE(all[1].rows.empty());
    EXPECT_EQ(all[2].affected, 1U);
  }
}

TEST_F(PgMessages, OneThatFailsIsASentence) {
  line_.queue("select 1", {});
  line_.queue("insert into t values (1)", {});
  line_.send();
  try {
    (void)line_.receive_each();
    FAIL();
  } catch (const drivers::DriverError& error) {
    EXPECT_EQ(std::string(error.what()),
              "PostgreSQL refuses what was sent: duplicate key value violates unique constraint "
              "\"t_pkey\" (23505)");
  }
}

}  // namespace
}  // namespace racelab::pg_connection_test
