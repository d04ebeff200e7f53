// From events to messages. BEGIN goes without saying; what a client does by itself is told in the step that leads to it.
#include "sim/report/sequence.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/report/order_steps.h"
#include "sim/report/row_values.h"
#include "sim/report/words.h"

namespace racelab {

DeliveryNames::DeliveryNames(const ExperimentRun& report) : settings_(report.settings) {
  for (const TraceEvent& event : report.result.trace) {
    const bool starts =
        event.kind == TraceKind::request_sent || event.kind == TraceKind::handler_started;
    const bool known =
        std::any_of(deliveries_.begin(), deliveries_.end(), [&event](const Delivery& delivery) {
          return delivery.operation == event.operation && delivery.attempt == event.attempt &&
                 delivery.copy == event.copy;
        });
    if (starts && !known) {
      deliveries_.push_back({event.operation, event.attempt, event.copy});
    }
  }
}

std::size_t DeliveryNames::place(const TraceEvent& event) const {
  std::size_t place = 0;
  for (const Delivery& delivery : deliveries_) {
    if (delivery.operation == event.operation) {
      if (delivery.attempt == event.attempt && delivery.copy == event.copy) {
        return place;
      }
      ++place;
    }
  }
  return 0;
}

std::string DeliveryNames::name(const TraceEvent& event) const {
  return operation_text(event.operation, settings_) + std::string(place(event), '\'');
}

namespace {

class Drawing {
 public:
  explicit Drawing(const OrderReport& report) : report_(report), names_(report), values_(report) {
    for (const Move& move : report.order.moves) {
      clients_.push_back(move.step.client);
    }
    std::sort(clients_.begin(), clients_.end());
    clients_.erase(std::unique(clients_.begin(), clients_.end()), clients_.end());
    const ServiceCounts& counts = report.result.counts.service;
    faultless_ = std::all_of(counts.faults.begin(), counts.faults.end(),
                             [](std::uint64_t n) { return n == 0; }) &&
                 report.result.counts.clients.timeouts == 0;
  }

  Sequence draw() {
    name_rows();
    Sequence::Step start;
    start.lines.push_back({Sequence::Line::Kind::values, 0, "", all_values(), ""});
    sequence_.steps.push_back(std::move(start));
    const std::vector<OrderStep> steps = order_steps(report_);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      draw(report_.order.moves[i], steps[i], i + 1);
    }
    add_chances();
    return std::move(sequence_);
  }

 private:
  using Kind = Sequence::Line::Kind;

  void name_rows() {
    constexpr std::size_t width_max = 24;
    const std::vector<std::string>& names = report_.row_names;
    sequence_.rows = names.size() == 1 ? "row " : "rows ";
    for (std::size_t row = 0; row < names.size(); ++row) {
      sequence_.rows += (row == 0 ? "" : ", ") + names[row];
    }
    if (sequence_.rows.size() > width_max) {
      sequence_.rows = counted(names.size(), "row");
    }
  }

  [[nodiscard]] std::string all_values() const {
    constexpr std::size_t rows_max = 3;
    std::string text;
    for (std::size_t row = 0; row < std::min(rows_max, values_.rows()); ++row) {
      text += (row == 0 ? "" : ", ") + values_.equation(row);
    }
    return text + (values_.rows() > rows_max ? ", ..." : "");
  }

  std::size_t participant(const TraceEvent& event) {
    const bool alone = clients_.size() == 1;
    const std::uint32_t client = event.operation.client;
    const std::size_t delivery = alone ? names_.place(event) : 0;
    auto& all = sequence_.participants;
    const auto known = std::find_if(all.begin(), all.end(), [&](const auto& p) {
      return p.client == client && p.delivery == delivery;
    });
    if (known != all.end()) {
      return static_cast<std::size_t>(known - all.begin());
    }
    std::string name = "client " + client_name(client);
    if (delivery > 0) {
      name = client_name(client) + std::string(delivery, '\'') +
             (event.copy > 0 ? ": the copy" : ": again");
    }
    all.push_back({std::move(name), client, delivery});
    return all.size() - 1;
  }

  void add(Kind kind, const TraceEvent& event, const std::string& text) {
    sequence_.steps.back().lines.push_back(
        {kind, participant(event), names_.name(event), text, ""});
  }

  void draw(const Move& move, const OrderStep& step, std::size_t number) {
    sequence_.steps.emplace_back().number = number;
    if (!move.issues) {
      draw_ended_call(move);
      return;
    }
    if (move.step.request_fault == Fault::duplicate_delivery) {
      draw_duplication(move);
    }
    for (const TraceEvent* event : step.events) {
      draw(*event);
    }
  }

  // It happens on the way, before the step's tick.
  void draw_duplication(const Move& move) {
    for (const TraceEvent& event : report_.result.trace) {
      if (event.kind == TraceKind::request_duplicated && event.attempt == move.who.attempt &&
          event.operation == OperationName{move.who.client, move.who.operation}) {
        add(Kind::words, event, "delivered twice");
      }
    }
  }

  // The clock does not tick for it: its events are found by name.
  void draw_ended_call(const Move& move) {
    for (const TraceEvent& event : report_.result.trace) {
      if (ends_call(event.kind) && event.attempt == move.who.attempt &&
          event.operation == OperationName{move.who.client, move.who.operation}) {
        add(Kind::ask_lost, event, std::string(call_ended_words(move.step.request_fault)));
      } else if (after_ended_call(event, move.who)) {
        draw_private(event);
      }
    }
  }
  [[nodiscard]] static bool ends_call(TraceKind kind) {
    return kind == TraceKind::request_lost || kind == TraceKind::call_refused ||
           kind == TraceKind::call_reset || kind == TraceKind::request_failed;
  }
  [[nodiscard]] static bool after_ended_call(const TraceEvent& event, const HandlerName& who) {
    return event.operation == OperationName{who.client, who.operation} &&
           ((event.kind == TraceKind::request_sent && event.attempt == who.attempt + 1) ||
            (event.kind == TraceKind::told && event.attempt == who.attempt));
  }
  [[nodiscard]] bool drawn_already(const TraceEvent& event) const {
    return std::any_of(
        report_.order.moves.begin(), report_.order.moves.end(),
        [&event](const Move& move) { return !move.issues && after_ended_call(event, move.who); });
  }

  void draw(const TraceEvent& event) {
    const std::vector<std::string> before = equations();
    values_.follow(event);
    if (event.kind == TraceKind::statement && event.verb != Verb::begin) {
      draw_statement(event);
    } else {
      draw_rest(event);
    }
    const std::vector<std::string> after = equations();
    const bool writes = event.kind == TraceKind::statement && event.written != no_version &&
                        !harm_of(event, report_).empty();
    if (after != before || writes) {
      std::string changed;
      for (std::size_t row = 0; row < after.size(); ++row) {
        if (after[row] != before[row] || after.size() <= 2 || is_written(event, row)) {
          changed += (changed.empty() ? "" : ", ") + after[row];
        }
      }
      sequence_.steps.back().lines.push_back(
          {Kind::values, participant(event), names_.name(event), changed, harm_of(event, report_)});
    }
  }

  [[nodiscard]] bool is_written(const TraceEvent& event, std::size_t row) const {
    return event.kind == TraceKind::statement && event.written != no_version &&
           report_.result.trace_rows[event.first_row].key ==
               RowKey::row(static_cast<std::uint32_t>(row));
  }

  [[nodiscard]] std::vector<std::string> equations() const {
    std::vector<std::string> all;
    for (std::size_t row = 0; row < values_.rows(); ++row) {
      all.push_back(values_.equation(row));
    }
    return all;
  }

  void draw_statement(const TraceEvent& event) {
    std::string answer = answer_text(event, report_);
    answer.erase(0, std::min(answer.find_first_not_of(" ->"), answer.size()));
    const auto waited = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto* other) {
      return other->operation == event.operation && other->attempt == event.attempt &&
             other->copy == event.copy;
    });
    if (waited != waiting_.end()) {
      waiting_.erase(waited);
      add(Kind::answer, event, answer.empty() ? "goes on" : answer);
      return;
    }
    add(Kind::ask, event, statement_text(event, report_));
    if (!answer.empty()) {
      add(Kind::answer, event, answer);
    }
  }

  void draw_rest(const TraceEvent& event) {
    switch (event.kind) {
      case TraceKind::statement_waits: {
        add(Kind::ask, event, statement_text(event, report_));
        add(Kind::words, event,
            (event.other == event.operation ? "waits for the earlier " : "waits for ") +
                operation_text(event.other, report_.settings));
        waiting_.push_back(&event);
        break;
      }
      case TraceKind::handler_slow:
        add(Kind::words, event, "slow: nobody waits for it any more");
        break;
      case TraceKind::try_again:
        add(Kind::words, event, "starts over");
        break;
      case TraceKind::crashed:
        add(Kind::death, event, "handler crashes");
        break;
      case TraceKind::session_lost:
        add(event.after_statement ? Kind::answer_lost : Kind::ask_lost, event, "session lost");
        break;
      case TraceKind::session_ended:
        add(Kind::words, event, "its dead session is noticed and rolled back");
        break;
      case TraceKind::reply_lost:
        add(Kind::answer_lost, event, "reply lost");
        break;
      case TraceKind::reply_reset:
        add(Kind::answer_lost, event, "connection reset");
        break;
      case TraceKind::reply_ignored:
        add(Kind::words, event, "its late reply is ignored");
        break;
      default:
        if (!drawn_already(event)) {
          draw_private(event);
        }
    }
  }

  // What a client does without touching the store.
  void draw_private(const TraceEvent& event) {
    if (event.kind == TraceKind::request_sent && event.attempt > 1) {
      const bool silence = std::any_of(
          report_.result.trace.begin(), report_.result.trace.end(), [&](const auto& other) {
            return other.kind == TraceKind::timed_out && other.operation == event.operation &&
                   other.attempt + 1 == event.attempt;
          });
      add(Kind::words, event, silence ? "no answer: asks again" : "asks again");
    } else if (event.kind == TraceKind::told && !(faultless_ && event.told == Told::ok)) {
      add(Kind::words, event, "told " + std::string(told_name(event.told)));
    }
  }

  void add_chances() {
    const std::vector<double>& chances = report_.order.chances;
    bool doomed = false;
    for (std::size_t i = 0; i < std::min(chances.size(), sequence_.steps.size()); ++i) {
      sequence_.steps[i].chance = chances[i];
      sequence_.steps[i].doomed = !doomed && chances[i] == 1;
      doomed = doomed || chances[i] == 1;
    }
  }

  const OrderReport& report_;
  DeliveryNames names_;
  RowValues values_;
  std::vector<std::uint32_t> clients_;
  std::vector<const TraceEvent*> waiting_;
  bool faultless_ = true;
  Sequence sequence_;
};

}  // namespace

Sequence sequence_of(const OrderReport& report) { return Drawing(report).draw(); }

std::string chance_text(double chance) {
  if (chance == 0 || chance == 1) {
    return chance == 0 ? "0 %" : "100 %";
  }
  if (chance < 0.001 || chance > 0.999) {
    return chance < 0.5 ? "<0.1 %" : ">99.9 %";
  }
  std::string text = fmt::format("{:.1f}", chance * 100);
  if (text.ends_with(".0")) {
    text.erase(text.size() - 2);
  }
  return text + " %";
}

}  // namespace racelab
