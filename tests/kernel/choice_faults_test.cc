// Which fault strikes what, and how often: each kind strikes only the happening it is about, in its share of cases, within
// its budget; a happening's delay and its faults depend on its own name and on nothing else that is offered.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sim/kernel/choice.h"

namespace racelab::choice_faults_test {
namespace {

constexpr std::uint32_t always = 1'000'000'000;
constexpr std::uint32_t per_cent = always / 100;

FaultPlan all_at(std::uint32_t rate) {
  FaultPlan plan;
  for (FaultSetting& setting : plan.settings) {
    setting.rate_parts_per_billion = rate;
  }
  return plan;
}
FaultPlan only(FaultKind kind, std::uint32_t rate) {
  FaultPlan plan;
  plan[kind].rate_parts_per_billion = rate;
  return plan;
}

Pending happening(Happening kind, std::uint32_t client, std::uint32_t index = 0) {
  Pending pending(kind, {client, 0, 1, Purpose::request_latency, index});
  pending.delay = {milliseconds(1), milliseconds(9)};
  return pending;
}

// What each of `count` clients' happenings of that kind meets; by client.
std::vector<Fault> met(const FaultPlan& plan, Happening kind, std::uint32_t count,
                       std::uint64_t seed = 1) {
  Timed timed(seed, plan);
  std::deque<Pending> pendings;
  for (std::uint32_t client = 0; client < count; ++client) {
    pendings.push_back(happening(kind, client));
    timed.offer(pendings.back());
  }
  std::vector<Fault> faults(count);
  for (Occurrence next = timed.next(); next.pending != nullptr; next = timed.next()) {
    faults.at(next.pending->name.client) = next.fault;
  }
  return faults;
}
std::int64_t count_of(const std::vector<Fault>& faults, Fault fault) {
  return std::count(faults.begin(), faults.end(), fault);
}

TEST(TimedFaults, strike_only_what_is_on_its_way) {
  const FaultPlan plan = all_at(always);
  EXPECT_EQ(met(plan, Happening::request, 1).at(0), Fault::lose_request);
  EXPECT_EQ(met(plan, Happening::statement, 1).at(0), Fault::crash);
  EXPECT_EQ(met(plan, Happening::reply, 1).at(0), Fault::lose_reply);
  for (const Happening never : {Happening::timer, Happening::timeout, Happening::lock_timeout,
                                Happening::session_end, Happening::work, Happening::answer}) {
    EXPECT_EQ(met(plan, never, 1).at(0), Fault::none) << static_cast<int>(never);
  }
}

TEST(TimedFaults, each_kind_strikes_its_own_happening_and_no_other) {
  const auto struck = [](FaultKind kind) {
    std::string text;
    for (const Happening happening : {Happening::request, Happening::statement, Happening::reply}) {
      text += met(only(kind, always), happening, 1).at(0) == Fault::none ? "-" : "!";
    }
    return text;
  };
  EXPECT_EQ(struck(FaultKind::lose_request), "!--");
  EXPECT_EQ(struck(FaultKind::duplicate_delivery), "!--");
  EXPECT_EQ(struck(FaultKind::slow_call), "!--");
  EXPECT_EQ(struck(FaultKind::crash), "-!-");
  EXPECT_EQ(struck(FaultKind::lose_session), "-!-");
  EXPECT_EQ(struck(FaultKind::lose_reply), "--!");
  EXPECT_EQ(struck(FaultKind::fail_call), "!--");
}

TEST(TimedFaults, what_has_met_one_already_is_immune) {
  Timed timed(1, all_at(always));
  Pending request = happening(Happening::request, 0);
  request.immune = true;
  timed.offer(request);
  EXPECT_EQ(timed.next().fault, Fault::none);
}

// Of 10,000 requests at 20%, 2,000 are lost, 1,600 of the other 8,000 come twice, 1,280 of the other 6,400 are slow, and
// 1,024 of the other 5,120 fail. Standard deviations sqrt(n p (1 - p)) with p = 0.2, 0.16, 0.128, 0.1024: 40, 36.7, 33.4,
// 30.3; beyond 4.5: once in 150,000 seeds.
TEST(TimedFaults, of_one_request_are_drawn_one_after_another) {
  const std::vector<Fault> faults = met(all_at(20 * per_cent), Happening::request, 10'000);
  EXPECT_NEAR(static_cast<double>(count_of(faults, Fault::lose_request)), 2'000, 4.5 * 40);
  EXPECT_NEAR(static_cast<double>(count_of(faults, Fault::duplicate_delivery)), 1'600, 4.5 * 36.7);
  EXPECT_NEAR(static_cast<double>(count_of(faults, Fault::slow_call)), 1'280, 4.5 * 33.4);
  EXPECT_NEAR(static_cast<double>(count_of(faults, Fault::fail_call)), 1'024, 4.5 * 30.3);
}

// Either side of a lost session is as likely: 5,000 of 10,000, standard deviation 50.
TEST(TimedFaults, a_session_is_lost_on_the_side_that_is_set_or_on_either) {
  FaultPlan plan = only(FaultKind::lose_session, always);
  const std::vector<Fault> either = met(plan, Happening::statement, 10'000);
  EXPECT_NEAR(static_cast<double>(count_of(either, Fault::lose_session_before)), 5'000, 4.5 * 50);
  EXPECT_EQ(
      count_of(either, Fault::lose_session_before) + count_of(either, Fault::lose_session_after),
      10'000);
  plan.session_loss = SessionLoss::before;
  EXPECT_EQ(count_of(met(plan, Happening::statement, 100), Fault::lose_session_before), 100);
  plan.session_loss = SessionLoss::after;
  EXPECT_EQ(count_of(met(plan, Happening::statement, 100), Fault::lose_session_after), 100);
}

// Switching crashes on takes some statements out of the hands of lost sessions, and changes nothing for the others.
TEST(TimedFaults, of_one_kind_stay_where_they_are_when_another_is_added) {
  FaultPlan plan = only(FaultKind::lose_session, 30 * per_cent);
  const std::vector<Fault> before = met(plan, Happening::statement, 1'000);
  plan[FaultKind::crash].rate_parts_per_billion = 10 * per_cent;
  const std::vector<Fault> after = met(plan, Happening::statement, 1'000);
  EXPECT_GT(count_of(after, Fault::crash), 0);
  for (std::size_t client = 0; client < 1'000; ++client) {
    if (after[client] != Fault::crash) {
      EXPECT_EQ(after[client], before[client]) << client;
    }
  }
}

TEST(TimedFaults, a_higher_rate_strikes_where_the_lower_one_did_and_elsewhere) {
  const std::vector<Fault> few = met(only(FaultKind::crash, per_cent), Happening::statement, 2'000);
  const std::vector<Fault> many =
      met(only(FaultKind::crash, 10 * per_cent), Happening::statement, 2'000);
  for (std::size_t client = 0; client < few.size(); ++client) {
    EXPECT_TRUE(few[client] == Fault::none || many[client] == Fault::crash) << client;
  }
  EXPECT_GT(count_of(many, Fault::crash), count_of(few, Fault::crash));
}

TEST(TimedFaults, a_budget_of_nothing_is_none_at_all) {
  FaultPlan plan = all_at(always);
  plan[FaultKind::crash].max = 0;
  plan[FaultKind::lose_session].max = 2;
  const std::vector<Fault> faults = met(plan, Happening::statement, 10);
  EXPECT_EQ(count_of(faults, Fault::crash), 0);
  EXPECT_EQ(count_of(faults, Fault::none), 8);
  plan.total_max = 0;
  EXPECT_EQ(count_of(met(plan, Happening::reply, 10), Fault::none), 10);
}

// The budget goes to whatever happens first, not to whatever was offered first.
TEST(TimedFaults, a_budget_is_spent_in_virtual_time) {
  FaultPlan plan = only(FaultKind::lose_reply, always);
  plan[FaultKind::lose_reply].max = 1;
  Timed timed(1, plan);
  Pending late = happening(Happening::reply, 0);
  Pending early = happening(Happening::reply, 1);
  late.delay = Delay::exactly(milliseconds(2));
  early.delay = Delay::exactly(milliseconds(1));
  timed.offer(late);
  timed.offer(early);
  const Occurrence first = timed.next();
  EXPECT_EQ(first.pending, &early);
  EXPECT_EQ(first.fault, Fault::lose_reply);
  EXPECT_EQ(timed.next().fault, Fault::none);
}

// When client k's request arrives, with only it or with others around it, offered before or after.
TEST(TimedDelays, depend_on_the_name_and_not_on_the_company) {
  const auto arrivals = [](const std::vector<std::uint32_t>& clients) {
    Timed timed(1, {});
    std::deque<Pending> pendings;
    for (const std::uint32_t client : clients) {
      pendings.push_back(happening(Happening::request, client));
      timed.offer(pendings.back());
    }
    std::map<std::uint32_t, std::int64_t> at;
    for (Occurrence next = timed.next(); next.pending != nullptr; next = timed.next()) {
      at[next.pending->name.client] = timed.now().microseconds;
    }
    return at;
  };
  const auto together = arrivals({0, 1, 2, 3, 4, 5});
  const auto turned_around = arrivals({5, 4, 3, 2, 1, 0});
  EXPECT_EQ(together, turned_around);
  for (const auto& [client, at] : together) {
    EXPECT_EQ(arrivals({client}).at(client), at) << client;
  }
}

TEST(TimedDelays, count_from_when_they_are_offered) {
  Timed timed(1, {});
  Pending first = happening(Happening::timer, 0);
  Pending second = happening(Happening::timer, 1);
  first.delay = second.delay = Delay::exactly(milliseconds(5));
  timed.offer(first);
  EXPECT_TRUE(first.offered);
  EXPECT_EQ(timed.next().pending, &first);
  EXPECT_FALSE(first.offered);
  timed.offer(second);
  EXPECT_EQ(timed.next().pending, &second);
  EXPECT_EQ(timed.now(), Instant{10'000});
}

TEST(TimedDelays, of_one_instant_come_in_the_order_of_offering) {
  Timed timed(1, {});
  std::deque<Pending> pendings;
  for (std::uint32_t client = 0; client < 20; ++client) {
    pendings.push_back(happening(Happening::timer, client));
    pendings.back().delay = Delay::exactly(seconds(1));
    timed.offer(pendings.back());
  }
  for (Pending& pending : pendings) {
    EXPECT_EQ(timed.next().pending, &pending);
  }
}

// The mean of 20,000 is 10 ms with a standard error of 10 ms / sqrt(20,000) = 71 us; beyond 4.5: once in 150,000 seeds.
TEST(TimedDelays, may_be_exponential) {
  Timed timed(1, {});
  std::deque<Pending> pendings;
  for (std::uint32_t client = 0; client < 20'000; ++client) {
    pendings.push_back(happening(Happening::timer, client));
    pendings.back().delay = Delay::exponentially(milliseconds(10));
    timed.offer(pendings.back());
  }
  double sum = 0;
  while (timed.next().pending != nullptr) {
    sum += static_cast<double>(timed.now().microseconds);
  }
  EXPECT_NEAR(sum / 20'000, 10'000, 4.5 * 71);
}

// Mean 10 ms and deviation 2 ms: 68.27% within [8, 12] ms. The standard deviation of that count of 20,000 is 66; 4.5 of them.
TEST(TimedDelays, may_be_normal) {
  Timed timed(1, {});
  std::deque<Pending> pendings;
  for (std::uint32_t client = 0; client < 20'000; ++client) {
    pendings.push_back(happening(Happening::timer, client));
    pendings.back().delay = {milliseconds(8), milliseconds(12), Shape::normal};
    timed.offer(pendings.back());
  }
  int within = 0;
  while (timed.next().pending != nullptr) {
    within += timed.now() >= Instant{8'000} && timed.now() <= Instant{12'000} ? 1 : 0;
  }
  EXPECT_NEAR(within, 20'000 * 0.6827, 4.5 * 66);
}

// U(5, 30) ms but 10 at most: four fifths are 10 itself. The standard deviation of that count of 20,000 is 57; 4.5 of them.
TEST(TimedDelays, are_cut_off_at_their_bound) {
  Timed timed(1, {});
  std::deque<Pending> pendings;
  for (std::uint32_t client = 0; client < 20'000; ++client) {
    pendings.push_back(happening(Happening::timer, client));
    pendings.back().delay = {milliseconds(5), milliseconds(30), Shape::even, milliseconds(10)};
    timed.offer(pendings.back());
  }
  int at_the_bound = 0;
  while (timed.next().pending != nullptr) {
    ASSERT_LE(timed.now(), Instant{10'000});
    at_the_bound += timed.now() == Instant{10'000} ? 1 : 0;
  }
  EXPECT_NEAR(at_the_bound, 16'000, 4.5 * 57);
}

TEST(TimedDelays, what_is_withdrawn_does_not_happen) {
  Timed timed(1, all_at(always));
  Pending withdrawn = happening(Happening::timeout, 0);
  Pending kept = happening(Happening::timer, 1);
  kept.delay = Delay::exactly(seconds(10));
  timed.offer(withdrawn);
  timed.offer(kept);
  timed.withdraw(withdrawn);
  EXPECT_FALSE(withdrawn.offered);
  EXPECT_EQ(timed.next().pending, &kept);
  EXPECT_EQ(timed.next().pending, nullptr);
  EXPECT_EQ(timed.now(), Instant{10'000'000});  // nothing more happens, and the clock stands still
}

// fault.h: one description per kind, in the order of FaultKind; and every fault has its kind.
TEST(Faults, are_described_in_their_order) {
  std::string names;
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    EXPECT_EQ(static_cast<std::size_t>(fault_descriptions().at(kind).kind), kind);
    names += std::string(fault_descriptions().at(kind).name) + " ";
  }
  EXPECT_EQ(names,
            "lose-request lose-reply duplicate-delivery slow-call crash lose-session fail-call "
            "refuse-call reset-call reset-reply ");
  EXPECT_EQ(kind_of(Fault::lose_session_before), FaultKind::lose_session);
  EXPECT_EQ(kind_of(Fault::lose_session_after), FaultKind::lose_session);
  EXPECT_EQ(kind_of(Fault::slow_call), FaultKind::slow_call);
}

TEST(FaultsDeathTest, none_has_no_kind) {
  EXPECT_DEATH(static_cast<void>(kind_of(Fault::none)), "racelab bug: expected a fault");
}

}  // namespace
}  // namespace racelab::choice_faults_test
