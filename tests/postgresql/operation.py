"""An operation as its handler runs it: steps go out, answers come in, a client is told."""

import contextlib
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any

from libpq import Answer
from scenario import Assignment, Choice, End, Fleet, ScriptError, Statement

_STATUS_OF_ERROR = {"23505": 409, "23502": 422, "23503": 422, "23514": 422}
_NOT_A_STEP = ("begin", "savepoint", "release")

Name = tuple[int, int]  # of an operation: client, and place in its sequence; from 0


@dataclass(frozen=True)
class Step:
    """A statement, after the BEGIN and SAVEPOINT that belong to it; or nothing but the reply."""

    statement: Statement | None
    parameters: tuple[str | None, ...] = ()
    opening: tuple[str, ...] = ()


class _EndedError(Exception):
    """The script ends with this SQLSTATE."""


class _AnsweredError(Exception):
    """The script ends here, with what it has to answer."""


def _parameter(value: Any) -> str | None:
    return None if value is None else str(value)


def _status_of_error(code: str) -> int:
    return _STATUS_OF_ERROR.get(code) or (422 if code.startswith("22") else 500)


class Operation:
    """One operation, tried once. `told` is ok, refused or failed."""

    def __init__(self, fleet: Fleet, name: Name, memory: dict, evaluate: Callable) -> None:
        client, place = name
        self.name = name
        self.script = fleet.sequences[client][place]
        self.told = ""
        self.found_locked: list = []  # by its statements that pass over locks, one after the other
        self.lists: dict[str, tuple[bool, list[tuple]]] = {}
        self._evaluate = evaluate
        self._wrapped = fleet.isolation != "autocommit" and not self.script.transactions
        self._opening: list[str] = []
        self._is_untouched = True
        self.variables = {"key": f"key-{client}-{place + 1}"}
        self.variables |= fleet.scenario.parameters_of(client) | memory
        self.variables |= {"client_id": client, "operation": place + 1, "attempt": 1, "status": 200}
        for statement in self.script.statements:
            self.variables |= dict.fromkeys(statement.caught.values(), 0)

    @property
    def status(self) -> int:
        """The HTTP status that the client was told."""
        return self.variables["status"]

    @property
    def reply(self) -> dict[str, Any]:
        """What was answered besides the status."""
        return {name: self.variables.get(name) for name in self.script.reply}

    def steps(self) -> Generator[Step, Answer | None, None]:
        """Yield all steps; each wants the answer to the one before."""
        try:
            yield from self._attempt()
        except (_EndedError, ScriptError) as end:
            code = str(end) if isinstance(end, _EndedError) else ""
            self.variables = {"status": _status_of_error(code)}
            self.lists = {}
        if 200 <= self.status < 400:
            self.told = "ok"
        elif 400 <= self.status < 500 and self.status not in self.script.refusals:
            self.told = "refused"
        else:
            self.told = "failed"

    def _attempt(self) -> Generator[Step, Answer | None, None]:
        if self._wrapped:
            self._opening = ["begin"]
        with contextlib.suppress(_AnsweredError):
            yield from self._run(self.script.body)
        if self._is_untouched:
            yield Step(None)
        elif self._wrapped:
            yield from self._execute(Statement("commit" if self.status < 300 else "rollback"))

    def _run(self, items: Iterable) -> Generator[Step, Answer | None, None]:
        for item in items:
            if isinstance(item, Assignment):
                self.variables[item.name] = self._evaluate(item.expression, self.variables)
            elif isinstance(item, Choice):
                for condition, body in item.arms:
                    if self._evaluate(condition, self.variables):
                        yield from self._run(body)
                        break
            elif isinstance(item, End):
                raise _AnsweredError
            elif item.first_word in _NOT_A_STEP:
                self._opening.append(item.sql)
            else:
                yield from self._execute(item)

    def _execute(self, statement: Statement) -> Generator[Step, Answer | None, None]:
        unknown = set(statement.variables) - set(self.variables)
        if unknown and not statement.takes_unset:
            raise ScriptError(f"undefined: {unknown}")
        parameters = tuple(_parameter(self.variables.get(name)) for name in statement.variables)
        step = Step(statement, parameters, tuple(self._opening))
        self._opening = []
        self._is_untouched = False
        answer = yield step
        if answer.code in statement.caught:
            self.variables[statement.caught[answer.code]] = 1
        elif answer.code:
            raise _EndedError(answer.code)
        else:
            self._store(statement, answer)

    def _store(self, statement: Statement, answer: Answer) -> None:
        if statement.store == "gset" and len(answer.rows) != 1:
            raise ScriptError(f"{len(answer.rows)} rows from {statement.sql}")
        if statement.store and answer.rows:
            for column, value in zip(answer.columns, answer.rows[-1], strict=True):
                self.variables[statement.prefix + column] = value
        if statement.rows:
            self.lists[statement.rows] = (statement.is_ordered, answer.rows)
