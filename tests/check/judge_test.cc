// The judge, on histories written by hand. What it says must follow from provenance alone: which version was computed
// from which. Every ledger is spelled out to the unit, and sums that look right are made of errors on purpose.
#include "sim/check/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

#include "tests/check/story.h"

namespace racelab::lab::judge_test {
namespace {

using Found =
    std::vector<std::tuple<Anomaly, std::uint32_t, std::uint32_t>>;  // what, operation, row

Found found(const Judgement& judgement) {
  Found all;
  for (const Finding& finding : judgement.findings) {
    all.emplace_back(finding.anomaly, finding.operation, finding.row);
  }
  return all;
}

std::vector<Defect::Kind> defects(const Judgement& judgement) {
  std::vector<Defect::Kind> kinds;
  for (const Defect& defect : judgement.defects) {
    kinds.push_back(defect.kind);
  }
  return kinds;
}

// initial, acknowledged, unknown, failed, extra, overwritten, never applied, final
std::array<std::int64_t, 8> terms(const Ledger& ledger) {
  return {ledger.initial,
          ledger.acknowledged,
          ledger.unknown_applied,
          ledger.failed_applied,
          ledger.extra_applications,
          ledger.overwritten,
          ledger.acknowledged_never_applied,
          ledger.final};
}
using Terms = std::array<std::int64_t, 8>;
using ToldTable = std::array<std::array<std::uint64_t, 3>, 3>;

constexpr VersionId start = 0;  // the first row's initial version

TEST(Judge, a_row_that_nobody_touched) {
  const Judgement judgement = judge(Story({7}).history);
  EXPECT_TRUE(judgement.findings.empty());
  EXPECT_TRUE(judgement.defects.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{7, 0, 0, 0, 0, 0, 0, 7}));
}

TEST(Judge, two_updates_one_after_the_other) {
  Story story({10});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const auto b = story.operation(Told::ok, {{0, 2}});
  const VersionId after_a = story.applies(a, 0, start);  // 10 + 1
  story.applies(b, 0, after_a);                          // 11 + 2
  const Judgement judgement = judge(story.history);
  EXPECT_TRUE(judgement.findings.empty());
  EXPECT_TRUE(judgement.defects.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{10, 3, 0, 0, 0, 0, 0, 13}));
  EXPECT_EQ(judgement.told, (ToldTable{{{0, 2, 0}, {0, 0, 0}, {0, 0, 0}}}));
  EXPECT_EQ(judgement.survives, (std::vector<bool>{true, true}));
}

// R_A R_B W_A W_B: B's version comes from before A's, so A is gone.
TEST(Judge, a_lost_update) {
  Story story({10});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const auto b = story.operation(Told::ok, {{0, 2}});
  story.applies(a, 0, start);                         // 10 + 1
  const VersionId by_b = story.applies(b, 0, start);  // 10 + 2
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::lost_update, a, 0}}));
  EXPECT_TRUE(judgement.defects.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{10, 3, 0, 0, 0, 1, 0, 12}));
  EXPECT_EQ(judgement.told, (ToldTable{{{1, 1, 0}, {0, 0, 0}, {0, 0, 0}}}));
  EXPECT_EQ(judgement.survives, (std::vector<bool>{false, true}));
  EXPECT_EQ(judgement.overwritten_by, (std::vector<VersionId>{no_version, by_b, no_version}));
}

// Three that give and take cancel in the sums; what the takers make of each term is known beside them.
TEST(Judge, amounts_of_both_signs_that_cancel) {
  Story story({10});
  const auto a = story.operation(Told::ok, {{0, 4}});
  const auto b = story.operation(Told::ok, {{0, -4}});
  const auto c = story.operation(Told::ok, {{0, -3}});
  story.applies(a, 0, start);
  story.applies(b, 0, start);
  story.applies(c, 0, start);  // from before both
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(terms(judgement.ledger), (Terms{10, -3, 0, 0, 0, 0, 0, 7}));
  EXPECT_EQ(terms(judgement.taken), (Terms{0, -7, 0, 0, 0, -4, 0, 0}));
  EXPECT_EQ(terms(judgement.taken_by_row.front()), terms(judgement.taken));
  EXPECT_EQ(judgement.count(Anomaly::lost_update), 2U);
}

// R_A R_B W_A R_C W_B W_C: C read after A wrote, so A survives inside C's version; B's is the one that C overwrote.
TEST(Judge, an_update_survives_inside_a_later_one_that_read_it) {
  Story story({100});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const auto b = story.operation(Told::ok, {{0, 2}});
  const auto c = story.operation(Told::ok, {{0, 4}});
  const VersionId by_a = story.applies(a, 0, start);  // 101
  story.applies(b, 0, start);                         // 102: A seems lost …
  const VersionId by_c = story.applies(c, 0, by_a);   // 105: … but C built on it
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::lost_update, b, 0}}));
  EXPECT_TRUE(judgement.defects.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{100, 7, 0, 0, 0, 2, 0, 105}));
  EXPECT_EQ(judgement.survives, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(judgement.overwritten_by,
            (std::vector<VersionId>{no_version, no_version, by_c, no_version}));
}

// What was overwritten takes those along that had built on it.
TEST(Judge, a_whole_branch_is_overwritten) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const auto b = story.operation(Told::ok, {{0, 2}});
  const auto c = story.operation(Told::ok, {{0, 4}});
  const VersionId by_a = story.applies(a, 0, start);
  story.applies(b, 0, by_a);
  const VersionId by_c = story.applies(c, 0, start);
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::lost_update, a, 0}, {Anomaly::lost_update, b, 0}}));
  EXPECT_EQ(terms(judgement.ledger), (Terms{0, 7, 0, 0, 0, 3, 0, 4}));
  // B descends from A: neither replaced the other, C replaced both.
  EXPECT_EQ(judgement.overwritten_by, (std::vector<VersionId>{no_version, by_c, by_c, no_version}));
}

// One that read before all of them takes a long line of updates with it: each was replaced by it, and by none between.
TEST(Judge, a_long_line_is_overwritten_at_once) {
  Story story({0});
  constexpr std::uint32_t length = 4'000;
  VersionId last = start;
  for (std::uint32_t i = 0; i < length; ++i) {
    last = story.applies(story.operation(Told::ok, {{0, 1}}), 0, last);
  }
  const VersionId late = story.applies(story.operation(Told::ok, {{0, 1}}), 0, start);
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(judgement.count(Anomaly::lost_update), length);
  EXPECT_EQ(judgement.ledger.overwritten, length);
  std::vector<VersionId> overwritten_by(story.history.versions.size(), late);
  overwritten_by.front() = overwritten_by.back() = no_version;
  EXPECT_EQ(judgement.overwritten_by, overwritten_by);
}

// Two rows whose versions take turns, with branches upon branches, against the definition taken literally.
TEST(Judge, who_replaced_whom_is_what_the_definition_says) {
  Story story({0, 0});
  std::array<std::vector<VersionId>, 2> on_row{{{0}, {1}}};
  std::uint32_t random = 1;
  for (std::uint32_t i = 0; i < 300; ++i) {
    random = random * 1'664'525U + 1'013'904'223U;
    const std::uint32_t row = (random >> 16U) % 2;
    std::vector<VersionId>& all = on_row[row];
    const std::size_t back = std::min<std::size_t>((random >> 20U) % 7, all.size() - 1);
    const auto operation = story.operation(Told::ok, {{row, 1}});
    all.push_back(story.applies(operation, row, all[all.size() - 1 - back]));
  }
  const Judgement judgement = judge(story.history);
  std::size_t lost = 0;
  for (const std::vector<VersionId>& all : on_row) {
    std::set<VersionId> surviving;
    for (VersionId v = all.back(); v != no_version; v = story.history.versions[v].computed_from) {
      surviving.insert(v);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      VersionId replaced_by = no_version;
      std::set<VersionId> line{all[i]};
      for (std::size_t j = i + 1; !surviving.contains(all[i]) && j < all.size(); ++j) {
        if (!line.contains(story.history.versions[all[j]].computed_from)) {
          replaced_by = all[j];
          break;
        }
        line.insert(all[j]);
      }
      EXPECT_EQ(judgement.overwritten_by[all[i]], replaced_by) << all[i];
      lost += replaced_by == no_version ? 0U : 1U;
    }
  }
  EXPECT_GT(lost, 100U);
}

TEST(Judge, a_duplicate) {
  Story story({100});
  const auto a = story.operation(Told::ok, {{0, -30}});
  const VersionId first = story.applies(a, 0, start);  // 70
  story.applies(a, 0, first);                          // 40
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::duplicate, a, 0}}));
  EXPECT_TRUE(judgement.defects.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{100, -30, 0, 0, -30, 0, 0, 40}));
  EXPECT_EQ(judgement.told, (ToldTable{{{0, 0, 1}, {0, 0, 0}, {0, 0, 0}}}));
  EXPECT_EQ(judgement.fates[a].applications, 2U);
  EXPECT_EQ(judgement.fates[a].surviving, 2U);
}

// Done twice from the same version: the second replaces the first, and one is what was wanted.
TEST(Judge, an_update_that_overwrites_its_own_first_execution_is_no_anomaly) {
  Story story({100});
  const auto a = story.operation(Told::ok, {{0, -30}});
  story.applies(a, 0, start);
  story.applies(a, 0, start);
  const Judgement judgement = judge(story.history);
  EXPECT_TRUE(judgement.findings.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{100, -30, 0, 0, -30, -30, 0, 70}));
  EXPECT_EQ(judgement.told, (ToldTable{{{0, 1, 0}, {0, 0, 0}, {0, 0, 0}}}));
  EXPECT_EQ(judgement.fates[a].applications, 2U);
}

TEST(Judge, a_false_success) {
  Story story({5});
  const auto a = story.operation(Told::ok, {{0, 3}});
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::false_success, a, 0}}));
  EXPECT_TRUE(judgement.defects.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{5, 3, 0, 0, 0, 0, 3, 5}));
  EXPECT_EQ(judgement.told, (ToldTable{{{1, 0, 0}, {0, 0, 0}, {0, 0, 0}}}));
}

TEST(Judge, a_false_failure) {
  Story story({5});
  const auto a = story.operation(Told::failed, {{0, 3}});
  story.applies(a, 0, start);
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::false_failure, a, 0}}));
  EXPECT_EQ(terms(judgement.ledger), (Terms{5, 0, 0, 3, 0, 0, 0, 8}));
  EXPECT_EQ(judgement.told, (ToldTable{{{0, 0, 0}, {0, 1, 0}, {0, 0, 0}}}));
}

// Told failed, applied, overwritten: the client was told the truth in the end.
TEST(Judge, a_failure_whose_application_is_gone_is_none) {
  Story story({5});
  const auto a = story.operation(Told::failed, {{0, 3}});
  const auto b = story.operation(Told::ok, {{0, 1}});
  story.applies(a, 0, start);
  story.applies(b, 0, start);
  const Judgement judgement = judge(story.history);
  EXPECT_TRUE(judgement.findings.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{5, 1, 0, 3, 0, 3, 0, 6}));
}

TEST(Judge, unknown_is_never_wrong_whether_applied_or_not) {
  Story story({0});
  const auto a = story.operation(Told::unknown, {{0, 1}});
  const auto b = story.operation(Told::unknown, {{0, 2}});
  const auto c = story.operation(Told::unknown, {{0, 4}});
  story.operation(Told::unknown, {{0, 8}});
  story.applies(a, 0, start);                         // 1, then replaced
  const VersionId by_b = story.applies(b, 0, start);  // 2
  story.applies(c, 0, by_b);                          // 6; the fourth never came
  const Judgement judgement = judge(story.history);
  EXPECT_TRUE(judgement.findings.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{0, 0, 7, 0, 0, 1, 0, 6}));
  EXPECT_EQ(judgement.told, (ToldTable{{{0, 0, 0}, {0, 0, 0}, {2, 2, 0}}}));
}

// Unknown, and done twice: whatever the client believes, it is once too often.
TEST(Judge, a_duplicate_counts_whatever_was_told) {
  for (const Told told : {Told::ok, Told::failed, Told::unknown}) {
    Story story({0});
    const auto a = story.operation(told, {{0, 1}});
    story.applies(a, 0, story.applies(a, 0, start));
    const Judgement judgement = judge(story.history);
    EXPECT_EQ(judgement.count(Anomaly::duplicate), 1U);
    EXPECT_EQ(judgement.count(Anomaly::false_failure), told == Told::failed ? 1U : 0U);
    EXPECT_TRUE(judgement.ledger.balanced());
  }
}

// Two operations of 1, told ok; one done twice, one lost: the row holds exactly 2, and the judge objects twice.
TEST(Judge, a_loss_does_not_hide_behind_a_duplicate) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const auto b = story.operation(Told::ok, {{0, 1}});
  story.applies(b, 0, start);                          // 1
  const VersionId first = story.applies(a, 0, start);  // 1: B is gone
  story.applies(a, 0, first);                          // 2: A again
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(story.history.rows.front().final, 2);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::duplicate, a, 0}, {Anomaly::lost_update, b, 0}}));
  EXPECT_TRUE(judgement.defects.empty());
  EXPECT_EQ(terms(judgement.ledger), (Terms{0, 2, 0, 0, 1, 1, 0, 2}));
  EXPECT_EQ(judgement.told, (ToldTable{{{1, 0, 1}, {0, 0, 0}, {0, 0, 0}}}));
}

// Three executions, the middle one replaced: two survive.
TEST(Judge, counts_the_applications_that_survive) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const VersionId first = story.applies(a, 0, start);
  story.applies(a, 0, first);
  story.applies(a, 0, first);
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(judgement.fates[a].applications, 3U);
  EXPECT_EQ(judgement.fates[a].surviving, 2U);
  EXPECT_EQ(judgement.survives, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(terms(judgement.ledger), (Terms{0, 1, 0, 0, 2, 1, 0, 2}));
}

// ---- several rows

TEST(Judge, a_transfer_lost_on_one_row_of_two_is_lost) {
  Story story({100, 100});
  const auto a = story.operation(Told::ok, {{0, -10}, {1, 10}});
  const auto b = story.operation(Told::ok, {{0, 3}, {1, -3}});
  const ApplicationId by_a = story.application(a);
  const ApplicationId by_b = story.application(b);
  story.writes(by_a, 0, 0);                          // a: 90
  const VersionId there = story.writes(by_a, 1, 1);  // b: 110
  story.writes(by_b, 0, 0);                          // a: 103, from before A
  story.writes(by_b, 1, there);                      // b: 107, from after A
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::lost_update, a, 0}}));
  EXPECT_EQ(judgement.fates[a].surviving, 0U);  // 0 on one row, 1 on the other: the worse
  EXPECT_EQ(judgement.fates[b].surviving, 1U);
  EXPECT_EQ(judgement.survives, (std::vector<bool>{false, true}));
  EXPECT_EQ(terms(judgement.ledger_by_row[0]), (Terms{100, -7, 0, 0, 0, -10, 0, 103}));
  EXPECT_EQ(terms(judgement.ledger_by_row[1]), (Terms{100, 7, 0, 0, 0, 0, 0, 107}));
  EXPECT_EQ(terms(judgement.ledger), (Terms{200, 0, 0, 0, 0, -10, 0, 210}));
}

TEST(Judge, a_transfer_done_twice_on_one_row_of_two_is_a_duplicate) {
  Story story({100, 100});
  const auto a = story.operation(Told::ok, {{0, -10}, {1, 10}});
  const ApplicationId first = story.application(a);
  const ApplicationId second = story.application(a);
  const VersionId taken = story.writes(first, 0, 0);  // a: 90
  story.writes(first, 1, 1);                          // b: 110
  story.writes(second, 0, taken);                     // a: 80
  story.writes(second, 1, 1);                         // b: 110, from before the first
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::duplicate, a, 0}}));
  EXPECT_EQ(judgement.fates[a].surviving, 2U);
  EXPECT_EQ(terms(judgement.ledger_by_row[0]), (Terms{100, -10, 0, 0, -10, 0, 0, 80}));
  EXPECT_EQ(terms(judgement.ledger_by_row[1]), (Terms{100, 10, 0, 0, 10, 10, 0, 110}));
}

// 0 on one row, 2 on another: both are told, and the table counts the loss.
TEST(Judge, lost_here_and_doubled_there) {
  Story story({0, 0});
  const auto a = story.operation(Told::ok, {{0, 1}, {1, 1}});
  const auto b = story.operation(Told::ok, {{0, 4}});
  const ApplicationId first = story.application(a);
  const ApplicationId second = story.application(a);
  story.writes(first, 0, 0);
  const VersionId there = story.writes(first, 1, 1);
  story.writes(second, 0, 0);
  story.writes(second, 1, there);
  story.applies(b, 0, 0);
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(found(judgement), (Found{{Anomaly::lost_update, a, 0}, {Anomaly::duplicate, a, 1}}));
  EXPECT_EQ(judgement.fates[a].surviving, 0U);
  EXPECT_TRUE(judgement.defects.empty());
}

// One application lost on two rows, to two different ones: each of its versions knows its own.
TEST(Judge, each_row_names_its_own_overwriter) {
  Story story({0, 0});
  const auto a = story.operation(Told::ok, {{0, 1}, {1, 1}});
  const auto b = story.operation(Told::ok, {{0, 2}});
  const auto c = story.operation(Told::ok, {{1, 4}});
  const ApplicationId by_a = story.application(a);
  story.writes(by_a, 0, 0);
  story.writes(by_a, 1, 1);
  const VersionId by_b = story.applies(b, 0, 0);
  const VersionId by_c = story.applies(c, 1, 1);
  EXPECT_EQ(judge(story.history).overwritten_by,
            (std::vector<VersionId>{no_version, no_version, by_b, by_c, no_version, no_version}));
}

// A row is named once per anomaly, the first of them.
TEST(Judge, one_finding_per_operation_and_anomaly) {
  Story story({0, 0});
  const auto a = story.operation(Told::ok, {{0, 1}, {1, 1}});
  const auto b = story.operation(Told::ok, {{0, 2}, {1, 2}});
  const ApplicationId by_a = story.application(a);
  const ApplicationId by_b = story.application(b);
  story.writes(by_a, 0, 0);
  story.writes(by_a, 1, 1);
  story.writes(by_b, 0, 0);
  story.writes(by_b, 1, 1);
  EXPECT_EQ(found(judge(story.history)), (Found{{Anomaly::lost_update, a, 0}}));
}

// A handler that died between its two UPDATEs, outside a transaction, and whose client was told ok all the same: the
// money left a and never came to b. "Told ok, never applied" holds for row b, so it must not read as clean.
TEST(Judge, told_ok_but_applied_to_one_row_of_two_is_a_false_success) {
  Story story({100, 100});
  const auto a = story.operation(Told::ok, {{0, -10}, {1, 10}});
  story.applies(a, 0, 0);
  const Judgement judgement = judge(story.history);
  EXPECT_EQ(terms(judgement.ledger_by_row[0]), (Terms{100, -10, 0, 0, 0, 0, 0, 90}));
  EXPECT_EQ(terms(judgement.ledger_by_row[1]), (Terms{100, 10, 0, 0, 0, 0, 10, 100}));
  EXPECT_EQ(found(judgement), (Found{{Anomaly::false_success, a, 1}}));
  EXPECT_EQ(judgement.fates[a].surviving, 0U);  // "0 if any row has 0"
}

// One execution that commits twice to one row (a commit in its middle): somebody built on the first version and replaced
// the second. A version of it survives, so the application does.
TEST(Judge, an_application_survives_by_any_of_its_versions) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const auto b = story.operation(Told::ok, {{0, 4}});
  const ApplicationId by_a = story.application(a);
  const VersionId first = story.writes(by_a, 0, start);  // 1
  story.writes(by_a, 0, first);                          // 2
  story.applies(b, 0, first);                            // 1 + 4
  const Judgement judgement = judge(story.history);
  EXPECT_TRUE(judgement.findings.empty());
  EXPECT_TRUE(judgement.defects.empty());
  EXPECT_EQ(judgement.fates[a].surviving, 1U);
  EXPECT_EQ(terms(judgement.ledger), (Terms{0, 5, 0, 0, 0, 0, 0, 5}));
}

// ---- histories that cannot be

// And if both stand, the operation was one execution that added twice: no strategy may do that.
TEST(Judge, objects_to_an_execution_that_adds_its_amount_twice) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const ApplicationId by_a = story.application(a);
  story.writes(by_a, 0, story.writes(by_a, 0, start));
  EXPECT_EQ(defects(judge(story.history)), (std::vector{Defect::Kind::ledger}));
}

// Everything else about it is in order: numbers, parents, values, and the sum with A's update as overwritten.
TEST(Judge, objects_to_two_versions_with_one_id) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const auto b = story.operation(Told::ok, {{0, 2}});
  const VersionId by_a = story.applies(a, 0, start);
  const VersionId by_b = story.applies(b, 0, start);
  story.history.versions[by_b].id = by_a;
  story.history.rows[0].last = by_a;
  EXPECT_EQ(defects(judge(story.history)), (std::vector{Defect::Kind::version_out_of_sequence}));
}

TEST(Judge, objects_to_a_value_that_is_not_the_parents_plus_the_amount) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const VersionId by_a = story.applies(a, 0, start);
  story.history.versions[by_a].value = 5;
  story.history.rows[0].final = 5;
  EXPECT_EQ(defects(judge(story.history)),
            (std::vector{Defect::Kind::wrong_value, Defect::Kind::ledger}));
}

TEST(Judge, objects_to_a_row_that_does_not_hold_its_last_version) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  story.applies(a, 0, start);
  story.history.rows[0].last = start;
  story.history.rows[0].final = 0;
  // The terms still add up (0 + 1 - 1 overwritten = 0): only the sequence gives it away.
  EXPECT_EQ(defects(judge(story.history)), (std::vector{Defect::Kind::final_not_last}));
}

TEST(Judge, objects_to_a_final_value_that_no_version_has) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  story.applies(a, 0, start);
  story.history.rows[0].final = 2;
  EXPECT_EQ(defects(judge(story.history)),
            (std::vector{Defect::Kind::final_not_last, Defect::Kind::ledger}));
}

TEST(Judge, objects_to_a_parent_that_is_later_missing_or_of_another_row) {
  for (const VersionId parent : {VersionId{1}, VersionId{2}, VersionId{99}, no_version}) {
    Story story({0, 0});  // versions 0 and 1
    const auto a = story.operation(Told::ok, {{0, 1}});
    const VersionId by_a = story.applies(a, 0, start);
    ASSERT_EQ(by_a, 2U);
    story.history.versions[by_a].computed_from = parent;
    EXPECT_EQ(defects(judge(story.history)), (std::vector{Defect::Kind::unknown_parent}));
  }
}

TEST(Judge, objects_to_an_application_that_wrote_nothing) {
  Story story({0});
  story.application(story.operation(Told::unknown, {{0, 1}}));
  EXPECT_EQ(defects(judge(story.history)), (std::vector{Defect::Kind::empty_application}));
}

// A circle of links must end the walk, not hang it.
TEST(Judge, comes_back_from_a_circle_of_parents) {
  Story story({0});
  const auto a = story.operation(Told::ok, {{0, 1}});
  const VersionId first = story.applies(a, 0, start);
  const VersionId second = story.applies(a, 0, first);
  story.history.versions[first].computed_from = second;
  EXPECT_FALSE(judge(story.history).defects.empty());
}

}  // namespace
}  // namespace racelab::lab::judge_test
