// Spec files for PostgreSQL's isolation tester, written for these tests; the store plays them (tests/explore) and a real server does
// (tests/drivers), and both must print the same.
#pragma once

#include <string>
#include <vector>

namespace racelab::lab {

/// A waits behind B: what was waiting is told when B is done.
inline const char* const one_waits = R"(# A comment.
setup { create table t (id int primary key, n int); insert into t values (1, 0); }
teardown { drop table t; }
session a
setup { begin; }
step a_add { update t set n = n + 1 where id = 1; }
step a_end { commit; }
session "b"
step b_add { update t set n = n + 10 where id = 1 returning n, n > 10 as more; }
permutation a_add b_add a_end
permutation b_add a_add a_end
)";

/// Each locks a row and wants the other's: the one with the short deadlock_timeout is ended.
inline const char* const deadlock = R"(
setup { create table t (id int primary key, n int); insert into t values (1, 0), (2, 0); }
teardown { drop table t; }
session a
setup { begin; set deadlock_timeout = '100s'; }
step a1 { update t set n = 1 where id = 1; }
step a2 { update t set n = 1 where id = 2; }
step ac { commit; }
session b
setup { begin; set deadlock_timeout = '10ms'; }
step b2 { update t set n = 2 where id = 2; }
step b1 { update t set n = 2 where id = 1; }
step bc { commit; }
permutation a1 b2 a2 b1(a2) ac bc
)";

/// C holds the row already, and asks for more: it waits for A, and not behind B, which waits for C.
inline const char* const upgrade = R"(
setup { create table t (id int primary key, n int); insert into t values (1, 0); }
teardown { drop table t; }
session a
setup { begin; }
step a_share { select n from t where id = 1 for share; }
step a_end { rollback; }
session b
setup { begin; }
step b_update { select n from t where id = 1 for update; }
step b_end { rollback; }
session c
setup { begin; }
step c_share { select n from t where id = 1 for share; }
step c_update { select n from t where id = 1 for update; }
step c_end { rollback; }
permutation a_share b_update c_share c_update a_end c_end b_end
)";

/// Several statements in one step are one transaction; an error ends it, and takes back what came before it.
inline const char* const several_statements = R"(
setup { create table t (id int primary key, n int); }
setup { insert into t values (1, 0); }
teardown { drop table t; }
session a
step a_both { insert into t values (2, 0); insert into t values (1, 0); insert into t values (3, 0); }
step a_look { select id from t order by id; select 'NULL is' as word, null::int as nothing; }
step a_own { insert into t values (4, 0); begin; insert into t values (5, 0); }
step a_back { rollback; select count(*) from t; }
step a_none { commit; }
)";

/// A timeout ends a wait; so does the statement's.
inline const char* const timeouts = R"(
setup { create table t (id int primary key, n int); insert into t values (1, 0); }
teardown { drop table t; }
session a
setup { begin; }
step a_add { update t set n = n + 1 where id = 1; }
step a_end { commit; }
session b
setup { begin; set local lock_timeout = '50ms'; }
step b_add { update t set n = n + 10 where id = 1; }
step b_end { commit; }
session c
setup { begin; set local statement_timeout = '50ms'; }
step c_add { update t set n = n + 10 where id = 1; }
step c_end { commit; }
permutation a_add b_add(*) b_end a_end c_end
permutation a_add c_add(*) c_end a_end b_end
)";

/// Write skew: each reads both rows, and writes one.
inline std::string write_skew(const std::string& level) {
  const std::string begins = "setup { begin isolation level " + level + "; }\n";
  return "setup { create table t (id int primary key, n int); insert into t values (1, 0), (2, 0); "
         "}\n"
         "teardown { drop table t; }\n"
         "session a\n" +
         begins +
         "step ar { select sum(n) from t; }\n"
         "step aw { update t set n = 1 where id = 1; }\n"
         "step ac { commit; }\n"
         "session b\n" +
         begins +
         "step br { select sum(n) from t; }\n"
         "step bw { update t set n = 1 where id = 2; }\n"
         "step bc { commit; }\n";
}

inline const std::vector<const char*> alike_on_a_server{one_waits, deadlock, upgrade,
                                                        several_statements, timeouts};

}  // namespace racelab::lab
