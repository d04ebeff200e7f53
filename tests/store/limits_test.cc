// What would take all memory or time ends with 54000 (program_limit_exceeded), as PostgreSQL ends what is too much for it: at 1 GB a
// text, where the store stops at 1 MB.
#include "tests/sql/lab.h"

namespace racelab::sql::limits_test {
namespace {

TEST(Limits, a_text_doubles_until_it_has_a_megabyte) {
  Lab lab("create table t (s text); insert into t values ('x')");
  for (int i = 0; i < 20; ++i) {  // 2^20 = 1,048,576 bytes
    EXPECT_EQ(lab.start(1, "update t set s = s || s"), "1 row");
    lab.database().vacuum();
  }
  EXPECT_EQ(lab.start(1, "select length(s) from t"), "1048576");
  EXPECT_EQ(lab.start(1, "update t set s = s || 'x'"), "54000");
  EXPECT_EQ(lab.database().result(1).message,
            "a text of more than 1,048,576 bytes (racelab's own limit)");
  EXPECT_EQ(lab.start(1, "select length(s) from t"), "1048576");
}

TEST(Limits, rows_double_until_there_are_ten_thousand) {
  Lab lab("create table t (n integer); insert into t values (1), (2), (3), (4), (5)");
  for (int i = 0; i < 10; ++i) {  // 5 * 2^10 = 5,120
    lab.start(1, "insert into t select n from t");
  }
  EXPECT_EQ(lab.start(1, "select count(*) from t"), "5120");
  EXPECT_EQ(lab.start(1, "insert into t select n from t"), "54000");
  EXPECT_EQ(lab.start(1, "select count(*) from t"), "5120");
  EXPECT_EQ(lab.start(1, "insert into t select n from t limit 4880"), "4880 rows");
  EXPECT_EQ(lab.start(1, "insert into t values (6)"), "54000");
}

// A join of 1,280 rows with themselves looks at 1,638,400 pairs.
TEST(Limits, a_join_looks_at_a_million_rows) {
  Lab lab("create table t (n integer); insert into t values (1), (2), (3), (4), (5)");
  for (int i = 0; i < 7; ++i) {
    lab.start(1, "insert into t select n from t");
  }
  EXPECT_EQ(lab.start(1, "select count(*) from t"), "640");
  EXPECT_EQ(lab.start(1, "select count(*) from t a join t b on true"), "409600");
  lab.start(1, "insert into t select n from t");
  EXPECT_EQ(lab.start(1, "select count(*) from t a join t b on true"), "54000");
  EXPECT_EQ(lab.start(1, "select sum((select count(*) from t b where b.n = a.n)) from t a"),
            "54000");
}

}  // namespace
}  // namespace racelab::sql::limits_test
