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
  if (!immune && budget_left(FaultKind::lose_request)) {
    step.request_fault = Fault::lose_request;
    steps.push_back(step);
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
      if (setup_.world.service.lock_timeout > Duration{}) {
        add(Step::Kind::lock_timeout);
      }
  }
}

void Model::variants(const Step& step, const Effects& effects, std::vector<Step>& steps) const {
  if (!any_budget_ || step.replies_lost != 0 || overflowed()) {
    return;  // a step that overflowed has more replies than `replies_lost` has bits for
  }
  // The budgets are read after the step: its own faults are counted already.
  const auto lose_reply = static_cast<std::size_t>(FaultKind::lose_reply);
  const std::uint32_t left =
      std::min(budget_[lose_reply] -
                   std::min<std::uint32_t>(budget_[lose_reply], state_->struck[lose_reply]),
               budget_in_all_ - std::min(budget_in_all_, state_->struck_in_all));
  for (std::uint32_t lost = 1; lost < (1U << effects.replies); ++lost) {
    if (static_cast<std::uint32_t>(std::popcount(lost)) <= left) {
      Step variant = step;
      variant.replies_lost = static_cast<std::uint8_t>(lost);
      steps.push_back(variant);
    }
  }
  const bool issues = step.kind == Step::Kind::request || step.kind == Step::Kind::statement;
  if (issues && effects.own_reply && step.statement_fault == Fault::none &&
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
