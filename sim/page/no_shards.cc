// A page compares by itself: it writes no part of a comparison, and is given none.
#include "sim/cli/usage_error.h"
#include "sim/report/compare.h"

namespace racelab {

std::string shard_json(const CompareReport& /*report*/, const Shard& /*shard*/) {
  throw UsageError("a page writes no part of a comparison; `racelab compare` does, in a terminal");
}

MergedShards merge_shards(const std::vector<ShardFile>& /*files*/) {
  throw UsageError("a page merges no files; `racelab merge` does, in a terminal");
}

}  // namespace racelab
