// Orders per second on real servers: two clients that read a row and write it, as explore --on runs them; and the floor of
// PostgreSQL: the same statements, reset and reading of contents on one connection, nobody else there. Its target is half the floor,
// SQLite's three times PostgreSQL's. bench/real_servers.sh prints the ratios.
#include <benchmark/benchmark.h>

#include "sim/drivers/postgresql.h"
#include "sim/drivers/throwaway_postgresql.h"
#include "sim/explore/explore_on.h"
#include "sim/parse/scenario_folder.h"

namespace racelab {

namespace {

constexpr const char* tables =
    "create table t (id int primary key, n int not null); insert into t values (1, 0);";

struct ReadThenWrite {
  parse::ScriptScenario scenario;
  ScriptSetup setup;

  ReadThenWrite() {
    parse::FolderTexts texts;
    texts.name = "bench";
    texts.setup = {"setup.sql", tables};
    texts.endpoints.emplace_back("e", parse::Source{"e.sql",
                                                    "begin;\n"
                                                    "select n from t where id = 1 \\gset\n"
                                                    "update t set n = :n + 1 where id = 1;\n"
                                                    "commit;\n"});
    scenario = parse::compile(texts, {{"isolation", "read-committed"}});
    setup = parse::setup_of(scenario, "e");
  }
};

// The one server of all that is measured.
const std::string& postgresql() {
  static const drivers::ThrowawayPostgreSql process;
  static const std::string address = process.address();
  return address;
}

void explore_again_and_again(benchmark::State& state, const ScriptSetup& setup,
                             RealServer& server) {
  std::uint64_t orders = 0;
  ExploreOnOptions options;
  options.example = false;
  options.go_on = [&orders](std::uint64_t done) {
    orders += done > 0 ? 1 : 0;
    return true;
  };
  for (auto _ : state) {
    benchmark::DoNotOptimize(explore_on(setup, server, options).odds.orders_violating);
    ++orders;  // after the last one nobody is asked
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(orders));
}

void real_postgresql(benchmark::State& state) {
  const ReadThenWrite laid;
  drivers::PgRun run(postgresql());
  drivers::PostgreSql server(run, laid.setup, tables, drivers::Numbers::in_millions);
  explore_again_and_again(state, laid.setup, server);
}

void real_sqlite(benchmark::State& state) {
  const ReadThenWrite laid;
  const std::unique_ptr<drivers::Host> host = drivers::start_host("sqlite");
  const std::unique_ptr<RealServer> server =
      host->server_for(laid.setup, tables, drivers::Numbers::in_millions);
  explore_again_and_again(state, laid.setup, *server);
}

void real_postgresql_floor(benchmark::State& state) {
  boost::asio::io_context context;
  drivers::PgConnection line(context, {postgresql(), "-c synchronous_commit=off", "racelab", ""});
  line.run(std::string("drop table if exists t, start;") + tables +
           "create table start as select * from t");
  const auto ask = [&line](const std::string& statement,
                           const std::vector<drivers::PgText>& parameters) {
    line.queue(statement, parameters);
    line.send();
    return line.receive_each();
  };
  for (auto _ : state) {
    line.queue("delete from t", {});
    ask("insert into t select * from start", {});
    for (int client = 0; client < 2; ++client) {
      line.queue_word("begin");
      const std::vector<drivers::PgAnswer> seen = ask("select n from t where id = 1", {});
      ask("update t set n = $1 + 1 where id = 1", {seen.back().rows.front().front()});
      ask("commit", {});
    }
    benchmark::DoNotOptimize(ask("select * from t", {}));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

BENCHMARK(real_postgresql)->UseRealTime()->MinTime(2);
BENCHMARK(real_postgresql_floor)->UseRealTime()->MinTime(2);
BENCHMARK(real_sqlite)->UseRealTime()->MinTime(2);

}  // namespace

}  // namespace racelab
