// Being the scheduler, as JSON: what stands between two steps, what is possible next, and where that leads.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>

#include "sim/report/script_step_page.h"
#include "sim/report/step_page.h"

namespace racelab {

/// In one object with the schema "racelab.step/1". `outlook`: nullptr when it is too large to know. `orders`: those that begin
/// with the steps taken, when they were asked for.
std::string step_json(const StepReport& report, const Outlook* outlook,
                      const std::optional<ListedOrders<Model>>& orders);
std::string step_json(const ScriptStepReport& report, const Outlook* outlook,
                      const std::optional<ListedOrders<ScriptModel>>& orders);

/// A chance with the orders behind it; null: unknown.
boost::json::value way_json(const Outlook::Way* way);
/// The orders that were listed: word and place among the outcomes.
template <class World>
boost::json::array list_json(const ListedOrders<World>& orders) {
  boost::json::array list;
  for (const auto& order : orders.list) {
    list.push_back(boost::json::array{order.word, order.outcome});
  }
  return list;
}

}  // namespace racelab
