"""The tables of a scenario: set up again for every execution, read at its end, checked."""

import datetime
import json
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from libpq import Connection, Timestamp
from operation import Operation
from outcome import Bag, Generated
from scenario import Keyed, Scenario, ScriptError, Statement

_OURS = "not in ('pg_catalog', 'information_schema', 'racelab', 'racelab_seed')"
# Generators start at a million each, and an integer in a generator's range is taken for generated.
_RANGE = 1_000_000
_CLOCK_TICK_SECONDS = 10  # an execution takes less
_VARIABLE = re.compile(r":(\w+)")


class Locked(NamedTuple):
    """Rows that a statement found locked."""

    table: str
    key: str
    values: tuple


class Tables:
    """A scenario's tables, on connections beside those of the clients."""

    def __init__(self, address: str, scenario: Scenario) -> None:
        self._scenario = scenario
        self._monitor = Connection(address)
        self._locker = Connection(address)
        self._reset_time = 0.0
        self._evaluated: dict[str, Any] = {}
        self._create()
        self._names = [
            name
            for name, in self._monitor.rows(
                "select concat(nullif(schemaname, 'public') || '.', tablename) from pg_tables"
                f" where schemaname {_OURS} order by schemaname, tablename"
            )
        ]
        self._generators = [
            name
            for name, in self._monitor.rows(
                "select schemaname || '.' || sequencename from pg_sequences order by 1"
            )
        ]
        self._keys = dict(
            self._monitor.rows(
                "select indrelid::regclass::text, attname::text from pg_index join pg_attribute"
                " on attrelid = indrelid and attnum = indkey[0] where indisprimary"
            )
        )
        self._reset_statements = self._remember_start()

    def close(self) -> None:
        """End the connections."""
        self._monitor.close()
        self._locker.close()

    def _create(self) -> None:
        schemas = self._monitor.rows(
            "select nspname::text from pg_namespace"
            " where nspname !~ '^pg_' and nspname <> 'information_schema'"
        )
        for (schema,) in schemas:
            self._monitor.run(f"drop schema {schema} cascade")
        for schema in ["public", "racelab", "racelab_seed"]:
            self._monitor.run(f"create schema {schema}")
        self._monitor.run(self._scenario.setup)
        columns = "".join(f", {name} bigint" for name in self._scenario.replies)
        self._monitor.run(
            "create table racelab.answer"
            f" (client integer, operation integer, endpoint text, status integer{columns})",
            f"create table {Keyed.TABLE} (key text primary key, status integer{columns})",
            # A child may be filled before its parent when the start is laid again.
            "set session_replication_role = replica",
        )

    def _remember_start(self) -> list[str]:
        """Copy what the setup inserted; return the statements that bring it back, row by row."""
        statements = [f"truncate racelab.answer, {Keyed.TABLE}, {', '.join(self._names)}"]
        for name in self._names:
            seed = f"racelab_seed.{name.replace('.', '_')}"
            self._monitor.run(f"create table {seed} as select * from {name}")
            statements.append(f"insert into {name} overriding system value select * from {seed}")
        for number, generator in enumerate(self._generators, 1):
            statements.append(f"select setval('{generator}', {number * _RANGE}, false)")
        return statements

    def reset(self) -> None:
        """Lay the scenario's start again."""
        self._monitor.run(*self._reset_statements)
        self._reset_time = time.time()

    def contents(self) -> list[tuple[str, Bag]]:
        """Read all rows of all tables."""
        tables = self._monitor.run(*(f"select * from {name}" for name in self._names))
        return [
            (name, Bag(self.marked(row) for row in rows))
            for name, rows in zip(self._names, tables, strict=True)
        ]

    def marked(self, values: Iterable) -> list:
        """Mark the values that were generated, and tell times from the start."""
        return [self._marked(value) for value in values]

    def _marked(self, value: Any) -> Any:
        if type(value) is int and 1 <= value // _RANGE <= len(self._generators):
            return Generated(value // _RANGE, value)
        if isinstance(value, Timestamp):
            moment = datetime.datetime.fromisoformat(value).timestamp()
            ticks = round((moment - self._reset_time) / _CLOCK_TICK_SECONDS)
            return f"start {ticks * _CLOCK_TICK_SECONDS:+d} s"
        return value

    def answers(self, operation: Operation) -> list:
        """Say what the client was told of an operation that was answered."""
        lists = [
            (name, (list if is_ordered else Bag)(self.marked(row) for row in rows))
            for name, (is_ordered, rows) in operation.lists.items()
        ]
        reply = self.marked(operation.reply.values())
        return [operation.name, operation.told, operation.status, reply, lists]

    def is_blocked(self, connection: Connection) -> bool:
        """Ask whether the connection's statement waits for a lock."""
        ((blockers,),) = self._monitor.rows(
            "select cardinality(pg_blocking_pids($1))", str(connection.process)
        )
        return blockers > 0

    def cancel(self, connection: Connection) -> None:
        """End the connection's statement."""
        self._monitor.rows("select pg_cancel_backend($1)", str(connection.process))

    def evaluate(self, expression: str, variables: dict[str, Any]) -> Any:
        """Work out a script's expression; on numbers and NULL the server does what pgbench does."""

        def literal(match: re.Match) -> str:
            value = variables.get(match[1], "")
            if isinstance(value, str):
                raise ScriptError(f"{match[0]} is no number")
            return f"({json.dumps(value)})"

        sql = _VARIABLE.sub(literal, expression)
        if sql not in self._evaluated:
            answer = self._monitor.ask(f"select {sql}")
            if answer.code:
                raise ScriptError(answer.message)
            self._evaluated[sql] = answer.rows[0][0]
        return self._evaluated[sql]

    def locked_rows(self, statement: Statement) -> Locked | None:
        """Find the rows that the statement will pass over, if it is sent now."""
        table = re.search(r"\bfrom\s+([\w.]+)", statement.sql)[1]
        key = self._keys[table]
        locked = self._locker.rows(
            f"with free as materialized (select {key} from {table} for update skip locked)"
            f" select {key} from {table} except select {key} from free order by {key}"
        )
        return Locked(table, key, tuple(value for value, in locked)) if locked else None

    def lock(self, rows: Locked) -> None:
        """Hold the rows, until `unlock`."""
        values = ", ".join(map(repr, rows.values))
        self._locker.run(
            "begin", f"select from {rows.table} where {rows.key} in ({values}) for update"
        )

    def unlock(self) -> None:
        """Let go of what `lock` holds."""
        self._locker.run("rollback")

    def failed_checks(self, operations: list[Operation]) -> int:
        """Count the scenario's checks that do not hold."""
        checks = self._scenario.checks
        if not checks:
            return 0
        answers = self._published(operations) if "racelab.answer" in "".join(checks) else []
        results = self._monitor.run(*answers, *checks)[-len(checks) :]
        return sum(rows != [(True,)] for rows in results)

    def _published(self, operations: list[Operation]) -> Iterator[str]:
        """Yield statements that fill the table of answers; replies in it are numbers."""
        for operation in operations:
            client, place = operation.name
            name = operation.script.name
            replies = [operation.reply.get(reply) for reply in self._scenario.replies]
            numbers = json.dumps([operation.status, *replies])[1:-1]
            yield f"insert into racelab.answer values ({client}, {place + 1}, '{name}', {numbers})"
