// The servers that --on can name.
#include "sim/drivers/host.h"

#include <fmt/format.h>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/peers.h"
#include "sim/drivers/postgresql.h"
#include "sim/drivers/throwaway_postgresql.h"

namespace racelab::drivers {

namespace {

class OwnPostgreSql final : public Host {
 public:
  std::unique_ptr<RealServer> server_for(const ScriptSetup& setup, const std::string& setup_sql,
                                         Numbers numbers) override {
    return std::make_unique<PostgreSql>(process_.address(), setup, setup_sql, numbers);
  }
  [[nodiscard]] std::string note() const override {
    return process_.runs_as().empty()
               ? ""
               : fmt::format("PostgreSQL refuses to run as root: it runs as the user '{}'",
                             process_.runs_as());
  }

 private:
  ThrowawayPostgreSql process_;
};

}  // namespace

std::unique_ptr<Host> start_host(const std::string& on) {
  if (std::unique_ptr<Host> peer = start_peer(on)) {
    return peer;
  }
  if (on == "postgresql") {
    return std::make_unique<OwnPostgreSql>();
  }
  throw DriverError(fmt::format("--on is postgresql, mariadb or sqlite, not '{}'", on));
}

}  // namespace racelab::drivers
