// Everything that racelab does to a server besides running statements.
#include "sim/drivers/pg_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "sim/drivers/driver_error.h"
#include "sim/parse/server_sql.h"

namespace racelab::drivers {

namespace {

constexpr int version_least = 150'000;  // has_parameter_privilege() is of 15

// Marks a schema as one that a run made: a name alone could be anybody's.
constexpr std::string_view mark = "made by racelab, which drops it";

// The schemas of runs: their names, and the four letters of their numbers.
constexpr std::string_view schemas_of_runs =
    "select nspname, nspowner, substr(nspname, 9, 4) as number from pg_namespace where nspname ~ "
    "'^racelab_[0-9a-f]{4}(_|$)' and obj_description(oid, 'pg_namespace') = ";

// Settings that a server, a database or a user may have otherwise, and that statements or answers hang on.
constexpr std::string_view options_always =
    "-c standard_conforming_strings=on -c client_min_messages=error -c datestyle=ISO -c "
    "intervalstyle=postgres -c timezone=UTC -c statement_timeout=0 -c lock_timeout=0 -c "
    "idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off -c "
    "default_transaction_deferrable=off -c transform_null_equals=off -c jit=off -c "
    "default_tablespace=";

// Of the sessions that run statements; and nobody waits on for a racelab that is gone.
constexpr std::string_view options_of_sessions =
    "-c plan_cache_mode=force_custom_plan -c synchronous_commit=off -c idle_session_timeout=0 -c "
    "client_connection_check_interval=500";

// The advisory keys of a run: 48 bits behind its number; and pairs, of which the first has 16 bits. The least of the long ones is its
// lock.
constexpr unsigned key_bits = 48;
constexpr unsigned first_key_bits = 16;

std::int64_t lock_of(std::int64_t number) {
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(number) << key_bits) |
                                   (std::uint64_t{1} << (key_bits - 1)));
}

std::string one(PgConnection& line, const std::string& select) {
  return line.run(select).front().rows.front().front().value_or("");
}

bool take_lock(PgConnection& line, std::int64_t number) {
  return one(line, fmt::format("select pg_try_advisory_lock({})", lock_of(number))) == "t";
}

void give_lock(PgConnection& line, std::int64_t number) {
  line.run(fmt::format("select pg_advisory_unlock({})", lock_of(number)));
}

// Its sessions first: they may still wait for each other.
void drop_run(PgConnection& line, const std::string& run) {
  const std::vector<PgAnswer> found = line.run(
      fmt::format("select format('drop schema %I cascade;', nspname) from ({}'{}') as it where "
                  "nspname = '{}' or starts_with(nspname, '{}_')",
                  schemas_of_runs, mark, run, run));
  std::string statements;
  for (const auto& row : found.front().rows) {
    statements += *row.front();
  }
  if (statements.empty()) {
    return;
  }
  line.run(fmt::format(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = '{}' and "
      "usename = current_user; set lock_timeout = '20s'; {} reset lock_timeout",
      run, statements));
}

std::vector<std::string> drop_dead_runs(PgConnection& line) {
  std::vector<std::string> dropped;
  const std::vector<PgAnswer> found =
      line.run(fmt::format("select distinct number from ({}'{}') as it where "
                           "pg_has_role(nspowner, 'usage') order by number",
                           schemas_of_runs, mark));
  for (const auto& row : found.front().rows) {
    const std::int64_t number = std::stoll(*row.front(), nullptr, 16);
    if (take_lock(line, number)) {
      dropped.push_back("racelab_" + *row.front());
      drop_run(line, dropped.back());
      give_lock(line, number);
    }
  }
  return dropped;
}

// What would make two connections differ, or undo a setting, or has no business in a line that is printed.
std::string refused_part(const PQconninfoOption& it) {
  const std::string_view name = it.keyword;
  const std::string_view value = it.val == nullptr ? "" : it.val;
  if ((name == "host" || name == "hostaddr" || name == "port") &&
      value.find(',') != std::string_view::npos) {
    return "several servers, and racelab works on one";
  }
  for (const char* never : {"options", "replication", "password", "sslpassword"}) {
    if (name == never && !value.empty()) {
      return fmt::format("'{}', which racelab does not take there", name);
    }
  }
  return "";
}

const std::string& checked(const std::string& url) {
  char* problem = nullptr;
  PQconninfoOption* const parts = PQconninfoParse(url.c_str(), &problem);
  PQfreemem(problem);  // it may quote what it did not understand, and so a password
  if (parts == nullptr) {
    throw DriverError(
        "this is no address of PostgreSQL's; one is postgresql://USER@HOST:5432/DATABASE, or "
        "postgresql:///DATABASE?host=/FOLDER");
  }
  std::string refused;
  for (const PQconninfoOption* it = parts; it->keyword != nullptr; ++it) {
    refused = refused.empty() ? refused_part(*it) : refused;
  }
  PQconninfoFree(parts);
  if (!refused.empty()) {
    throw DriverError(fmt::format("the address of --on names {}", refused));
  }
  return url;
}

PgAddress keeper_address(const std::string& server) {
  return {server, fmt::format("{} -c search_path=pg_catalog,pg_temp", options_always), "racelab",
          ""};
}

// The version, and whether it may be this user.
void look_at_user(PgConnection& line, const ServerRights& rights) {
  if (std::stoi(one(line, "show server_version_num")) < version_least) {
    throw DriverError(fmt::format("this server is PostgreSQL {}; racelab works with 15 or newer",
                                  line.parameter("server_version")));
  }
  line.run("set idle_session_timeout = 0");
  if (line.parameter("is_superuser") == "on" && !rights.as_superuser) {
    throw DriverError(
        "this user is a superuser, whom nothing stops; name a plain user, or say --as-superuser");
  }
  if (one(line, "select pg_is_in_recovery()") == "t") {
    throw DriverError("this server is a standby, which takes no writes; name its primary");
  }
}

void look_at_database(PgConnection& line, const std::string& database, const std::string& user,
                      const ServerRights& rights) {
  if (one(line, "select has_database_privilege(current_database(), 'create')") != "t") {
    throw DriverError(
        fmt::format("{0} may make no schemas in the database {1}; GRANT CREATE ON DATABASE {1} TO "
                    "{0} allows it",
                    user, database));
  }
  const std::string others = one(
      line,
      fmt::format("select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace "
                  "where relkind in ('r', 'p', 'f', 'm') and nspname !~ '^pg_' and nspname <> "
                  "'information_schema' and nspname not in (select nspname from ({}'{}') as it) "
                  "and not exists (select from pg_depend where classid = 'pg_class'::regclass and "
                  "objid = c.oid and deptype = 'e')",
                  schemas_of_runs, mark));
  if (others != "0" && !rights.shared_database) {
    throw DriverError(fmt::format(
        "the database {} holds {} of somebody else; name an empty one, or say --shared-database: "
        "racelab works in schemas of its own",
        database, others == "1" ? "a table" : others + " tables"));
  }
}

}  // namespace

PgRun::PgRun(const std::string& server) : server_(server), line_(context_, keeper_address(server)) {
  take_number();
}

PgRun::PgRun(const std::string& url, const ServerRights& rights)
    : server_(url), guarded_(true), line_(context_, keeper_address(checked(url))) {
  look_at_user(line_, rights);
  user_ = one(line_, "select quote_ident(current_user)");
  database_ = one(line_, "select quote_ident(current_database())");
  look_at_database(line_, database_, user_, rights);
  steers_deadlocks_ =
      one(line_, "select has_parameter_privilege('deadlock_timeout', 'set')") == "t";
  drop_dead_runs(line_);
  take_number();
}

PgRun::~PgRun() {
  try {
    drop_schemas();
  } catch (const DriverError&) {
    // The server is gone: the next run finds the lock free, and drops them.
  }
}

// One that nobody holds, and that no schema is named after; its lock is held from now on. 0 and ffff are left out: there are the
// advisory keys that others are likely to use, small ones and negative ones.
void PgRun::take_number() {
  constexpr int tries_max = 100;
  std::random_device random;
  std::uniform_int_distribution<std::int64_t> numbers(1, 0xFFFE);
  for (int tried = 0; tried < tries_max; ++tried) {
    number_ = numbers(random);
    name_ = fmt::format("racelab_{:04x}", number_);
    if (!take_lock(line_, number_)) {
      continue;
    }
    if (one(line_, fmt::format("select count(*) from pg_namespace where nspname = '{0}' or "
                               "starts_with(nspname, '{0}_')",
                               name_)) == "0") {
      return;
    }
    give_lock(line_, number_);
  }
  throw DriverError("there are too many schemas of racelab's in this database");
}

PgAddress PgRun::address() const {
  PgAddress made{server_, "", name_, ""};
  made.options = fmt::format("{} {} -c search_path={},{},pg_catalog,pg_temp{}", options_always,
                             options_of_sessions, name_, parse::schema_on_server(name_, "racelab"),
                             steers_deadlocks_ ? " -c deadlock_timeout=1h" : "");
  if (guarded_) {
    made.if_lost = fmt::format(
        "what racelab made there, schemas {}…, the next run drops, or `racelab agree --clean`",
        name_);
  }
  return made;
}

std::string PgRun::about() const {
  return fmt::format(
      "racelab works in the database {} as {}, in schemas of its own, {}…, which it drops{}",
      database_, user_, name_,
      steers_deadlocks_
          ? ""
          : fmt::format("; orders with a deadlock are not taken, unless you GRANT SET "
                        "ON PARAMETER deadlock_timeout TO {}",
                        user_));
}

void PgRun::create_schemas(const sql::Schema& schema) {
  std::vector<std::string> names{name_, parse::schema_on_server(name_, "racelab")};
  for (const std::string& it : schema.schemas) {
    const std::string name = parse::schema_on_server(name_, it);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  std::string statements;
  for (const std::string& name : names) {
    statements += fmt::format("create schema {0}; comment on schema {0} is '{1}';",
                              parse::quoted_name(name), mark);
  }
  line_.run(statements);  // together, or not at all
}

void PgRun::drop_schemas() { drop_run(line_, name_); }

std::string PgRun::advisory_functions() const {
  if (!guarded_) {
    return "";
  }
  const std::string own = parse::schema_on_server(name_, "racelab");
  const auto base = static_cast<std::int64_t>(static_cast<std::uint64_t>(number_) << key_bits);
  const auto first =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(number_) << first_key_bits);
  // A CASE whose last branch fails as a cast, and names the key.
  std::string made = fmt::format(
      "create function {0}.long_key(bigint) returns bigint language sql immutable as $$select case "
      "when $1 between -{1} and {1} then ({2}) | ($1 & {3}) else ('{4}' || $1)::bigint end$$;"
      "create function {0}.first_key(int) returns int language sql immutable as $$select case when "
      "$1 between -{5} and {5} then ({6}) | ($1 & {7}) else ('{4}' || $1)::int end$$;",
      own, (std::int64_t{1} << (key_bits - 1)) - 1, base, (std::int64_t{1} << key_bits) - 1,
      advisory_key_too_large, (1 << (first_key_bits - 1)) - 1, first, (1 << first_key_bits) - 1);
  struct Wrapped {
    const char* name;
    const char* answers;
  };
  constexpr Wrapped all[] = {{"pg_advisory_lock", "void"},
                             {"pg_advisory_xact_lock", "void"},
                             {"pg_try_advisory_lock", "boolean"},
                             {"pg_try_advisory_xact_lock", "boolean"},
                             {"pg_advisory_unlock", "boolean"}};
  for (const Wrapped& it : all) {
    made += fmt::format(
        "create function {0}.{1}(bigint) returns {2} language sql volatile as $$select "
        "pg_catalog.{1}({0}.long_key($1))$$;"
        "create function {0}.{1}(int, int) returns {2} language sql volatile as $$select "
        "pg_catalog.{1}({0}.first_key($1), $2)$$;",
        own, it.name, it.answers);
  }
  return made;
}

std::string PgRun::advisory_keys_taken() const {
  const std::string key = "((classid::bigint << 32) | objid::bigint)";
  const std::string taken = fmt::format(
      "from pg_locks where locktype = 'advisory' and granted and database = (select oid from "
      "pg_database where datname = current_database()) and {} <> {}",
      key, lock_of(number_));
  if (!guarded_) {
    return fmt::format("select distinct {} {}", key, taken);
  }
  // The run's number stands in the first 16 bits; what is behind it is a number with a sign.
  return fmt::format(
      "select distinct case objsubid when 1 then ({0} << 16) >> 16 else (((classid::bigint & "
      "65535) "
      "<< 48) >> 16) | objid::bigint end {1} and classid::bigint >> 16 = {2}",
      key, taken, number_);
}

std::vector<std::string> clean_up_after_dead_runs(const std::string& url,
                                                  const ServerRights& rights) {
  boost::asio::io_context context;
  PgConnection line(context, keeper_address(checked(url)));
  look_at_user(line, rights);
  return drop_dead_runs(line);
}

}  // namespace racelab::drivers
