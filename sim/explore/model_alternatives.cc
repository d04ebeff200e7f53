// What may happen next: which handlers and requests can go on, and which faults can strike them while budgets last.
#include <algorithm>
#include <bit>

#include "sim/explore/model_state.h"
#include "sim/kernel/fault_rules.h"

namespace racelab {

unsigned Step::faults() const {
  return (request_fault != Fault::none ? 1U : 0U) + (statement_fault != Fault::none ? 1U : 0U) +
         static_cast<unsigned>(std::popcount(replies_lost));
}

bool Model::budget_left(FaultKind kind) const {
  return state_->struck[static_cast<std::size_t>(kind)] < budget_[static_cast<std::size_t>(kind)] &&
         state_->struck_in_all < budget_in_all_;
}

void Model::strike(FaultKind kind) {
  ++state_->struck[static_cast<std::size_t>(kind)];
  ++state_->struck_in_all;
}

void Model::add_statement_faults(Step step, std::vector<Step>& steps) const {
  // A step that meets one fault of the request and one of the statement needs room for both.
  const std::uint32_t already = step.request_fault != Fault::none ? 1 : 0;
  if (state_->struck_in_all + already >= budget_in_all_) {
    return;
  }
  for (const FaultRule& rule : fault_rules) {
    if (rule.target == FaultTarget::statement && budget_left(rule.kind) &&
        allows(setup_.faults.session_loss, rule.fault)) {
      step.statement_fault = rule.fault;
      steps.push_back(step);
    }
  }
}

void Model::add_request_faults(Step step, bool immune, std::vector<Step>& steps) const {
  // A handler that replies at once has no statement that could be struck.
  const LocalState& here = local(step.client);
  const Cue arrives{.kind = Cue::Kind::request, .place = step.place};
  const LocalState& there = *processes_[step.client]->transition(here, arrives).to;
  const bool asks = there.handlers.size() > here.handlers.size();
  if (asks) {
    add_statement_faults(step, steps);
  }
  for (const Fault fault : ending_faults) {
    if (!immune && budget_left(kind_of(fault))) {
      step.request_fault = fault;
      steps.push_back(step);
    }
  }
  if (!immune && budget_left(FaultKind::duplicate_delivery)) {
    step.request_fault = Fault::duplicate_delivery;
    steps.push_back(step);
    if (asks) {
      add_statement_faults(step, steps);
    }
  }
}

void Model::alternatives(std::vector<Step>& steps) const {
  for (std::uint32_t client = 0; client < clients_; ++client) {
    for (const LocalState::Option& option : state_->local[client]->options) {
      add_alternatives(client, option, steps);
    }
  }
}

void Model::add_alternatives(std::uint32_t client, const LocalState::Option& option,
                             std::vector<Step>& steps) const {
  // Field by field, in place: the processor would stall over a copy of what was put together a moment ago.
  const auto add = [&](Step::Kind kind) {
    Step& step = steps.emplace_back();
    step.client = static_cast<std::uint8_t>(client);
    step.kind = kind;
    step.place = option.place;
  };
  switch (option.kind) {
    case Cue::Kind::statement:
      add(Step::Kind::statement);
      if (any_budget_) {
        add_statement_faults(steps.back(), steps);
      }
      break;
    case Cue::Kind::request:
      add(Step::Kind::request);
      if (any_budget_) {
        add_request_faults(steps.back(), option.immune, steps);
      }
      break;
    case Cue::Kind::session_end:
      if (setup_.world.service.session_timeout > Duration{}) {
        add(Step::Kind::session_end);
      }
      break;
    default:  // a handler that waits
      if (const Live& live = state_->live[first_live(client) + option.place];
          state_->store.deadlocked(live.session)) {
        add(Step::Kind::deadlock);
      }
      if (setup_.world.service.lock_timeout > Duration{}) {
        add(Step::Kind::lock_timeout);
      }
  }
}

// Read after the step: its own faults are counted already.
ReplyBudget Model::reply_budget() const {
  const auto left = [this](FaultKind kind) {
    const auto place = static_cast<std::size_t>(kind);
    return budget_[place] - std::min<std::uint32_t>(budget_[place], state_->struck[place]);
  };
  return {.lose = left(FaultKind::lose_reply),
          .reset = left(FaultKind::reset_reply),
          .in_all = budget_in_all_ - std::min(budget_in_all_, state_->struck_in_all)};
}

void Model::variants(const Step& step, const Effects& effects, std::vector<Step>& steps) const {
  for (std::size_t i = step.ways.size(); i < effects.others.size(); ++i) {
    for (std::size_t way = 1; way <= effects.others[i]; ++way) {
      Step variant = step;
      variant.ways = effects.ways.with(i, way);
      steps.push_back(variant);
    }
  }
  if (!any_budget_ || step.replies_lost != 0 || overflowed()) {
    return;  // a step that overflowed has more replies than `replies_lost` has bits for
  }
  each_reply_fault(effects.replies, reply_budget(), [&](std::uint8_t lost, std::uint8_t reset) {
    Step variant = step;
    variant.ways = effects.ways;
    variant.replies_lost = lost;
    variant.replies_reset = reset;
    steps.push_back(variant);
  });
  const bool issues = step.kind == Step::Kind::request || step.kind == Step::Kind::statement;
  if (issues && effects.own_reply && step.statement_fault == Fault::none && step.ways.empty() &&
      budget_left(FaultKind::slow_call)) {
    Step variant = step;
    variant.statement_fault = Fault::slow_call;
    steps.push_back(variant);
  }
}

HandlerName Model::who(const Step& step) const {
  const LocalState& here = local(step.client);
  const auto name = [&step](const auto& view) {
    return HandlerName{step.client, view.operation, view.attempt, view.copy};
  };
  return step.kind == Step::Kind::request ? name(here.requests[step.place])
                                          : name(here.handlers[step.place]);
}

}  // namespace racelab
