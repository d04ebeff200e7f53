// What JSON reports have in common.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "sim/report/explain.h"
#include "sim/report/report.h"
#include "sim/report/sink.h"

namespace racelab {

/// Adds a value to the text, indented by two blanks a level. Keys stay in the order in which they were set, so the same report
/// gives the same bytes.
void print(std::string& text, const boost::json::value& value, std::size_t depth);

/// An object on its way out, member by member: the bytes of print(), in memory that does not grow with a list.
class ObjectWriter {
 public:
  explicit ObjectWriter(const Sink& sink) : sink_(sink) {}

  /// Each member of an object.
  void add(const boost::json::object& members);
  /// A member that is a list: `tell` gets what adds an element.
  using Element = std::function<void(const boost::json::value&)>;
  void add_list(std::string_view key, const std::function<void(const Element&)>& tell);
  /// Nothing comes after it; the object ends.
  void end();

 private:
  void begin_member(std::string_view key);

  const Sink& sink_;
  bool empty_ = true;
};

/// A single value as a field of CSV: numbers plain, nothing for null, quoted where it must be.
std::string csv_field(const boost::json::value& value);

std::string_view verdict_name(Verdict verdict);
std::string_view anomaly_name(Anomaly anomaly);
/// Every setting as text.
boost::json::object options_json(const Experiment& experiment);
/// One way in which orders end, and in how many they do.
boost::json::object outcome_json(const Outcome& outcome, const OrderCount* orders,
                                 const std::vector<std::string>& row_names);
/// Every term of a ledger, in the order in which it adds up.
boost::json::object ledger_json(const Ledger& ledger);
/// The rows as an order leaves them, by name.
boost::json::object final_json(const OrderReport& order);
/// What was asked and answered, step by step; the chance of a violation after each, where it is known.
boost::json::array steps_json(const OrderReport& order);
/// Why, sentence by sentence.
boost::json::array reasons_json(const std::vector<Reason>& reasons);
/// The level that each combination's transactions really have.
boost::json::object isolation_json(const Experiment& experiment);

}  // namespace racelab
