// The work asks every millisecond or so, whether to go on and what to show.
#include "sim/cli/watch.h"

#include "sim/report/words.h"

namespace racelab {

Watch::Watch(const Arguments& arguments, const Environment& environment)
    : arguments_(arguments), environment_(environment), wish_(arguments.seconds_max) {}

Watch::~Watch() {
  if (line_is_there_) {
    environment_.progress("\r\033[K");
  }
}

Limits Watch::limits() {
  Limits limits;
  limits.states = arguments_.states_max;
  limits.steps = arguments_.steps_max;
  if (arguments_.megabytes_max > 0) {
    limits.bytes = arguments_.megabytes_max * 1'000'000;
  }
  limits.go_on = [this](std::uint64_t states, std::uint64_t /*transitions*/) {
    return go_on("state", states);
  };
  return limits;
}

OrderLimits Watch::order_limits() {
  OrderLimits limits;
  limits.orders = UINT64_MAX;
  limits.steps = arguments_.steps_max;
  limits.go_on = [this](std::uint64_t orders) { return go_on("order", orders); };
  return limits;
}

double Watch::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

bool Watch::go_on(std::string_view unit, std::uint64_t done, std::optional<std::uint64_t> total) {
  if (environment_.progress) {
    tell(unit, done, total);
  }
  return !wish_.is_there();
}

void Watch::tell(std::string_view unit, std::uint64_t done, std::optional<std::uint64_t> total) {
  constexpr auto between_lines = std::chrono::milliseconds(250);
  const auto now = Clock::now();
  if (now - start_ < std::chrono::seconds(1) || now - told_ < between_lines) {
    return;
  }
  told_ = now;
  line_is_there_ = true;
  const double spent = seconds();
  std::string line = counted(done, unit);
  if (total) {
    line = grouped(done) + " of " + counted(*total, unit);
    if (done > 0) {
      const auto rate = static_cast<std::uint64_t>(static_cast<double>(done) / spent);
      const auto left = static_cast<std::uint64_t>(static_cast<double>(*total - done) * spent /
                                                   static_cast<double>(done));
      line += ", " + grouped(rate) + " a second, " + grouped(left) + " s left";
    }
  } else {
    line += ", " + std::to_string(static_cast<std::uint64_t>(spent)) + " s";
  }
  environment_.progress("\r" + what_ + (what_.empty() ? "" : ": ") + line +
                        "; Ctrl-C shows what there is\033[K");
}

}  // namespace racelab
